"""The publisher: after commit a small pool hands outbox rows to `K_SINK`, never a request thread.

What it does not manage (no sink, time-out, a killed process) stays unsent, and relay sweeps it by lease.
"""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from shared.db.engine import Database, Transaction
from shared.errors import AppError
from shared.events.envelope import Envelope

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

_MARK = "UPDATE flow.outbox SET sent_at = now(), attempts = attempts + 1 WHERE id = ANY(CAST(:ids AS uuid[])) AND sent_at IS NULL"
TIMEOUT_SECONDS = 2.0


class Publisher:
    """Posts envelopes to one sink and marks their rows as sent."""

    def __init__(self, sink: str | None, database: Database, *, threads: int = 2) -> None:
        self._sink = sink
        self._database = database
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="publisher")

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx  # 100 ms; the first event pays it, not the readiness probe

        return httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)

    def after_commit(self, tx: Transaction) -> None:
        """Arrange that what `tx` announced is posted once it has committed."""
        if self._sink is not None:
            tx.after_commit.append(lambda: self._submit(tx.announced))

    def _submit(self, envelopes: Sequence[Envelope]) -> None:
        if envelopes:
            self._pool.submit(self._deliver, tuple(envelopes))

    def _deliver(self, envelopes: Sequence[Envelope]) -> None:
        try:
            sent = [e for e in envelopes if self.post(e)]
            if sent:
                with self._database.transaction(sent[0].tenant) as tx:
                    tx.rows(_MARK, ids=[e.id for e in sent])
        except AppError:
            log.warning("events stay in the outbox for relay", exc_info=True)

    def post(self, envelope: Envelope) -> bool:
        """True if the sink took the event (2xx)."""
        return self.send(*envelope.to_http())

    def send(self, headers: Mapping[str, str], body: bytes) -> bool:
        """The same for an event that is already in its HTTP form."""
        import httpx  # as above

        if self._sink is None:
            return False
        try:
            answer = self._client.post(self._sink, headers=dict(headers), content=body)
        except httpx.HTTPError as error:
            log.warning("the sink did not take an event", extra={"reason": type(error).__name__})
            return False
        if not answer.is_success:
            log.warning("the sink refused an event", extra={"status": answer.status_code})
        return answer.is_success

    def close(self) -> None:
        """Let what is in hand go out; the rest is relay's."""
        self._pool.shutdown(wait=True, cancel_futures=False)
