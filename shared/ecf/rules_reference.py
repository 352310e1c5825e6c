"""What a reference to another document says of itself, without knowing that document (format.md §14)."""

from collections.abc import Iterator

from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.findings import Finding
from shared.ecf.money import ZERO
from shared.ecf.tree import branch, number
from shared.ecf.types import SERIES_B, TipoECF
from shared.ecf.values import read_day, written_day

Findings = Iterator[Finding]
# CodigoModificacion of each type: 33 and 34 correct, 31 may turn a consumo into itself, all may replace contingency paper.
_MODIFICATIONS = {"31": ("4", "5"), "33": ("1", "2", "3", "4"), "34": ("1", "2", "3", "4")}
_CORRECTS = frozenset({"1", "2", "3"})
_NOTES = ("E33", "E34", "B03", "B04")
DAYS_OF_ITBIS = 30


def _reference(document: Document) -> Findings:
    held = branch(document.tree, "informacion_referencia")
    if not held:
        return
    pointer = "/informacion_referencia"
    for name in ("ncf_modificado", "fecha_ncf_modificado", "codigo_modificacion"):
        if name not in held:
            yield finding("ECF-1052", f"{pointer}/{name}", name=name)
    code, ncf = str(held.get("codigo_modificacion", "")), str(held.get("ncf_modificado", ""))
    allowed = _MODIFICATIONS.get(document.kind, ("4",))
    if code and code not in allowed:
        yield finding(
            "ECF-1051",
            f"{pointer}/codigo_modificacion",
            value=code,
            kind=document.kind,
            allowed=" o ".join(allowed),
        )
    elif document.kind == "33" and code == "1":
        yield finding("ECF-1057", f"{pointer}/codigo_modificacion")
    elif ncf and code == "5" and not ncf.startswith("E32"):
        yield finding("ECF-1053", f"{pointer}/ncf_modificado")
    elif ncf and code == "4":
        yield from _replaced_paper(document.kind, ncf, f"{pointer}/ncf_modificado")
    if code in _CORRECTS and ncf.startswith(_NOTES):
        yield finding("ECF-1058", f"{pointer}/ncf_modificado", value=ncf)


def _replaced_paper(kind: str, ncf: str, pointer: str) -> Findings:
    if ncf.startswith("E"):
        yield finding("ECF-1054", pointer)
    elif ncf.startswith("B") and not ncf.startswith(SERIES_B[TipoECF(int(kind))]):
        yield finding("ECF-1055", pointer, kind=kind, expected=SERIES_B[TipoECF(int(kind))])


def _age(document: Document) -> Findings:
    issued = read_day(document.text("informacion_referencia", "fecha_ncf_modificado") or "")
    if issued is None:
        return
    if issued > document.fecha_emision:
        value, other = written_day(issued), written_day(document.fecha_emision)
        yield finding("ECF-1056", "/informacion_referencia/fecha_ncf_modificado", value=value, other=other)
    indicator = document.text("id_doc", "indicador_nota_credito")
    # A 34 that replaces contingency paper names that paper, not the document it once corrected.
    if document.kind != "34" or indicator is None or document.text("informacion_referencia", "codigo_modificacion") == "4":
        return
    days = (document.fecha_emision - issued).days
    expected = "1" if days > DAYS_OF_ITBIS else "0"
    if indicator != expected:
        yield finding("ECF-1023", "/id_doc/indicador_nota_credito", expected=expected, count=days)
    if indicator == "1" and (number(branch(document.tree, "totales"), "total_itbis") or ZERO) > 0:
        yield finding("ECF-1024", "/totales/total_itbis")


def _text_only(document: Document) -> Findings:
    """A 34 that corrects text moves no money: DGII's own example is one line of 1.00 that is not billed, and a total of 0.00."""
    if document.kind == "34" and document.text("informacion_referencia", "codigo_modificacion") == "2" and document.monto_total:
        yield finding("ECF-1059", "/items", observed=f"{document.monto_total:f}")


RULES = (_reference, _age, _text_only)
