"""relay's table, its view of the flow tables, and all its SQL."""

from collections.abc import Sequence

from functions.relay.domain import DeadLetter, Subscription
from shared.db.engine import Record, Transaction
from shared.events.envelope import Envelope

_EVENT = "id::text AS id, tenant_id, type, source, subject, sequence, partitionkey, traceparent, dataref, sig, data, recorded_at"
_LEASE = f"""
UPDATE flow.outbox SET lease_until = now() + make_interval(secs => 30), attempts = attempts + 1 WHERE id IN (
  SELECT id FROM flow.outbox WHERE sent_at IS NULL AND recorded_at < now() - make_interval(secs => CAST(:after AS float8))
    AND (lease_until IS NULL OR lease_until < now())
  ORDER BY recorded_at LIMIT :limit FOR UPDATE SKIP LOCKED
) RETURNING {_EVENT}
"""
_SENT = "UPDATE flow.outbox SET sent_at = now(), lease_until = NULL WHERE id = ANY(CAST(:ids AS uuid[]))"
_UNSEEN = f"""
UPDATE flow.outbox SET attempts = attempts + 1,
  lease_until = now() + make_interval(secs => CAST(:after AS float8) * power(2, least(attempts, 10)))
WHERE id IN (
  SELECT o.id FROM flow.outbox o
  JOIN unnest(CAST(:types AS text[]), CAST(:consumers AS text[])) AS s (type, consumer) ON s.type = o.type
  WHERE o.sent_at < now() - make_interval(secs => CAST(:after AS float8))
    AND o.recorded_at > now() - make_interval(secs => CAST(:window AS float8))
    AND (o.lease_until IS NULL OR o.lease_until < now())
    AND NOT EXISTS (SELECT FROM flow.inbox i
      WHERE i.tenant_id = o.tenant_id AND i.consumer = s.consumer AND i.source = o.source AND i.id = o.id::text)
  ORDER BY o.recorded_at LIMIT :limit
) RETURNING {_EVENT}
"""
_DUE = "SELECT function, count(*) AS n FROM flow.work WHERE state = 'pending' AND due_at <= now() GROUP BY function"
_SEAL = """
WITH ripe AS (
  SELECT tenant_id FROM flow.outbox WHERE NOT sealed GROUP BY tenant_id
  HAVING min(recorded_at) < now() - make_interval(secs => CAST(:after AS float8)) OR count(*) >= 1000
), turns AS (
  INSERT INTO flow.turns (function, tenant_id) SELECT 'audit', tenant_id FROM ripe ON CONFLICT DO NOTHING
)
INSERT INTO flow.work (tenant_id, function, kind, key, due_at, traceparent)
SELECT tenant_id, 'audit', 'seal', 'outbox', now(), :traceparent FROM ripe
ON CONFLICT (tenant_id, function, kind, key) DO UPDATE
  SET state = 'pending', due_at = now(), failures = 0, traceparent = excluded.traceparent
WHERE flow.work.state <> 'pending'
"""
_BURY = """
INSERT INTO relay.dead_letters (id, company, event_source, event_id, type, destination, code, reason, headers, body)
VALUES (CAST(:id AS uuid), :company, :event_source, :event_id, :type, :destination, :code, :reason, CAST(:headers AS jsonb), :body)
ON CONFLICT (event_source, event_id, destination) DO UPDATE SET received_at = now(), replayed_at = NULL,
  code = excluded.code, reason = excluded.reason
"""
_LETTERS = """
SELECT id::text AS id, company, event_source, event_id, type, destination, code, reason, received_at, replayed_at
FROM relay.dead_letters WHERE CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid) ORDER BY id DESC LIMIT :limit
"""
_LETTER = "SELECT id::text AS id, headers, body FROM relay.dead_letters WHERE id = CAST(:id AS uuid)"
_REPLAYED = "UPDATE relay.dead_letters SET replayed_at = now() WHERE id = CAST(:id AS uuid)"
_DEAD_WORK = """
SELECT tenant_id, function, kind, key, attempts, last_error, finished_at FROM flow.work WHERE state = 'dead'
ORDER BY finished_at DESC LIMIT :limit
"""
_REVIVE = """
UPDATE flow.work SET state = 'pending', due_at = now(), failures = 0, finished_at = NULL
WHERE tenant_id = :company AND function = :function AND kind = :kind AND key = :key AND state = 'dead' RETURNING 1
"""
BATCH = 200


def _envelope(row: Record) -> Envelope:
    return Envelope(
        id=row.id,
        type=row.type,
        source=row.source,
        subject=row.subject,
        tenant=row.tenant_id,
        time=row.recorded_at,
        sequence=row.sequence,
        partitionkey=row.partitionkey,
        traceparent=row.traceparent,
        sig=row.sig,
        data=row.data,
        dataref=row.dataref,
    )


def lease_unsent(tx: Transaction, *, after: float) -> list[Envelope]:
    """Facts that nobody has sent `after` seconds since they were recorded, leased for half a minute."""
    return [_envelope(row) for row in tx.rows(_LEASE, after=after, limit=BATCH)]


def mark_sent(tx: Transaction, ids: Sequence[str]) -> None:
    tx.rows(_SENT, ids=list(ids))


def lease_unseen(tx: Transaction, subscriptions: Sequence[Subscription], *, after: float, window: float) -> list[Envelope]:
    """Facts of the last `window` seconds that were sent and that some consumer's inbox lacks; each try waits twice as long."""
    rows = tx.rows(
        _UNSEEN,
        types=[s.type for s in subscriptions],
        consumers=[s.consumer for s in subscriptions],
        after=after,
        window=window,
        limit=BATCH,
    )
    return [_envelope(row) for row in rows]


def due(tx: Transaction) -> dict[str, int]:
    """How many jobs of each function are due."""
    return {row.function: int(row.n) for row in tx.rows(_DUE)}


def order_sealing(tx: Transaction, *, after: float, traceparent: str) -> None:
    """One seal job for every tenant whose oldest unsealed fact is older than `after` seconds, or that has a thousand."""
    tx.rows(_SEAL, after=after, traceparent=traceparent)


def bury(tx: Transaction, letter_id: str, letter: DeadLetter) -> None:
    """Keep a dead letter; the same delivery dying again refreshes its row."""
    tx.rows(_BURY, id=letter_id, **letter.__dict__)


def letters(tx: Transaction, *, before: str | None, limit: int) -> list[Record]:
    """Dead letters, newest first."""
    return list(tx.rows(_LETTERS, before=before, limit=limit))


def letter(tx: Transaction, letter_id: str) -> Record | None:
    return tx.row(_LETTER, id=letter_id)


def mark_replayed(tx: Transaction, letter_id: str) -> None:
    tx.rows(_REPLAYED, id=letter_id)


def dead_work(tx: Transaction, limit: int) -> list[Record]:
    """Dead jobs of every function, the latest first."""
    return list(tx.rows(_DEAD_WORK, limit=limit))


def revive(tx: Transaction, *, company: str, function: str, kind: str, key: str) -> bool:
    """Make a dead job due again; False when there is no such dead job."""
    return bool(tx.rows(_REVIVE, company=company, function=function, kind=kind, key=key))
