"""The rows below the lines: totals of the document, subtotals of a page, the other currency. Pure."""

from decimal import Decimal

from functions.ri.lines import Line, Sums
from functions.ri.words import Row, amount, grouped, stated, text
from shared.ecf.document import Document
from shared.ecf.fields import label
from shared.ecf.money import ZERO, written
from shared.ecf.tree import Tree, branch, number, rows

_OTHER_WORDS = {"001": "Propina Legal", "002": "CDT"}
_ISC = ("monto_impuesto_selectivo_consumo_especifico", "monto_impuesto_selectivo_consumo_advalorem")


def totals_of(document: Document, unit: str) -> list[Row]:
    """Each amount that applies, all but the total itself; `unit` is added to every label."""
    totales = branch(document.tree, "totales")
    found = stated(
        ("Subtotal Gravado", amount(totales, "monto_gravado_total")),
        ("Subtotal Exento", amount(totales, "monto_exento")),
        *_additional(rows(totales, "impuestos_adicionales"), _ISC, "otros_impuestos_adicionales")[:1],
        ("Total ITBIS", amount(totales, "total_itbis")),
        *_additional(rows(totales, "impuestos_adicionales"), _ISC, "otros_impuestos_adicionales")[1:],
    )
    found += [_adjustment(row) for row in rows(document.tree, "descuentos_o_recargos")]
    found += stated(("Monto No Facturable", amount(totales, "monto_no_facturable")))
    return [Row(f"{row.label}{unit}", row.text) for row in found]


def abroad(otra_moneda: Tree) -> list[Row]:
    """The rate, and the totals in the other currency with its code in their labels."""
    currency = text(otra_moneda, "tipo_moneda")
    table = rows(otra_moneda, "impuestos_adicionales_otra_moneda")
    isc = tuple(f"{name}_otra_moneda" for name in _ISC)
    isc_row, *others = _additional(table, isc, "otros_impuestos_adicionales_otra_moneda", "tipo_impuesto_otra_moneda")
    found = stated(
        ("Subtotal Gravado", amount(otra_moneda, "monto_gravado_total_otra_moneda")),
        ("Subtotal Exento", amount(otra_moneda, "monto_exento_otra_moneda")),
        isc_row,
        ("Total ITBIS", amount(otra_moneda, "total_itbis_otra_moneda")),
        *others,
        ("Total", amount(otra_moneda, "monto_total_otra_moneda")),
    )
    rate = stated((f"Tasa de Cambio {currency}", amount(otra_moneda, "tipo_cambio")))
    return rate + [Row(f"{row.label} ({currency})", row.text) for row in found]


def declared_subtotals(block: Tree) -> list[Row]:
    """The subtotals that the document itself gives for one of its pages."""
    detail = branch(block, "subtotal_impuesto_adicional")
    return stated(
        ("Subtotal Gravado Página", amount(block, "subtotal_monto_gravado_pagina")),
        ("Subtotal Exento Página", amount(block, "subtotal_exento_pagina")),
        ("Subtotal ISC Página", amount(detail, "subtotal_impuesto_selectivo_consumo_especifico_pagina")),
        ("Subtotal Otros Impuestos Adicionales Página", amount(detail, "subtotal_otros_impuesto")),
        ("Subtotal Impuesto Adicional Página", amount(block, "subtotal_impuesto_adicional_pagina")),
        ("Subtotal ITBIS Página", amount(block, "subtotal_itbis_pagina")),
        ("Monto Total Página", amount(block, "monto_subtotal_pagina")),
    )


def shown_subtotals(lines: list[Line]) -> list[Row]:
    """The subtotals of a page that the document does not cut itself: what its lines come to."""
    sums = sum((line.sums for line in lines), Sums())
    additional = sums.isc + sums.otros
    found = stated(
        ("Subtotal Gravado Página", _if_any(sums.gravado)),
        ("Subtotal Exento Página", _if_any(sums.exento)),
        ("Subtotal ISC Página", _if_any(sums.isc)),
        ("Subtotal Otros Impuestos Adicionales Página", _if_any(sums.otros)),
        ("Subtotal Impuesto Adicional Página", _if_any(additional)),
        ("Subtotal ITBIS Página", _if_any(sums.itbis)),
    )
    return [*found, Row("Monto Total Página", grouped(written(sums.total)))]


def _if_any(sum_: Decimal) -> str:
    return grouped(written(sum_)) if sum_ else ""


def _additional(table: list[Tree], isc: tuple[str, ...], other: str, code_name: str = "tipo_impuesto") -> list[tuple[str, str]]:
    """First the ISC of the table in one row (maybe empty), then each other tax under its words."""
    selective = sum((number(row, name) or ZERO for row in table for name in isc), ZERO)
    others = [
        (_OTHER_WORDS.get(code, label("tipo_impuesto", code)), amount(row, other))
        for row in table
        if (code := text(row, code_name))
    ]
    return [("Total ISC", grouped(written(selective)) if selective else ""), *others]


def _adjustment(row: Tree) -> Row:
    discount = text(row, "tipo_ajuste") == "D"
    words = text(row, "descripcion_descuento_o_recargo") or ("Descuento" if discount else "Recargo")
    percentage = text(row, "valor_descuento_o_recargo") if text(row, "tipo_valor") == "%" else ""
    said = amount(row, "monto_descuento_o_recargo")
    return Row(f"{words} ({percentage} %)" if percentage else words, f"-{said}" if discount else said)
