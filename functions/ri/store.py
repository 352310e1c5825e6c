"""ri's tables: signed documents, DGII's acceptance, the PDFs made of them; each row is written once."""

from functions.ri.domain import TEMPLATE, Estado, Holding, Signed
from shared.db.engine import Transaction

_REMEMBER = """
INSERT INTO ri.documents (tenant_id, invoice_id, environment, rnc_emisor, encf, intento, codigo_seguridad, sha256, xml)
VALUES (:tenant, CAST(:invoice_id AS uuid), :environment, :rnc_emisor, :encf, :intento, :codigo_seguridad, :sha256, :xml)
ON CONFLICT DO NOTHING
"""
_ACCEPT = """
INSERT INTO ri.outcomes (tenant_id, invoice_id, estado, observed_at)
VALUES (:tenant, CAST(:invoice_id AS uuid), :estado, CAST(:observed_at AS timestamptz)) ON CONFLICT DO NOTHING
"""
_HOLDING = """
SELECT d.environment, d.rnc_emisor, d.encf, d.intento, d.codigo_seguridad, d.sha256, d.xml, o.estado, r.pdf
FROM (SELECT CAST(:invoice_id AS uuid) AS id) AS wanted
LEFT JOIN ri.documents d ON d.tenant_id = :tenant AND d.invoice_id = wanted.id
LEFT JOIN ri.outcomes o ON o.tenant_id = :tenant AND o.invoice_id = wanted.id
LEFT JOIN ri.renderings r ON r.tenant_id = :tenant AND r.invoice_id = wanted.id AND r.template = :template
"""
_KEEP = """
INSERT INTO ri.renderings (tenant_id, invoice_id, template, pdf, sha256)
VALUES (:tenant, CAST(:invoice_id AS uuid), :template, :pdf, encode(sha256(:pdf), 'hex')) ON CONFLICT DO NOTHING
"""


def remember(tx: Transaction, signed: Signed) -> None:
    """The document's bytes; the first to arrive stay."""
    tx.rows(_REMEMBER, tenant=tx.tenant, **vars(signed))


def accept(tx: Transaction, invoice_id: str, estado: Estado, observed_at: str) -> None:
    """DGII's acceptance, also of a document that has not arrived here yet."""
    tx.rows(_ACCEPT, tenant=tx.tenant, invoice_id=invoice_id, estado=estado.value, observed_at=observed_at)


def holding(tx: Transaction, invoice_id: str) -> Holding:
    """All that is known of an invoice, in one statement."""
    row = tx.rows(_HOLDING, tenant=tx.tenant, invoice_id=invoice_id, template=TEMPLATE)[0]
    signed = None
    if row.xml is not None:
        signed = Signed(
            invoice_id=invoice_id,
            environment=row.environment,
            rnc_emisor=row.rnc_emisor,
            encf=row.encf,
            intento=row.intento,
            codigo_seguridad=row.codigo_seguridad,
            sha256=row.sha256,
            xml=bytes(row.xml),
        )
    return Holding(signed, Estado(row.estado) if row.estado else None, bytes(row.pdf) if row.pdf is not None else None)


def keep(tx: Transaction, invoice_id: str, pdf: bytes) -> None:
    """The print under today's template; a second one of it is the same bytes and changes nothing."""
    tx.rows(_KEEP, tenant=tx.tenant, invoice_id=invoice_id, template=TEMPLATE, pdf=pdf)
