"""Numbers after a restore: the SQL of which may have been issued unseen, of taking them out of circulation, of who only reads.

Whatever number was asked for is never issued again, known to DGII or not: a document that was signed and not sent yet may be
in its buyer's hands.
"""

from collections.abc import Sequence

from functions.billing.domain import RECONCILING_SECONDS, CompanyOnlyReads
from shared.db.engine import Record, Transaction
from shared.events.sequences import Known, NumbersSurveyed, Window

_OPEN = """
WITH begun AS (
  INSERT INTO billing.reconciliations (tenant_id, id, margin) SELECT tenant_id, CAST(:id AS uuid), :margin FROM billing.companies
  WHERE CAST(:only AS text) IS NULL OR tenant_id = :only ON CONFLICT DO NOTHING RETURNING tenant_id
), turns AS (
  INSERT INTO flow.turns (function, tenant_id) SELECT 'billing', tenant_id FROM begun ON CONFLICT DO NOTHING
), asked AS (
  INSERT INTO flow.work (tenant_id, function, kind, key, due_at, traceparent)
  SELECT tenant_id, 'billing', :kind, :id, now(), '' FROM begun
)
SELECT tenant_id FROM begun ORDER BY 1
"""
_WINDOWS = """
SELECT sequence_id, tipo_ecf, desde, hasta, whole FROM (
  SELECT id::text AS sequence_id, tipo_ecf, next AS desde, hasta, false AS whole FROM billing.sequences
  WHERE tenant_id = :tenant AND next <= hasta
  UNION ALL
  SELECT sequence_id::text, tipo_ecf, next, hasta, false FROM billing.leases WHERE tenant_id = :tenant AND next <= hasta
  UNION ALL
  SELECT sequence_id, tipo_ecf, lower(piece), upper(piece) - 1, true FROM (
    SELECT sequence_id::text AS sequence_id, tipo_ecf, range_agg(int8range(secuencia, secuencia, '[]')) AS numbers
    FROM billing.returned_numbers WHERE tenant_id = :tenant AND taken_at IS NULL GROUP BY 1, 2
  ) AS returned, unnest(numbers) AS piece
) AS windows ORDER BY tipo_ecf, desde
"""
_RUNNING = "SELECT id::text AS id, margin FROM billing.reconciliations WHERE tenant_id = :tenant AND ended_at IS NULL"
_ABOVE = "GREATEST(next, COALESCE((SELECT upper(h) FROM unnest(held) AS h WHERE h @> CAST(:hasta AS bigint) + 1), :hasta + 1))"
_ADOPT = f"""
WITH known AS (
  SELECT * FROM jsonb_to_recordset(CAST(:known AS jsonb) -> 'numbers') AS k (secuencia bigint, estado text, track_id text)
), lent AS (
  UPDATE billing.leases SET next = {_ABOVE}
  WHERE tenant_id = :tenant AND sequence_id = CAST(:sequence AS uuid) AND desde <= :desde AND hasta >= :hasta
), range AS (
  UPDATE billing.sequences SET next = {_ABOVE} WHERE tenant_id = :tenant AND id = CAST(:sequence AS uuid)
), returned AS (
  UPDATE billing.returned_numbers SET taken_at = now()
  WHERE tenant_id = :tenant AND sequence_id = CAST(:sequence AS uuid) AND secuencia BETWEEN :desde AND :hasta AND taken_at IS NULL
)
INSERT INTO billing.adopted_numbers (tenant_id, sequence_id, secuencia, estado, detail)
SELECT :tenant, s.id, n, CASE WHEN known.estado IS NULL THEN 'sin_noticia' ELSE 'adoptado' END,
  jsonb_build_object('estado', known.estado, 'track_id', known.track_id, 'reconciliation_id', CAST(:id AS text))
FROM billing.sequences s CROSS JOIN generate_series(CAST(:desde AS bigint), CAST(:hasta AS bigint)) AS n
LEFT JOIN known ON known.secuencia = n
WHERE s.tenant_id = :tenant AND s.id = CAST(:sequence AS uuid) AND NOT s.held @> n
  AND NOT EXISTS (SELECT FROM billing.leases l WHERE l.tenant_id = s.tenant_id AND l.sequence_id = s.id AND l.held @> n)
ON CONFLICT DO NOTHING
"""
_COUNT = """
UPDATE billing.reconciliations SET pages_seen = pages_seen + 1, pages = COALESCE(CAST(:pages AS int), pages),
  ended_at = CASE WHEN pages_seen + 1 = COALESCE(CAST(:pages AS int), pages) THEN now() END
WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) AND ended_at IS NULL RETURNING ended_at IS NOT NULL AS ended
"""
_END = "UPDATE billing.reconciliations SET ended_at = now() WHERE tenant_id = :tenant AND ended_at IS NULL"
_ADOPTED = """
SELECT count(*) FILTER (WHERE estado = 'adoptado') AS adoptados, count(*) FILTER (WHERE estado = 'sin_noticia') AS sin_noticia
FROM billing.adopted_numbers WHERE tenant_id = :tenant AND detail ->> 'reconciliation_id' = :id
"""


def open_for(tx: Transaction, reconciliation_id: str, *, kind: str, margin: int, only: str | None) -> list[str]:
    """An administrator's transaction: every company (or `only` that one) only reads from now on; those for whom it is news."""
    rows = tx.rows(_OPEN, id=reconciliation_id, kind=kind, margin=margin, only=only)
    return [row.tenant_id for row in rows]


def running(tx: Transaction) -> Record | None:
    """`id` and `margin` of the reconciliation that is not through, if any."""
    return tx.row(_RUNNING, tenant=tx.tenant)


def refuse_while_open(tx: Transaction) -> None:
    """CompanyOnlyReads while there is one."""
    if running(tx) is not None:
        raise CompanyOnlyReads(retry_after=RECONCILING_SECONDS)


def windows(tx: Transaction) -> list[Window]:
    """Where the database of today says that numbers are free, and DGII may know better."""
    return [Window(**row._mapping) for row in tx.rows(_WINDOWS, tenant=tx.tenant)]


def adopt(tx: Transaction, page: NumbersSurveyed) -> None:
    """Every number of the page is out of circulation, and what DGII knows of it is kept."""
    tx.rows(
        _ADOPT,
        tenant=tx.tenant,
        id=page.reconciliation_id,
        sequence=page.sequence_id,
        desde=page.desde,
        hasta=page.hasta,
        known={"numbers": _plain(page.known)},
    )


def _plain(known: Sequence[Known]) -> list[dict[str, object]]:
    return [one.model_dump() for one in known]


def count(tx: Transaction, reconciliation_id: str, pages: int | None) -> bool:
    """One page more, in whatever order they come; whether it was the last one missing."""
    row = tx.row(_COUNT, tenant=tx.tenant, id=reconciliation_id, pages=pages)
    return bool(row and row.ended)


def end(tx: Transaction) -> None:
    """The company may take numbers again, as somebody knows by other means what is free."""
    tx.rows(_END, tenant=tx.tenant)


def adopted(tx: Transaction, reconciliation_id: str) -> Record:
    """`adoptados` and `sin_noticia`: how many numbers were found, and how many skipped."""
    return tx.rows(_ADOPTED, tenant=tx.tenant, id=reconciliation_id)[0]
