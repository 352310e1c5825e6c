"""Sub-ranges lent to a branch or a point of sale: the SQL. A lease is cut from the front of its range and ends by itself.

What its holder did not issue is issued before any fresh number (`numbers`), so nothing has to happen when it ends.
"""

from datetime import date, datetime

from functions.billing.numbers import LEFT, OPEN
from functions.billing.ranges import LeaseTooLarge, Standing, why_no_number
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.errors import NotFound

_COLUMNS = f"""l.id::text AS id, l.sequence_id::text AS sequence_id, tipo_ecf, holder, desde, hasta, next, until, returned_at,
  created_at, {LEFT} AS remaining, CASE WHEN returned_at IS NOT NULL THEN 'devuelto' WHEN NOT ({OPEN}) THEN 'vencido'
    WHEN next > hasta THEN 'agotado' ELSE 'vigente' END AS estado"""
# Numbers of one lease stand in a row, so it ends where a voiding took some out.
_ROOM = """
SELECT tipo_ecf, next, vencimiento, estado = 'detenida' AS stopped,
  COALESCE((SELECT min(lower(h)) FROM unnest(held) AS h WHERE lower(h) >= next), hasta + 1) - next AS room
FROM billing.sequences WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) FOR UPDATE
"""
_CUT = f"""
WITH cut AS (
  UPDATE billing.sequences
  SET next = COALESCE((SELECT upper(h) FROM unnest(held) AS h WHERE h @> next + :count), next + :count), issued = next
  WHERE tenant_id = :tenant AND id = CAST(:sequence AS uuid) RETURNING tenant_id, id, tipo_ecf, issued AS first
)
INSERT INTO billing.leases AS l (tenant_id, id, sequence_id, tipo_ecf, holder, desde, hasta, next, until, created_by)
SELECT tenant_id, CAST(:id AS uuid), id, tipo_ecf, :holder, first, first + :count - 1, first, CAST(:until AS timestamptz), :user
FROM cut RETURNING {_COLUMNS}
"""
_OF_SEQUENCE = "l.tenant_id = :tenant AND l.sequence_id = CAST(:sequence AS uuid) AND l.holder IS NOT NULL"
_PAGE = f"""
SELECT {_COLUMNS} FROM billing.leases l WHERE {_OF_SEQUENCE} AND (CAST(:before AS uuid) IS NULL OR l.id < CAST(:before AS uuid))
ORDER BY l.id DESC LIMIT :limit
"""
_RETURN = f"""
UPDATE billing.leases l SET returned_at = CASE WHEN {OPEN} THEN now() ELSE returned_at END
WHERE {_OF_SEQUENCE} AND l.id = CAST(:id AS uuid) RETURNING {_COLUMNS}
"""


def lend(tx: Transaction, sequence_id: str, *, holder: str, count: int, until: datetime, user: str, today: date) -> Record:
    """The next `count` numbers of the range are the holder's. LeaseTooLarge says how many there are in a row."""
    row = tx.row(_ROOM, tenant=tx.tenant, id=sequence_id)
    if row is None:
        raise NotFound
    if row.stopped or row.room == 0 or row.vencimiento < today:
        raise why_no_number(row.tipo_ecf, [Standing(row.room > 0, row.vencimiento, row.stopped)], today)
    if row.room < count:
        raise LeaseTooLarge(room=row.room)
    return tx.rows(
        _CUT, tenant=tx.tenant, sequence=sequence_id, id=uuid7(), holder=holder, count=count, until=until.isoformat(), user=user
    )[0]


def page(tx: Transaction, sequence_id: str, *, before: str | None, limit: int) -> list[Record]:
    """Leases of a range, newest first."""
    return list(tx.rows(_PAGE, tenant=tx.tenant, sequence=sequence_id, before=before, limit=limit))


def give_back(tx: Transaction, sequence_id: str, lease_id: str) -> Record:
    """The lease is over now; one that was over stays as it ended. NotFound."""
    row = tx.row(_RETURN, tenant=tx.tenant, sequence=sequence_id, id=lease_id)
    if row is None:
        raise NotFound
    return row
