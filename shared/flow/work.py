"""Durable work: a row that says what to do to the outside world and when, and survives everything.

A job is claimed under a lease (its due time moves to the lease's end, and on while the worker lives), worked without a
transaction open, and ended in the transaction that records its outcome. Attempts, failures, back-off and death live in the row.
A claim that outlived its lease cannot end the job: `attempts` fences it. Due times are the database's: no process's clock counts.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.db.engine import Database, Transaction
from shared.db.seal import PLATFORM
from shared.errors import Conflict
from shared.telemetry.traces import current_traceparent

_ADD = """
WITH turn AS (
  INSERT INTO flow.turns (function, tenant_id) VALUES (:function, :tenant) ON CONFLICT DO NOTHING
)
INSERT INTO flow.work (tenant_id, function, kind, key, payload, due_at, traceparent)
VALUES (:tenant, :function, :kind, :key, CAST(:payload AS jsonb), clock_timestamp() + make_interval(secs => :delay), :traceparent)
ON CONFLICT DO NOTHING
"""
_CLAIM = "SELECT tenant_id, kind, key, payload, attempts, failures, traceparent, created_at, due_at FROM flow.claim_work(:lease)"
# A job that was ended or postponed meanwhile has another due time, and is let alone.
_KEEP = """
UPDATE flow.work SET due_at = clock_timestamp() + make_interval(secs => :lease)
WHERE tenant_id = :tenant AND function = :function AND kind = :kind AND key = :key AND attempts = :attempts AND state = 'pending'
  AND due_at = :leased_until
RETURNING due_at
"""
_REMEMBER = """
UPDATE flow.work SET payload = CAST(:payload AS jsonb)
WHERE tenant_id = :tenant AND function = :function AND kind = :kind AND key = :key AND attempts = :attempts AND state = 'pending'
RETURNING 1
"""
_PENDING = """
SELECT 1 FROM flow.work WHERE tenant_id = :tenant AND function = :function AND kind = :kind AND key = :key AND state = 'pending'
"""
_SETTLE = """
UPDATE flow.work SET state = 'done', finished_at = now()
WHERE tenant_id = :tenant AND function = :function AND kind = :kind AND key = :key AND state = 'pending'
"""
_BRING_FORWARD = """
UPDATE flow.work SET due_at = clock_timestamp() + make_interval(secs => :delay)
WHERE tenant_id = :tenant AND function = :function AND kind = :kind AND key = :key AND state = 'pending'
  AND due_at > clock_timestamp() + make_interval(secs => :delay)
"""
_END = """
UPDATE flow.work SET state = :state, due_at = COALESCE(clock_timestamp() + make_interval(secs => :delay), due_at),
  last_error = CAST(:error AS text),
  failures = CASE WHEN CAST(:error AS text) IS NULL THEN 0 ELSE failures + 1 END,
  payload = COALESCE(CAST(:payload AS jsonb), payload),
  finished_at = CASE WHEN :state = 'pending' THEN NULL ELSE now() END
