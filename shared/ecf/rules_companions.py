"""What the summary, the two answers between taxpayers and the voiding of numbers must agree on (format.md §15, §17)."""

from collections.abc import Callable, Generator, Iterator
from decimal import Decimal
from itertools import pairwise

from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.encf import ENCF
from shared.ecf.findings import Finding
from shared.ecf.money import ZERO
from shared.ecf.rfce import LIMITE_RFCE
from shared.ecf.tree import Tree, branch, number, rows
from shared.ecf.types import TipoECF

Findings = Iterator[Finding]
Rule = Callable[[Document], Findings]
_PARTS = ("monto_gravado_total", "monto_exento", "total_itbis", "monto_impuesto_adicional")
# Foreign totals may be rounded from unrounded parts.
_CENT = Decimal("0.01")
WITHOUT_APPROVAL = frozenset(
    {TipoECF.CONSUMO, TipoECF.COMPRAS, TipoECF.GASTOS_MENORES, TipoECF.EXPORTACIONES, TipoECF.PAGOS_AL_EXTERIOR}
)


def _summary(document: Document) -> Findings:
    totals = branch(document.tree, "totales")
    expected = sum((number(totals, name) or ZERO for name in _PARTS), ZERO)
    total = document.monto_total
    if abs(total - expected) > _CENT:
        yield finding("ECF-1093", "/totales/monto_total", observed=f"{total:f}", expected=f"{expected:f}")
    if total >= LIMITE_RFCE:
        yield finding("ECF-1094", "/totales/monto_total", observed=f"{total:f}")


def _receipt(document: Document) -> Findings:
    yield from _encf(document.text("encf"), "/encf")
    refused, reason = document.text("estado") == "1", document.text("codigo_motivo_no_recibido")
    if refused != (reason is not None):
        yield finding("ECF-1111", "/codigo_motivo_no_recibido")


def _approval(document: Document) -> Findings:
    written = document.text("encf")
    yield from _encf(written, "/encf")
    number_ = _parsed(written)
    if number_ is not None and number_.tipo in WITHOUT_APPROVAL:
        yield finding("ECF-1122", "/encf", kind=f"{number_.tipo:d}")
    if (document.text("estado") == "2") != (document.text("detalle_motivo_rechazo") is not None):
        yield finding("ECF-1121", "/detalle_motivo_rechazo")


def _voided(document: Document) -> Findings:
    total = 0
    seen: dict[str, int] = {}
    for index, entry in enumerate(rows(document.tree, "anulaciones")):
        pointer = f"/anulaciones/{index}"
        # The schema lets this element repeat, so it is a list here.
        if entry.get("no_linea") != [str(index + 1)]:
            yield finding("ECF-1104", f"{pointer}/no_linea", expected=index + 1)
        kind = str(entry.get("tipo_ecf"))
        if kind in seen:
            yield finding("ECF-1106", f"{pointer}/tipo_ecf", kind=kind, other=seen[kind] + 1)
        seen.setdefault(kind, index)
        counted = yield from _ranges(entry, kind, pointer)
        total += counted
        if entry.get("cantidad_encf_anulados") != str(counted):
            yield finding("ECF-1103", f"{pointer}/cantidad_encf_anulados", expected=counted)
    if document.text("cantidad_encf_anulados") != str(total):
        yield finding("ECF-1103", "/cantidad_encf_anulados", expected=total)


def _ranges(entry: Tree, kind: str, pointer: str) -> Generator[Finding, None, int]:
    """Yields findings, returns how many numbers the ranges of one type hold."""
    held: list[tuple[int, int, int]] = []
    for index, row in enumerate(rows(entry, "secuencias")):
        here = f"{pointer}/secuencias/{index}"
        ends: list[int] = []
        for name in ("secuencia_encf_desde", "secuencia_encf_hasta"):
            found = _parsed(str(row.get(name)))
            if found is None or found.secuencia == 0 or f"{found.tipo:d}" != kind:
                yield finding("ECF-1102", f"{here}/{name}", kind=kind, value=row.get(name))
            else:
                ends.append(found.secuencia)
        if len(ends) == 2:
            if ends[0] > ends[1]:
                yield finding("ECF-1101", f"{here}/secuencia_encf_desde")
            else:
                held.append((ends[0], ends[1], index))
    held.sort()
    for before, after in pairwise(held):
        if after[0] <= before[1]:
            yield finding("ECF-1105", f"{pointer}/secuencias/{after[2]}", other=before[2] + 1)
    return sum(last - first + 1 for first, last, _ in held)


def _encf(written: str | None, pointer: str) -> Findings:
    found = _parsed(written)
    if found is None or found.secuencia == 0:
        yield finding("ECF-1107", pointer, value=written)


def _parsed(written: str | None) -> ENCF | None:
    try:
        return ENCF.parse(written or "")
    except ValueError:
        return None


OF_RFCE: tuple[Rule, ...] = (_summary,)
OF_ARECF: tuple[Rule, ...] = (_receipt,)
OF_ACECF: tuple[Rule, ...] = (_approval,)
OF_ANECF: tuple[Rule, ...] = (_voided,)
