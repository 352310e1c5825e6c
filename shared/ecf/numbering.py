"""A number against the range DGII authorised and against the numbers already used (format.md §1, lifecycle of numbers)."""

from collections.abc import Container
from datetime import date

from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.findings import Finding
from shared.ecf.values import written_day


def check_range(document: Document, *, desde: int, hasta: int, vencimiento: date | None) -> tuple[Finding, ...]:
    """A numbered e-CF or its summary against an authorised range: sequence within both ends, expiry as DGII registered it.

    `vencimiento` is compared where the document carries one (32 and 34 do not).
    """
    found: list[Finding] = []
    if not desde <= document.encf.secuencia <= hasta:
        code = "ECF-1039" if document.kind == "RFCE" else "ECF-1037"
        found.append(finding(code, "/id_doc/encf", value=str(document.encf), first=desde, last=hasta))
    written = document.fecha_vencimiento_secuencia
    if written is not None and written != vencimiento:
        expected = written_day(vencimiento) if vencimiento is not None else "ninguna"
        pointer = "/id_doc/fecha_vencimiento_secuencia"
        found.append(finding("ECF-1036", pointer, observed=written_day(written), expected=expected))
    return tuple(found)


def check_unused(document: Document, used: Container[str]) -> tuple[Finding, ...]:
    """A numbered e-CF against the e-NCF its issuer has used before."""
    number = str(document.encf)
    return (finding("ECF-1038", "/id_doc/encf", value=number),) if number in used else ()
