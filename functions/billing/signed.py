"""The fact that a document has its final bytes."""

from functions.billing.domain import Invoice
from functions.billing.remission import Modalidad
from shared.events.catalogue import EcfSigned
from shared.events.packed import pack


def signed_fact(invoice: Invoice, *, xml: bytes, rfce: bytes | None, sha256: str) -> EcfSigned:
    """`invoice` is signed; `xml` is the signed e-CF, `rfce` the signed summary of a small consumo, `sha256` that of `xml`."""
    return EcfSigned(
        invoice_id=invoice.id,
        environment=invoice.environment,
        rnc_emisor=invoice.rnc_emisor,
        rnc_comprador=invoice.rnc_comprador,
        tipo_ecf=invoice.tipo_ecf,
        encf=invoice.encf,
        intento=invoice.intento,
        monto_total=str(invoice.monto_total),
        fecha_emision=invoice.fecha_emision.isoformat(),
        fecha_hora_firma=invoice.fecha_hora_firma.isoformat(),
        codigo_seguridad=invoice.codigo_seguridad or "",
        certificate_id=invoice.certificate_id,
        sha256=sha256,
        modalidad=None if invoice.modalidad == Modalidad.NORMAL else invoice.modalidad,
        regimen=invoice.regimen,
        remitir_hasta=invoice.remitir_hasta.isoformat() if invoice.remitir_hasta else None,
        ecf=pack(xml),
        rfce=pack(rfce) if rfce else None,
    )
