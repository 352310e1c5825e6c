"""When a document may be printed, and what its printed file is called. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from shared.errors import Conflict, NotFound, Unavailable

TEMPLATE = 1
"""Version of template and styles: a higher one prints every document anew, the older prints stay."""


class Estado(StrEnum):
    """What is known here of a document (the words that invoices show)."""

    FIRMADO = "firmado"
    ACEPTADO = "aceptado"
    ACEPTADO_CONDICIONAL = "aceptado_condicional"


class NotPrintableYet(Conflict):
    """DGII has not accepted it: a print of it would give nobody a tax credit (Informe Técnico §18)."""

    slug = "not-printable-yet"


class FactsNotSeen(Unavailable):
    """The verdict has arrived and the document has not yet."""

    slug = "facts-not-seen"


@dataclass(frozen=True)
class Signed:
    """A signed document: `xml` is its final bytes, `codigo_seguridad` the first six characters of its signature."""

    invoice_id: str
    environment: str
    rnc_emisor: str
    encf: str
    intento: int
    codigo_seguridad: str
    sha256: str
    xml: bytes

    @property
    def file_name(self) -> str:
        """Without ending: the name DGII gives to files of a document."""
        return f"{self.rnc_emisor}{self.encf}"


@dataclass(frozen=True)
class Holding:
    """What is known of one invoice; each part may arrive first."""

    signed: Signed | None
    estado: Estado | None
    pdf: bytes | None


def printable(held: Holding) -> Signed:
    """The document to print; NotFound, FactsNotSeen or NotPrintableYet say why there is none."""
    if held.signed is None:
        raise NotFound if held.estado is None else FactsNotSeen
    if held.estado is None:
        raise NotPrintableYet(estado=Estado.FIRMADO.value)
    return held.signed
