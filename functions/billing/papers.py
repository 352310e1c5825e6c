"""billing's contingencies and their paper receipts: their SQL."""

from datetime import datetime

from functions.billing.contingency import (
    Contingency,
    ContingencyEnded,
    ContingencyOpen,
    Paper,
    PaperDiffers,
    PaperReplaced,
    Tipo,
)
from shared.db.engine import Record, Transaction

# The lock makes the look and the insertion one act for each tenant.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('contingency|' || :tenant, 0))"
_OPEN = """
SELECT 1 FROM billing.contingencies WHERE tenant_id = :tenant AND ended_at IS NULL AND tipo = :tipo
  AND sucursal IS NOT DISTINCT FROM CAST(:sucursal AS text)
"""
_DECLARE = """
INSERT INTO billing.contingencies (tenant_id, id, tipo, sucursal, motivo, started_at, created_by)
VALUES (:tenant, CAST(:id AS uuid), :tipo, CAST(:sucursal AS text), :motivo, :started_at, :user)
"""
_END = """
UPDATE billing.contingencies SET ended_at = :now WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) AND ended_at IS NULL
RETURNING 1
"""
_END_TOTAL = """
UPDATE billing.contingencies SET ended_at = :at
WHERE tenant_id = :tenant AND ended_at IS NULL AND tipo = 'papel' AND sucursal IS NULL AND started_at < :signed_at
RETURNING id::text AS id
"""
# An e-CF that DGII refused, or whose number was never used, replaces nothing.
_STANDS = "i.estado NOT IN ('rechazado', 'sin_usar', 'anulado')"
_CONTINGENCIES = f"""
SELECT c.id::text AS id, c.tipo, c.sucursal, c.motivo, c.started_at, c.ended_at, count(p.ncf) AS registered,
  count(p.ncf) FILTER (WHERE {_STANDS}) AS replaced
FROM billing.contingencies c
LEFT JOIN billing.papers p ON p.tenant_id = c.tenant_id AND p.contingency_id = c.id
LEFT JOIN billing.invoices i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id
WHERE c.tenant_id = :tenant AND (CAST(:id AS uuid) IS NULL OR c.id = CAST(:id AS uuid))
  AND (CAST(:before AS uuid) IS NULL OR c.id < CAST(:before AS uuid)) AND (NOT :standing OR c.ended_at IS NULL)
GROUP BY c.id, c.tipo, c.sucursal, c.motivo, c.started_at, c.ended_at ORDER BY c.id DESC LIMIT :limit
"""
_REGISTER = """
INSERT INTO billing.papers (tenant_id, ncf, contingency_id, fecha_emision, monto_total, rnc_comprador)
SELECT :tenant, p.ncf, CAST(:id AS uuid), CAST(p.fecha AS date), CAST(p.monto AS numeric), p.rnc
FROM unnest(CAST(:ncfs AS text[]), CAST(:fechas AS text[]), CAST(:montos AS text[]), CAST(:rncs AS text[]))
  AS p (ncf, fecha, monto, rnc)
ON CONFLICT (tenant_id, ncf) DO NOTHING
"""
_DIFFERENT = """
SELECT p.ncf FROM unnest(CAST(:ncfs AS text[]), CAST(:fechas AS text[]), CAST(:montos AS text[]), CAST(:rncs AS text[]))
  AS n (ncf, fecha, monto, rnc)
JOIN billing.papers p ON p.tenant_id = :tenant AND p.ncf = n.ncf
WHERE (p.contingency_id, p.fecha_emision, p.monto_total, p.rnc_comprador)
  IS DISTINCT FROM (CAST(:id AS uuid), CAST(n.fecha AS date), CAST(n.monto AS numeric), n.rnc) LIMIT 1
"""
_PAPERS = f"""
SELECT p.ncf, p.fecha_emision, p.monto_total, p.rnc_comprador, CASE WHEN {_STANDS} THEN i.id::text END AS invoice_id,
  CASE WHEN {_STANDS} THEN i.encf END AS encf
FROM billing.papers p LEFT JOIN billing.invoices i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id
WHERE p.tenant_id = :tenant AND p.contingency_id = CAST(:id AS uuid) AND p.ncf > :after
  AND (NOT :pending OR NOT COALESCE({_STANDS}, false))
ORDER BY p.ncf LIMIT :limit
"""
_HOLDER = f"""
SELECT CASE WHEN {_STANDS} THEN i.encf END AS encf FROM billing.papers p
LEFT JOIN billing.invoices i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id
WHERE p.tenant_id = :tenant AND p.ncf = :ncf FOR UPDATE OF p
"""
_REPLACE = "UPDATE billing.papers SET invoice_id = CAST(:invoice AS uuid) WHERE tenant_id = :tenant AND ncf = :ncf"


