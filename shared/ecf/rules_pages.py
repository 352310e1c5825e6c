"""Page blocks of a print of several pages (format.md §16)."""

from collections.abc import Iterator
from decimal import Decimal

from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.findings import Finding
from shared.ecf.money import ZERO
from shared.ecf.tree import number, rows

Findings = Iterator[Finding]
_CENT = Decimal("0.01")


def _pages(document: Document) -> Findings:
    pages = rows(document.tree, "paginas")
    total = document.text("id_doc", "total_paginas")
    if total is not None and pages and total != str(len(pages)):
        yield finding("ECF-1073", "/id_doc/total_paginas", expected=len(pages))
    following = 1
    for index, page in enumerate(pages):
        pointer = f"/paginas/{index}"
        if page.get("pagina_no", str(index + 1)) != str(index + 1):
            yield finding("ECF-1071", f"{pointer}/pagina_no", expected=index + 1)
        first, last = number(page, "no_linea_desde"), number(page, "no_linea_hasta")
        if first is None or last is None:
            continue
        if first > last:
            yield finding("ECF-1072", f"{pointer}/no_linea_desde")
        elif first != following:
            yield finding("ECF-1075", f"{pointer}/no_linea_desde", expected=following)
        elif index == len(pages) - 1 and last != len(document.items):
            yield finding("ECF-1075", f"{pointer}/no_linea_hasta", expected=len(document.items))
        following = int(last) + 1


def _whole(document: Document) -> Findings:
    amounts = [number(page, "monto_subtotal_pagina") for page in rows(document.tree, "paginas")]
    if amounts and None not in amounts:
        added = sum((amount or ZERO for amount in amounts), ZERO)
        if abs(added - document.monto_total) > _CENT:
            yield finding("ECF-1074", "/paginas", observed=f"{added:f}", expected=f"{document.monto_total:f}")


RULES = (_pages, _whole)
