"""The subtotals of each page from the lines it shows (format.md §16; Formato e-CF, Paginación)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from shared.ecf import taxes
from shared.ecf.adjustments import Adjustments
from shared.ecf.fields import Node
from shared.ecf.ledger import PESO, Ledger
from shared.ecf.money import ZERO, rounded
from shared.ecf.tree import Tree, arranged, branch, number, rows

_ITBIS = {"1": Decimal("0.18"), "2": Decimal("0.16"), "3": ZERO}
_TAXED = tuple(_ITBIS)
_PLACE = frozenset({"pagina_no", "no_linea_desde", "no_linea_hasta"})
_PAGE_TAXES = "subtotal_impuesto_adicional"
_SPECIFIC_PAGE, _OTHERS_PAGE = "subtotal_impuesto_selectivo_consumo_especifico_pagina", "subtotal_otros_impuesto"
_GROUPS = {taxes.ALCOHOL: "specific", taxes.TOBACCO: "specific", taxes.OTHERS: "others"}
# (field of a page, parts it adds, field of the totals that says whether it is in use)
_FIELDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("subtotal_monto_gravado_pagina", ("base1", "base2", "base3"), "monto_gravado_total"),
    *((f"subtotal_monto_gravado{rate}_pagina", (f"base{rate}",), f"monto_gravado_i{rate}") for rate in _TAXED),
    ("subtotal_exento_pagina", ("base4",), "monto_exento"),
    ("subtotal_itbis_pagina", ("itbis1", "itbis2", "itbis3"), "total_itbis"),
    *((f"subtotal_itbis{rate}_pagina", (f"itbis{rate}",), f"total_itbis{rate}") for rate in _TAXED),
    ("subtotal_impuesto_adicional_pagina", ("specific", "advalorem", "others"), "monto_impuesto_adicional"),
)
_TOTAL = ("base1", "base2", "base3", "base4", "itbis1", "itbis2", "itbis3", "specific", "advalorem", "others")
Parts = dict[str, Decimal]


def settle_pages(
    node: Node,
    tree: Tree,
    lines: list[Tree],
    totals: Tree,
    adjustments: Adjustments,
    of_lines: Sequence[Mapping[str, Decimal]],
    ledger: Ledger,
) -> None:
    """Fills in and compares the pages that say which lines they show; `of_lines` has the additional taxes of each line by code.

    What the totals publish is shared out so that the pages add up to it to the cent. A page that has an amount of the caller's is
    compared, not completed.
    """
    pages = [dict(page) for page in rows(tree, "paginas")]
    if not pages:
        return
    for index, page in enumerate(pages):
        page.setdefault("pagina_no", str(index + 1))
    if len(pages) > 1:
        tree["id_doc"] = {"total_paginas": str(len(pages)), **branch(tree, "id_doc")}
    ranges = [_range(page, len(lines)) for page in pages]
    if all(ranges):
        weights = [_weights(line, adjustments, taxed) for line, taxed in zip(lines, of_lines, strict=True)]
        shares = _shared_out([_sum_of(weights[held.start : held.stop]) for held in ranges], _sum_of(weights), _published(totals))
        _last_cent(shares, ranges, len(lines), totals)
        for index, (page, share, held) in enumerate(zip(pages, shares, ranges, strict=True)):
            _fill(node, page, share, totals, f"/paginas/{index}", PESO * len(held), ledger)
    tree["paginas"] = [arranged(node, page) for page in pages]


def _range(page: Tree, count: int) -> range:
    """The lines of a page as a range from zero; empty when the page does not say, or says something impossible."""
    first, last = number(page, "no_linea_desde"), number(page, "no_linea_hasta")
    return range(int(first) - 1, int(last)) if first and last and 1 <= first <= last <= count else range(0)


def _weights(line: Tree, adjustments: Adjustments, taxed: Mapping[str, Decimal]) -> Parts:
    """The exact parts of one line in everything that the totals publish."""
    class_, base = str(line.get("indicador_facturacion")), adjustments.base_of_line(line)
    found = {f"base{class_}": base}
    selective = ZERO
    for code, amount in taxed.items():
        group = taxes.group(code)
        part = _GROUPS.get(group, "advalorem")
        found[part] = found.get(part, ZERO) + amount
        selective += amount if group != taxes.OTHERS else ZERO
    if class_ in _ITBIS:
        found[f"itbis{class_}"] = (base + (selective if class_ == "1" else ZERO)) * _ITBIS[class_]
    return found


def _sum_of(parts: list[Parts]) -> Parts:
    found: Parts = {}
    for one in parts:
        for name, amount in one.items():
            found[name] = found.get(name, ZERO) + amount
    return found


def _published(totals: Tree) -> Parts:
    found: Parts = {"base4": number(totals, "monto_exento") or ZERO, "base0": number(totals, "monto_no_facturable") or ZERO}
    for rate in _TAXED:
        found[f"base{rate}"] = number(totals, f"monto_gravado_i{rate}") or ZERO
        found[f"itbis{rate}"] = number(totals, f"total_itbis{rate}") or ZERO
    for row in rows(totals, "impuestos_adicionales"):
        group = taxes.group(str(row.get("tipo_impuesto")))
        part = _GROUPS.get(group, "advalorem")
        found[part] = found.get(part, ZERO) + (number(row, taxes.HEADER_FIELD[group]) or ZERO)
    return found


def _shared_out(of_pages: list[Parts], whole: Parts, published: Parts) -> list[Parts]:
    """Each published amount over the pages by weight: what has been given so far is rounded, so nothing is lost or made."""
    shares: list[Parts] = [{} for _ in of_pages]
    for name, amount in published.items():
        weight, given, seen = whole.get(name, ZERO), ZERO, ZERO
        for share, page in zip(shares, of_pages, strict=True):
            seen += page.get(name, ZERO)
            upto = rounded(amount * seen / weight) if weight else ZERO
            share[name] = upto - given
            given = upto
    return shares


def _last_cent(shares: list[Parts], ranges: list[range], count: int, totals: Tree) -> None:
    """MontoTotal is a total of its own, rounded or sent; where the pages show every line, the last one carries the difference."""
    if sum(len(held) for held in ranges) != count:
        return
    shown = sum((share.get(name, ZERO) for share in shares for name in _TOTAL), ZERO)
    shares[-1]["difference"] = (number(totals, "monto_total") or ZERO) - shown


def _fill(node: Node, page: Tree, share: Parts, totals: Tree, pointer: str, tolerance: Decimal, ledger: Ledger) -> None:
    made = any(name not in _PLACE for name in page)

    def settle(below: Node, holder: Tree, name: str, expected: Decimal, here: str) -> None:
        child = below.members.get(name)
        if child is None or child.type is None or (name not in holder and (made or (child.type.above and not expected))):
            return
        ledger.settle(holder, name, expected, pointer=here, tolerance=tolerance, beyond="ECF-2120")

    for name, parts, total in _FIELDS:
        if total in totals:
            settle(node, page, name, sum((share.get(part, ZERO) for part in parts), ZERO), pointer)
    below = node.members.get(_PAGE_TAXES)
    if below is not None:
        held = dict(branch(page, _PAGE_TAXES))
        for name, part in ((_SPECIFIC_PAGE, "specific"), (_OTHERS_PAGE, "others")):
            settle(below, held, name, share.get(part, ZERO), f"{pointer}/{_PAGE_TAXES}")
        if held:
            page[_PAGE_TAXES] = arranged(below, held)
    whole = sum((share.get(name, ZERO) for name in (*_TOTAL, "difference")), ZERO)
    settle(node, page, "monto_subtotal_pagina", whole, pointer)
    if "monto_no_facturable" in totals:
        settle(node, page, "subtotal_monto_no_facturable_pagina", share.get("base0", ZERO), pointer)
