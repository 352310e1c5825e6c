"""ri's tables: signed documents, DGII's verdicts, the PDFs made of them, the prints held back; each row is written once.
Only a tenant's choices change."""

from functions.ri.appearance import Appearance
from functions.ri.domain import TEMPLATE, Estado, Holding, Signed
from functions.ri.layout import Paper
from functions.ri.words import Modalidad
from shared.db.engine import Record, Transaction

_REMEMBER = """
INSERT INTO ri.documents
  (tenant_id, invoice_id, environment, rnc_emisor, encf, intento, codigo_seguridad, sha256, xml, modalidad)
VALUES
  (:tenant, CAST(:invoice_id AS uuid), :environment, :rnc_emisor, :encf, :intento, :codigo_seguridad, :sha256, :xml, :modalidad)
ON CONFLICT DO NOTHING
"""
_JUDGE = """
INSERT INTO ri.outcomes (tenant_id, invoice_id, estado, observed_at)
VALUES (:tenant, CAST(:invoice_id AS uuid), :estado, CAST(:observed_at AS timestamptz)) ON CONFLICT DO NOTHING
"""
_HOLD = """
INSERT INTO ri.held (tenant_id, invoice_id, modalidad)
VALUES (:tenant, CAST(:invoice_id AS uuid), :modalidad) ON CONFLICT DO NOTHING
"""
_HOLDING = """
SELECT d.environment, d.rnc_emisor, d.encf, d.intento, d.codigo_seguridad, d.sha256, d.xml,
  COALESCE(d.modalidad, c.modalidad) AS modalidad, o.estado, r.pdf, h.reason, a.accent, a.logo,
  COALESCE(p.before_acceptance, false) AS early
FROM (SELECT CAST(:invoice_id AS uuid) AS id) AS wanted
LEFT JOIN ri.documents d ON d.tenant_id = :tenant AND d.invoice_id = wanted.id
LEFT JOIN ri.held c ON c.tenant_id = :tenant AND c.invoice_id = wanted.id
LEFT JOIN ri.outcomes o ON o.tenant_id = :tenant AND o.invoice_id = wanted.id
LEFT JOIN ri.renderings r
  ON r.tenant_id = :tenant AND r.invoice_id = wanted.id AND r.template = :template AND r.formato = :formato
LEFT JOIN ri.held_back h
  ON h.tenant_id = :tenant AND h.invoice_id = wanted.id AND h.template = :template AND h.formato = :formato
LEFT JOIN ri.appearances a ON a.tenant_id = :tenant
LEFT JOIN ri.printing p ON p.tenant_id = :tenant
"""
_KEEP = """
INSERT INTO ri.renderings (tenant_id, invoice_id, template, formato, pdf, sha256)
VALUES (:tenant, CAST(:invoice_id AS uuid), :template, :formato, :pdf, encode(sha256(:pdf), 'hex')) ON CONFLICT DO NOTHING
"""
_HOLD_BACK = """
INSERT INTO ri.held_back (tenant_id, invoice_id, template, formato, reason)
VALUES (:tenant, CAST(:invoice_id AS uuid), :template, :formato, :reason) ON CONFLICT DO NOTHING
"""
_CHOOSE = """
INSERT INTO ri.appearances (tenant_id, accent, logo, chosen_by) VALUES (:tenant, :accent, :logo, :chosen_by)
ON CONFLICT (tenant_id) DO UPDATE
SET accent = excluded.accent, logo = excluded.logo, chosen_by = excluded.chosen_by, chosen_at = now()
"""
_CHOOSE_WHEN = """
INSERT INTO ri.printing (tenant_id, before_acceptance, chosen_by) VALUES (:tenant, :before_acceptance, :chosen_by)
ON CONFLICT (tenant_id) DO UPDATE
SET before_acceptance = excluded.before_acceptance, chosen_by = excluded.chosen_by, chosen_at = now()
"""


def remember(tx: Transaction, signed: Signed) -> None:
    """The document's bytes; the first to arrive stay."""
    tx.rows(_REMEMBER, **{"tenant": tx.tenant, **vars(signed)})


def hold(tx: Transaction, invoice_id: str, modalidad: Modalidad) -> None:
    """The document is in contingency, also one that has not arrived here yet."""
    tx.rows(_HOLD, tenant=tx.tenant, invoice_id=invoice_id, modalidad=modalidad.value)


def judge(tx: Transaction, invoice_id: str, estado: Estado, observed_at: str) -> None:
    """DGII's verdict, also on a document that has not arrived here yet."""
    tx.rows(_JUDGE, tenant=tx.tenant, invoice_id=invoice_id, estado=estado.value, observed_at=observed_at)


def holding(tx: Transaction, invoice_id: str, paper: Paper) -> Holding:
    """All that is known of an invoice and its print on a paper, in one statement."""
    row = tx.rows(_HOLDING, tenant=tx.tenant, invoice_id=invoice_id, template=TEMPLATE, formato=paper.value)[0]
    return Holding(
        signed=_signed(row, invoice_id) if row.xml is not None else None,
        estado=Estado(row.estado) if row.estado else None,
        pdf=bytes(row.pdf) if row.pdf is not None else None,
        fault=row.reason,
        appearance=Appearance(row.accent, bytes(row.logo) if row.logo is not None else None),
        early=row.early,
    )


def _signed(row: Record, invoice_id: str) -> Signed:
    return Signed(
        invoice_id=invoice_id,
        environment=row.environment,
        rnc_emisor=row.rnc_emisor,
        encf=row.encf,
        intento=row.intento,
        codigo_seguridad=row.codigo_seguridad,
        sha256=row.sha256,
        xml=bytes(row.xml),
        modalidad=Modalidad(row.modalidad) if row.modalidad else None,
    )


def keep(tx: Transaction, invoice_id: str, paper: Paper, pdf: bytes, fault: str) -> None:
    """The print under today's template, or why it was held back; a second one is the same and changes nothing."""
    place = {"tenant": tx.tenant, "invoice_id": invoice_id, "template": TEMPLATE, "formato": paper.value}
    if fault:
        tx.rows(_HOLD_BACK, **place, reason=fault)
    else:
        tx.rows(_KEEP, **place, pdf=pdf)


def appearance(tx: Transaction) -> Appearance:
    """What the tenant chose; nothing where it never chose."""
    rows = tx.rows("SELECT accent, logo FROM ri.appearances WHERE tenant_id = :tenant", tenant=tx.tenant)
    return Appearance(rows[0].accent, bytes(rows[0].logo) if rows[0].logo is not None else None) if rows else Appearance()


def choose(tx: Transaction, chosen: Appearance, *, chosen_by: str) -> None:
    """Replaces all that was chosen."""
    tx.rows(_CHOOSE, tenant=tx.tenant, accent=chosen.accent, logo=chosen.logo, chosen_by=chosen_by)


def prints_early(tx: Transaction) -> bool:
    """Whether the company prints before DGII has accepted."""
    row = tx.row("SELECT before_acceptance FROM ri.printing WHERE tenant_id = :tenant", tenant=tx.tenant)
    return row is not None and bool(row.before_acceptance)


def choose_when(tx: Transaction, *, before_acceptance: bool, chosen_by: str) -> None:
    tx.rows(_CHOOSE_WHEN, tenant=tx.tenant, before_acceptance=before_acceptance, chosen_by=chosen_by)
