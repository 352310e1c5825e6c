"""Who has to be named in a document, by type and amount (format.md §5, §6; Formato e-CF, área Comprador)."""

from collections.abc import Iterator

from shared.ecf import rnc
from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.findings import Finding
from shared.ecf.rfce import LIMITE_RFCE
from shared.ecf.tree import branch

Findings = Iterator[Finding]
_NOTES = frozenset({"33", "34"})
# What a corrected document is: of these the buyer always has an RNC, of those an RNC or a foreign identifier, of consumos neither.
_ORIGINAL_WITH_RNC = ("E31", "E41", "E45", "B01", "B11", "B15")
_ORIGINAL_IDENTIFIED = ("E44", "B14")
_ORIGINAL_ANONYMOUS = ("E32", "B02")


def _large_consumo(document: Document) -> Findings:
    if document.kind != "32" or document.monto_total < LIMITE_RFCE:
        return
    buyer = branch(document.tree, "comprador")
    if not _identified(document):
        yield finding("ECF-1001", "/comprador/rnc_comprador")
    if "razon_social_comprador" not in buyer:
        yield finding("ECF-1003", "/comprador/razon_social_comprador")


def _one_identity(document: Document) -> Findings:
    buyer = branch(document.tree, "comprador")
    if "rnc_comprador" in buyer and "identificador_extranjero" in buyer:
        yield finding("ECF-1002", "/comprador/identificador_extranjero")


def _special_regime(document: Document) -> Findings:
    if document.kind == "44" and not _identified(document):
        yield finding("ECF-1005", "/comprador/rnc_comprador")


def _note(document: Document) -> Findings:
    """A note names the buyer as the document it corrects did."""
    if document.kind not in _NOTES:
        return
    original = document.text("informacion_referencia", "ncf_modificado") or ""
    if original.startswith(_ORIGINAL_WITH_RNC) and document.rnc_comprador is None:
        yield finding("ECF-1004", "/comprador/rnc_comprador", value=original)
    if original.startswith(_ORIGINAL_IDENTIFIED) and not _identified(document):
        yield finding("ECF-1005", "/comprador/rnc_comprador")
    named = document.razon_social_comprador is not None
    if not named and (document.kind == "34" or not original.startswith(_ORIGINAL_ANONYMOUS)):
        yield finding("ECF-1006", "/comprador/razon_social_comprador", kind=document.kind)


def _check_digits(document: Document) -> Findings:
    for path in (
        ("emisor", "rnc_emisor"),
        ("comprador", "rnc_comprador"),
        ("informacion_referencia", "rnc_otro_contribuyente"),
    ):
        number = document.text(*path)
        if number is not None and not rnc.plausible(number):
            yield finding("ECF-0212", "/" + "/".join(path), name=path[-1])


def _identified(document: Document) -> bool:
    buyer = branch(document.tree, "comprador")
    return "rnc_comprador" in buyer or "identificador_extranjero" in buyer


RULES = (_large_consumo, _one_identity, _special_regime, _note, _check_digits)
