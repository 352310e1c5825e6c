"""A note (33, 34) or a converted consumo (31) against the document it refers to, when that document is known (format.md §14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.encf import ENCF
from shared.ecf.findings import Finding
from shared.ecf.money import ZERO
from shared.ecf.rules_reference import DAYS_OF_ITBIS
from shared.ecf.types import TipoECF
from shared.ecf.values import read_day, written_day

_NOTES = frozenset({TipoECF.NOTA_DEBITO, TipoECF.NOTA_CREDITO})
_POINTER = "/informacion_referencia"


@dataclass(frozen=True)
class Original:
    """The document a note corrects, in pesos, with what the other notes on it come to (the note in question apart).

    `credited` and `debited` add the 34 and the 33 on it that DGII took or may still take; `annulled`: one of them has
    CodigoModificacion 1; `accepted`: DGII took the document itself.
    """

    encf: ENCF
    tipo: TipoECF
    fecha_emision: date
    rnc_comprador: str | None
    identificador_extranjero: str | None
    monto_total: Decimal
    credited: Decimal = ZERO
    debited: Decimal = ZERO
    annulled: bool = False
    accepted: bool = True

    @property
    def saldo(self) -> Decimal:
        """What a credit note may still give back: the total and its debit notes, less its credit notes."""
        return self.monto_total + self.debited - self.credited


def check_against(document: Document, original: Original) -> tuple[Finding, ...]:
    """What DGII would object to in a document that refers to `original`; nothing for one that refers to nothing."""
    named = document.text("informacion_referencia", "ncf_modificado")
    return tuple(_findings(document, original, named)) if named is not None else ()


def _findings(document: Document, original: Original, named: str) -> Iterator[Finding]:
    number = str(original.encf)
    if named != number:
        yield finding("ECF-1088", f"{_POINTER}/ncf_modificado", observed=named, expected=number)
        return
    if not original.accepted:
        yield finding("ECF-1081", f"{_POINTER}/ncf_modificado", value=number)
    written = document.text("informacion_referencia", "fecha_ncf_modificado") or ""
    if read_day(written) != original.fecha_emision:
        expected = written_day(original.fecha_emision)
        yield finding("ECF-1083", f"{_POINTER}/fecha_ncf_modificado", observed=written, value=number, expected=expected)
    code = document.text("informacion_referencia", "codigo_modificacion")
    if code == "5" and original.tipo is not TipoECF.CONSUMO:
        yield finding("ECF-1087", f"{_POINTER}/ncf_modificado", value=number, kind=f"{original.tipo:d}")
    if document.kind in ("33", "34"):
        yield from _note(document, original, code)


def _note(document: Document, original: Original, code: str | None) -> Iterator[Finding]:
    number = str(original.encf)
    if original.tipo in _NOTES:
        yield finding("ECF-1058", f"{_POINTER}/ncf_modificado", value=number)
    if original.annulled:
        yield finding("ECF-1085", f"{_POINTER}/ncf_modificado", value=number)
    if document.kind == "33" and code == "1":
        yield finding("ECF-1057", f"{_POINTER}/codigo_modificacion")
    yield from _buyer(document, original)
    if document.kind == "34":
        yield from _credit(document, original, code)


def _buyer(document: Document, original: Original) -> Iterator[Finding]:
    theirs = (original.rnc_comprador, original.identificador_extranjero)
    ours = (document.rnc_comprador, document.text("comprador", "identificador_extranjero"))
    if ours != theirs:
        observed, expected = (next(filter(None, pair), "sin identificar") for pair in (ours, theirs))
        pointer = f"/comprador/{'identificador_extranjero' if theirs[1] else 'rnc_comprador'}"
        yield finding("ECF-1082", pointer, value=str(original.encf), observed=observed, expected=expected)


def _credit(document: Document, original: Original, code: str | None) -> Iterator[Finding]:
    days = (document.fecha_emision - original.fecha_emision).days
    indicator = "1" if days > DAYS_OF_ITBIS else "0"
    if document.text("id_doc", "indicador_nota_credito") != indicator:
        yield finding("ECF-1023", "/id_doc/indicador_nota_credito", expected=indicator, count=days)
    total, saldo = document.monto_total, original.saldo
    facts = {"value": str(original.encf), "observed": f"{total:f}", "expected": f"{saldo:f}"}
    if total > saldo:
        yield finding("ECF-1084", "/totales/monto_total", **facts)
    elif code == "1" and total != saldo:
        yield finding("ECF-1086", "/totales/monto_total", **facts)