def declare(
    tx: Transaction, *, contingency_id: str, tipo: Tipo, sucursal: str | None, motivo: str, started_at: datetime, user: str
) -> None:
    """ContingencyOpen when one of the same kind and scope is."""
    tx.rows(_LOCK, tenant=tx.tenant)
    if tx.rows(_OPEN, tenant=tx.tenant, tipo=tipo, sucursal=sucursal):
        raise ContingencyOpen
    scope = {"tipo": tipo, "sucursal": sucursal, "motivo": motivo}
    tx.rows(_DECLARE, tenant=tx.tenant, id=contingency_id, started_at=started_at, user=user, **scope)


def end(tx: Transaction, contingency_id: str, now: datetime) -> None:
    """ContingencyEnded when it is over already."""
    if not tx.rows(_END, tenant=tx.tenant, id=contingency_id, now=now):
        raise ContingencyEnded


def end_total(tx: Transaction, *, signed_at: datetime, at: datetime) -> str | None:
    """The contingency of the whole taxpayer that began before then, if one is open, ends; its id."""
    row = tx.row(_END_TOTAL, tenant=tx.tenant, signed_at=signed_at, at=at)
    return row.id if row else None


def find(tx: Transaction, contingency_id: str) -> Contingency | None:
    found = _contingencies(tx, contingency_id=contingency_id)
    return found[0] if found else None


def page(tx: Transaction, *, before: str | None, limit: int) -> list[Contingency]:
    """Newest first."""
    return _contingencies(tx, before=before, limit=limit)


def standing(tx: Transaction) -> list[Contingency]:
    """Those that are not ended, newest first: at most one of each kind and scope."""
    return _contingencies(tx, standing=True)


def _contingencies(
    tx: Transaction,
    *,
    contingency_id: str | None = None,
    before: str | None = None,
    standing: bool = False,
    limit: int | None = None,
) -> list[Contingency]:
    asked = {"id": contingency_id, "before": before, "standing": standing, "limit": limit}
    rows = tx.rows(_CONTINGENCIES, tenant=tx.tenant, **asked)
    return [Contingency(**{**row._mapping, "tipo": Tipo(row.tipo)}) for row in rows]


def register(tx: Transaction, contingency_id: str, papers: list[Paper]) -> None:
    """All of them; the same again changes nothing, other data for a registered number is PaperDiffers."""
    columns = {
        "ncfs": [p.ncf for p in papers],
        "fechas": [p.fecha_emision.isoformat() for p in papers],
        "montos": [p.monto_total for p in papers],
        "rncs": [p.rnc_comprador for p in papers],
    }
    tx.rows(_REGISTER, tenant=tx.tenant, id=contingency_id, **columns)
    different = tx.row(_DIFFERENT, tenant=tx.tenant, id=contingency_id, **columns)
    if different is not None:
        raise PaperDiffers(ncf=different.ncf)


def papers(tx: Transaction, contingency_id: str, *, pending: bool, after: str, limit: int) -> list[Record]:
    """In order of their numbers; `pending` only those without an e-CF that stands."""
    return list(tx.rows(_PAPERS, tenant=tx.tenant, id=contingency_id, pending=pending, after=after, limit=limit))


def replace(tx: Transaction, ncf: str, invoice_id: str) -> None:
    """`invoice_id` replaces the paper `ncf`, if that is registered here; PaperReplaced when another e-CF does."""
    held = tx.row(_HOLDER, tenant=tx.tenant, ncf=ncf)
    if held is None:
        return
    if held.encf is not None:
        raise PaperReplaced(ncf=ncf, encf=held.encf)
    tx.rows(_REPLACE, tenant=tx.tenant, ncf=ncf, invoice=invoice_id)
