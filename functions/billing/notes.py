"""What a note's original says about it, when the original is one of the tenant's own invoices: the SQL and the judgement."""

from dataclasses import dataclass, replace
from decimal import Decimal

from functions.billing.domain import FINAL, Estado
from shared.db.engine import Transaction
from shared.ecf.document import Document
from shared.ecf.encf import ENCF
from shared.ecf.findings import Finding, Verdict
from shared.ecf.gate import parse
from shared.ecf.references import Original, check_against
from shared.ecf.types import TipoECF
from shared.ecf.xml import read

# Held until the note is numbered: two notes at once may not spend the same balance.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('notes|' || :tenant || '|' || :encf, 0))"
# A credit counts until DGII has refused it; a debit gives room only once DGII has taken it.
_ORIGINAL = """
SELECT o.id::text AS id, o.estado, o.tipo_ecf, o.fecha_emision, o.rnc_comprador, o.monto_total, o.unsigned_xml,
  COALESCE(sum(n.monto_total) FILTER (WHERE n.tipo_ecf = 34), 0) AS credited,
  COALESCE(sum(n.monto_total) FILTER (WHERE n.tipo_ecf = 33 AND n.estado IN ('aceptado', 'aceptado_condicional')), 0) AS debited,
  COALESCE(bool_or(n.codigo_modificacion = 1), false) AS annulled
FROM (
  SELECT * FROM billing.invoices WHERE tenant_id = :tenant AND encf = :encf AND estado <> 'sin_usar' ORDER BY intento DESC LIMIT 1
) AS o
LEFT JOIN billing.invoices n ON n.tenant_id = :tenant AND n.ncf_modificado = :encf AND n.tipo_ecf IN (33, 34)
  AND n.estado NOT IN ('rechazado', 'sin_usar', 'anulado')
GROUP BY o.id, o.estado, o.tipo_ecf, o.fecha_emision, o.rnc_comprador, o.monto_total, o.unsigned_xml
"""
_STATE = """
SELECT estado FROM billing.invoices WHERE tenant_id = :tenant AND encf = :encf ORDER BY estado = 'sin_usar', intento DESC LIMIT 1
"""
_SIGNED_NOTES = """
SELECT id::text AS id FROM billing.invoices WHERE tenant_id = :tenant AND ncf_modificado = :encf AND estado = 'firmado'
"""
_ACCEPTED = frozenset({Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL})
_NOT_ACCEPTED = "ECF-1081"


@dataclass(frozen=True)
class Judgement:
    """`pending` is the id of the original while DGII has not spoken about it."""

    findings: tuple[Finding, ...] = ()
    pending: str | None = None


def modified(document: Document) -> str | None:
    """The number a document says it modifies."""
    return document.text("informacion_referencia", "ncf_modificado")


def original_state(tx: Transaction, encf: str) -> Estado | None:
    """Where the document with this number is; None when it is none of ours."""
    row = tx.row(_STATE, tenant=tx.tenant, encf=encf)
    return Estado(row.estado) if row else None


def signed_notes_on(tx: Transaction, encf: str) -> list[str]:
    """The ids of signed notes on a number that have not gone further."""
    return [row.id for row in tx.rows(_SIGNED_NOTES, tenant=tx.tenant, encf=encf)]


def judge(tx: Transaction, document: Document, *, lock: bool = False) -> Judgement:
    """Nothing for a document that refers to none of ours. An original without a verdict yet is a warning; a refused one refuses.

    `lock` keeps other notes on the same original waiting until `tx` ends.
    """
    encf = modified(document)
    if encf is None:
        return Judgement()
    if lock:
        tx.rows(_LOCK, tenant=tx.tenant, encf=encf)
    row = tx.row(_ORIGINAL, tenant=tx.tenant, encf=encf)
    if row is None:
        return Judgement()
    estado = Estado(row.estado)
    original = Original(
        encf=ENCF.parse(encf),
        tipo=TipoECF(row.tipo_ecf),
        fecha_emision=row.fecha_emision,
        rnc_comprador=row.rnc_comprador,
        identificador_extranjero=read(parse(row.unsigned_xml)).text("comprador", "identificador_extranjero"),
        monto_total=row.monto_total,
        credited=Decimal(row.credited),
        debited=Decimal(row.debited),
        annulled=row.annulled,
        accepted=estado in _ACCEPTED,
    )
    findings = check_against(document, original)
    if estado in FINAL:
        return Judgement(findings)
    warned = (replace(f, verdict=Verdict.WARNING) if f.code == _NOT_ACCEPTED else f for f in findings)
    return Judgement(tuple(warned), pending=row.id)