WHERE tenant_id = :tenant AND function = :function AND kind = :kind AND key = :key AND attempts = :attempts AND state = 'pending'
RETURNING 1
"""


class LeaseLost(Conflict):
    """Another worker has taken the job since; whatever this one learnt must not be recorded."""

    slug = "lease-lost"


@dataclass(frozen=True)
class Job:
    """One claimed job. `payload` holds JSON values; `attempts` counts claims, this one included, `failures` the postponements
    with an error since the last one without."""

    tenant: str
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int
    failures: int
    traceparent: str
    created_at: datetime
    leased_until: datetime


@dataclass(frozen=True)
class Work:
    """The work of one function."""

    function: str

    def add(
        self,
        tx: Transaction,
        kind: str,
        key: str,
        payload: dict[str, Any] | None = None,
        *,
        delay: timedelta = timedelta(),
    ) -> None:
        """One job a (tenant, kind, key), ever: adding it again changes nothing."""
        tx.rows(
            _ADD,
            function=self.function,
            tenant=tx.tenant,
            kind=kind,
            key=key,
            payload=payload or {},
            delay=delay.total_seconds(),
            traceparent=current_traceparent(),
        )

    def claim(self, database: Database, *, lease: timedelta) -> Job | None:
        """The fairest due job over all tenants, or None."""
        with database.transaction(PLATFORM) as tx:
            row = tx.row(_CLAIM, lease=int(lease.total_seconds()))
        if row is None:
            return None
        return Job(*row)

    def keep(self, database: Database, job: Job, *, lease: timedelta) -> Job | None:
        """The job under a lease that runs on from now; None when it is no longer this claim's."""
        with database.transaction(job.tenant) as tx:
            row = tx.row(
                _KEEP,
                lease=int(lease.total_seconds()),
                tenant=job.tenant,
                function=self.function,
                kind=job.kind,
                key=job.key,
                attempts=job.attempts,
                leased_until=job.leased_until,
            )
        return replace(job, leased_until=row.due_at) if row else None

    def remember(self, tx: Transaction, job: Job, payload: dict[str, Any]) -> Job:
        """The job with another payload, still under its claim: what is about to happen outside is known even if nobody returns."""
        held = {"tenant": job.tenant, "function": self.function, "kind": job.kind, "key": job.key, "attempts": job.attempts}
        if not tx.rows(_REMEMBER, payload=payload, **held):
            raise LeaseLost(kind=job.kind, key=job.key)
        return replace(job, payload=payload)

    def finish(self, tx: Transaction, job: Job) -> None:
        self._end(tx, job, "done", None)

    def postpone(
        self,
        tx: Transaction,
        job: Job,
        delay: timedelta,
        *,
        error: str | None = None,
        payload: dict[str, Any] | None = None,
    ) -> None:
        """Due again after `delay`; `payload` replaces what the job remembers."""
        self._end(tx, job, "pending", delay, error, payload)

    def bury(self, tx: Transaction, job: Job, error: str) -> None:
        """Dead: listed and replayed by people."""
        self._end(tx, job, "dead", None, error)

    def bring_forward(self, tx: Transaction, kind: str, key: str, delay: timedelta) -> None:
        """Due after `delay` at the latest."""
        tx.rows(_BRING_FORWARD, tenant=tx.tenant, function=self.function, kind=kind, key=key, delay=delay.total_seconds())

    def is_pending(self, tx: Transaction, kind: str, key: str) -> bool:
        """Whether the job is still to be done, in somebody's hands or not."""
        return bool(tx.rows(_PENDING, tenant=tx.tenant, function=self.function, kind=kind, key=key))

    def settle(self, tx: Transaction, kind: str, key: str) -> None:
        """The job turned out to be done, whoever holds it."""
        tx.rows(_SETTLE, tenant=tx.tenant, function=self.function, kind=kind, key=key)

    def _end(
        self,
        tx: Transaction,
        job: Job,
        state: str,
        delay: timedelta | None,
        error: str | None = None,
        payload: dict[str, Any] | None = None,
    ) -> None:
        ended = tx.rows(
            _END,
            state=state,
            delay=delay.total_seconds() if delay is not None else None,
            error=error and error[:500],
            payload=payload,
            tenant=job.tenant,
            function=self.function,
            kind=job.kind,
            key=job.key,
            attempts=job.attempts,
        )
        if not ended:
            raise LeaseLost(kind=job.kind, key=job.key)


def backoff(attempts: int, *, first: timedelta = timedelta(seconds=1), cap: timedelta = timedelta(minutes=10)) -> timedelta:
    """Doubling from `first` to `cap`, with full jitter on the upper half so that a crowd spreads out."""
    base: timedelta = min(first * (1 << min(attempts - 1, 30)), cap)
    return base * (0.5 + random.random() / 2)
