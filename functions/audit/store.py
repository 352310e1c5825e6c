"""audit's tables, the unsealed end of the outbox, and all its SQL."""

from collections.abc import Iterator

from functions.audit.domain import GENESIS, Fact, Sealed
from shared.db.engine import Record, Transaction

_LOCK_HEAD = """
INSERT INTO audit.heads (tenant_id, seq, hash) VALUES (:tenant, 0, :genesis)
ON CONFLICT (tenant_id) DO UPDATE SET sealed_at = now() RETURNING seq, hash
"""
_UNSEALED = """
SELECT id::text AS id, type, source, subject, sequence, traceparent, recorded_at, data FROM flow.outbox
WHERE tenant_id = :tenant AND NOT sealed ORDER BY seq LIMIT :limit
"""
_ADD = """
WITH added AS (
  INSERT INTO audit.records (tenant_id, seq, event_id, record, hash_prev, hash_curr)
  SELECT :tenant, * FROM unnest(CAST(:seqs AS bigint[]), CAST(:ids AS uuid[]), CAST(:records AS text[]),
    CAST(:prevs AS text[]), CAST(:currs AS text[]))
), marked AS (
  UPDATE flow.outbox SET sealed = true WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))
)
UPDATE audit.heads SET seq = :seq, hash = :hash, sealed_at = now() WHERE tenant_id = :tenant
"""
_HEAD = """
SELECT h.seq, h.hash, (SELECT max(r.seq) FROM audit.records r WHERE r.tenant_id = :tenant) AS last
FROM (SELECT) AS nothing LEFT JOIN audit.heads h ON h.tenant_id = :tenant
"""
_PENDING = "SELECT count(*) AS n FROM flow.outbox WHERE tenant_id = :tenant AND NOT sealed"
_BATCH = """
SELECT seq, event_id::text AS event_id, record, hash_prev, hash_curr FROM audit.records
WHERE tenant_id = :tenant AND seq > :after AND seq <= :upto ORDER BY seq LIMIT :limit
"""
_PAGE = """
SELECT seq, record, hash_prev, hash_curr, sealed_at FROM audit.records
WHERE tenant_id = :tenant AND seq < :before ORDER BY seq DESC LIMIT :limit
"""
_ROWS_AT_ONCE = 1000


def lock_head(tx: Transaction) -> tuple[int, str]:
    """The end of the tenant's chain, locked until the transaction ends: one writer a chain."""
    row = tx.row(_LOCK_HEAD, tenant=tx.tenant, genesis=GENESIS)
    assert row is not None
    return row.seq, row.hash


def unsealed(tx: Transaction, limit: int) -> list[Fact]:
    return [Fact(**row._mapping) for row in tx.rows(_UNSEALED, tenant=tx.tenant, limit=limit)]


def add(tx: Transaction, sealed: list[Sealed]) -> None:
    """Append records, mark their outbox rows, move the head."""
    tx.rows(
        _ADD,
        tenant=tx.tenant,
        seqs=[s.seq for s in sealed],
        ids=[s.event_id for s in sealed],
        records=[s.record for s in sealed],
        prevs=[s.hash_prev for s in sealed],
        currs=[s.hash_curr for s in sealed],
        seq=sealed[-1].seq,
        hash=sealed[-1].hash_curr,
    )


def head(tx: Transaction) -> tuple[int, str, int]:
    """The stored end of the chain, and the last record there is: in one statement, so that sealing may go on."""
    row = tx.row(_HEAD, tenant=tx.tenant)
    assert row is not None
    return row.seq or 0, row.hash or GENESIS, row.last or 0


def pending(tx: Transaction) -> int:
    row = tx.row(_PENDING, tenant=tx.tenant)
    return int(row.n) if row else 0


def chain(tx: Transaction, upto: int) -> Iterator[Sealed]:
    """All records up to `upto`, oldest first, read in batches."""
    after = 0
    while rows := tx.rows(_BATCH, tenant=tx.tenant, after=after, upto=upto, limit=_ROWS_AT_ONCE):
        yield from (Sealed(**row._mapping) for row in rows)
        after = rows[-1].seq


def page(tx: Transaction, *, before: int, limit: int) -> list[Record]:
    """Records, newest first."""
    return list(tx.rows(_PAGE, tenant=tx.tenant, before=before, limit=limit))
