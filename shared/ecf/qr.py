"""The address behind the QR of a printed document (Informe Técnico §18)."""

from urllib.parse import quote

from shared.ecf.document import Document
from shared.ecf.rfce import travels_as_rfce
from shared.ecf.types import Environment

_ECF = "https://ecf.dgii.gov.do"
_FC = "https://fc.dgii.gov.do"


def address(environment: Environment, document: Document, codigo_seguridad: str) -> str:
    """Where anybody can check a signed document; the texts are those of its XML, the order of parameters is DGII's."""
    total = document.text("totales", "monto_total")
    if document.kind == "RFCE" or travels_as_rfce(document):
        pairs: list[tuple[str, str | None]] = [
            ("RncEmisor", document.rnc_emisor),
            ("ENCF", str(document.encf)),
            ("MontoTotal", total),
        ]
        base = f"{_FC}/{environment}/ConsultaTimbreFC"
    else:
        pairs = [
            ("RncEmisor", document.rnc_emisor),
            ("RncComprador", document.rnc_comprador),
            ("ENCF", str(document.encf)),
            ("FechaEmision", document.text("emisor", "fecha_emision")),
            ("MontoTotal", total),
            ("FechaFirma", document.text("fecha_hora_firma")),
        ]
        base = f"{_ECF}/{environment}/ConsultaTimbre"
    pairs.append(("CodigoSeguridad", codigo_seguridad))
    # Not form encoding: the blank of FechaFirma is %20 and its colons stay; only the code brings characters to encode.
    return base + "?" + "&".join(f"{name}={quote(held, safe=':')}" for name, held in pairs if held)
