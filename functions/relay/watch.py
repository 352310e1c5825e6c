"""The watch: each second, send what was not sent, wake who has work, order what must be sealed; now and then, heal.

Nobody else polls. It keeps no state: a second relay, or none for a while, costs time and nothing more.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from functions.relay import store
from functions.relay.domain import Subscription
from shared.db.seal import PLATFORM
from shared.errors import AppError
from shared.events.catalogue import WorkDue
from shared.events.envelope import Envelope
from shared.http.shell import Shell
from shared.telemetry.traces import current_traceparent

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
HEAL_EVERY_SECONDS = 15.0
RECENT_SECONDS = 900.0
WHOLE_LOG_SECONDS = 35 * 86400.0


class Watch:
    """Its clocks, in seconds: how old an unsent fact, an unseen fact and an unsealed fact may grow."""

    def __init__(self, subscriptions: Sequence[Subscription], *, sweep_after: float, heal_after: float, seal_after: float) -> None:
        self._subscriptions = subscriptions
        self._sweep_after, self._heal_after, self._seal_after = sweep_after, heal_after, seal_after
        self._stop = threading.Event()

    @contextmanager
    def running(self, shell: "Shell[Watch]") -> Iterator[None]:
        """Tick in a thread of its own until the process stops."""
        thread = threading.Thread(target=self._loop, args=(shell,), name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(timeout=10)

    def _loop(self, shell: "Shell[Watch]") -> None:
        healed = 0.0
        while not self._stop.wait(TICK_SECONDS):
            try:
                self.tick(shell)
                if time.monotonic() - healed > HEAL_EVERY_SECONDS:
                    healed = time.monotonic()
                    self.heal(shell, window=RECENT_SECONDS)
            except AppError:
                log.warning("a tick was lost; the next one does its work", exc_info=True)
            except Exception:
                log.exception("a tick failed")

    def tick(self, shell: "Shell[Watch]") -> None:
        """One second's work."""
        with shell.transaction(PLATFORM) as tx:
            unsent = store.lease_unsent(tx, after=self._sweep_after)
            store.order_sealing(tx, after=self._seal_after, traceparent=current_traceparent())
            due = store.due(tx)
        self._send(shell, unsent)
        for function, count in due.items():
            shell.publisher.post(shell.announcer.envelope(WorkDue(count=count), tenant=PLATFORM, subject=function))

    def heal(self, shell: "Shell[Watch]", *, window: float = WHOLE_LOG_SECONDS) -> int:
        """Send again what a consumer has not seen; the number of facts sent. A consumer that saw one knows it as duplicate."""
        with shell.transaction(PLATFORM) as tx:
            unseen = store.lease_unseen(tx, self._subscriptions, after=self._heal_after, window=window)
        if unseen:
            log.warning("sending again what a consumer has not seen", extra={"facts": len(unseen)})
        return sum(shell.publisher.post(envelope) for envelope in unseen)

    def _send(self, shell: "Shell[Watch]", envelopes: Sequence[Envelope]) -> None:
        sent = [envelope.id for envelope in envelopes if shell.publisher.post(envelope)]
        if sent:
            with shell.transaction(PLATFORM) as tx:
                store.mark_sent(tx, sent)
