"""When a document may be printed and a print handed out, and what its printed file is called. Pure."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from functions.ri.appearance import Appearance
from functions.ri.layout import Paper
from functions.ri.words import Modalidad
from shared.errors import Conflict, NotFound, Unavailable

TEMPLATE = 2
"""Version of templates and linter: a higher one prints every document anew, the older prints stay."""
LONGEST_ROLL = 500
"""Lines of a ticket: five metres of paper, the longest page that readers of PDF take."""
UNCONNECTED = 1
"""The regime of contingency whose legend is prescribed: the document could not be sent."""
_DEFERRED = re.compile(rb"<IndicadorEnvioDiferido>\s*1\s*<")
_HEAD = 4096


class Estado(StrEnum):
    """What is known here of a document (the words that invoices show)."""

    FIRMADO = "firmado"
    ACEPTADO = "aceptado"
    ACEPTADO_CONDICIONAL = "aceptado_condicional"
    RECHAZADO = "rechazado"
    RETIRADO = "retirado"


class NotPrintableYet(Conflict):
    """DGII has not accepted it: a print of it would give nobody a tax credit (Informe Técnico §18)."""

    slug = "not-printable-yet"


class RejectedHasNoForm(Conflict):
    """DGII rejected it: it never was a comprobante."""

    slug = "rejected-has-no-form"


class WithdrawnHasNoForm(Conflict):
    """It was withdrawn before DGII had it."""

    slug = "withdrawn-has-no-form"


class RollTooLong(Conflict):
    """A document of so many lines does not go onto a ticket."""

    slug = "roll-too-long"


class HeldBack(Conflict):
    """Our own linter found fault with the print, so nobody gets it; the reason is recorded."""

    slug = "print-held-back"


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
    modalidad: Modalidad | None = None

    @property
    def file_name(self) -> str:
        """Without ending: the name DGII gives to files of a document."""
        return f"{self.rnc_emisor}{self.encf}"


@dataclass(frozen=True)
class Holding:
    """What is known of one invoice and its print on one paper; each part may arrive first. `fault` is why a print was held back,
    `early` whether the company prints before DGII has accepted.
    """

    signed: Signed | None
    estado: Estado | None
    pdf: bytes | None = None
    fault: str | None = None
    appearance: Appearance = field(default_factory=Appearance)
    early: bool = False

    @property
    def settled(self) -> bool:
        """No news changes its print: an outage may still put a legend on what is neither judged nor held."""
        return self.estado is not None or (self.signed is not None and self.signed.modalidad is not None)


def modalidad_of(xml: bytes, regimen: int | None) -> Modalidad | None:
    """How a document was issued: it says itself that it is sent later (IndicadorEnvioDiferido stands near its beginning), or
    billing says in which regime of contingency it was."""
    if _DEFERRED.search(xml[:_HEAD]):
        return Modalidad.ENVIO_DIFERIDO
    return contingency_of(regimen) if regimen else None


def contingency_of(regimen: int) -> Modalidad:
    return Modalidad.CONTINGENCIA if regimen == UNCONNECTED else Modalidad.DGII_CAIDA


def printable(held: Holding, paper: Paper) -> Signed:
    """The document to print on that paper; an error says why there is none."""
    if held.estado is Estado.RECHAZADO:
        raise RejectedHasNoForm(estado=held.estado.value)
    if held.estado is Estado.RETIRADO:
        raise WithdrawnHasNoForm
    if held.signed is None:
        raise NotFound if held.estado is None else FactsNotSeen
    if not held.settled and not held.early:
        raise NotPrintableYet(estado=Estado.FIRMADO.value)
    if paper is Paper.TICKET and held.signed.xml.count(b"<NumeroLinea>") > LONGEST_ROLL:
        raise RollTooLong(limit=LONGEST_ROLL)
    if held.fault is not None:
        raise HeldBack
    return held.signed
