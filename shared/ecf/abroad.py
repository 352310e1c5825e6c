"""The amounts in another currency: each peso amount divided by TipoCambio (format.md §13)."""

from decimal import Decimal

from shared.ecf.fields import Node
from shared.ecf.ledger import PESO, Ledger
from shared.ecf.money import ZERO
from shared.ecf.tree import Tree, arranged, branch, number, rows

_TAXES = "impuestos_adicionales_otra_moneda"
_NAMED = ("tipo_impuesto", "tasa_impuesto_adicional")
_RENAMED = {f"monto_gravado_i{rate}": f"monto_gravado{rate}_otra_moneda" for rate in "123"}
# (amount of a line or an adjustment in pesos, the same in the other currency): compared where sent, never filled in.
_OF_LINE = (("descuento_monto", "descuento_otra_moneda"), ("recargo_monto", "recargo_otra_moneda"))
_OF_ADJUSTMENT = ("monto_descuento_o_recargo", "monto_descuento_o_recargo_otra_moneda")


def settle_abroad(node: Node, tree: Tree, lines: list[Tree], totals: Tree, ledger: Ledger, tolerance: Decimal) -> None:
    """Fills in `otra_moneda` and the lines' detail; `node` is the root of the document's kind.

    Who sends an amount in `otra_moneda` has made that table: it is compared, not completed, and lines without detail stay so.
    """
    sent = branch(tree, "otra_moneda")
    detailed = any("otra_moneda_detalle" in line for line in lines)
    if not sent and not detailed:
        return
    for name in ("tipo_moneda", "tipo_cambio"):
        if name not in sent:
            ledger.note("ECF-2134", f"/otra_moneda/{name}", name=name)
    rate = number(sent, "tipo_cambio")
    if not rate:
        return
    made = any(name not in ("tipo_moneda", "tipo_cambio") for name in sent)
    for index, line in enumerate(lines):
        if detailed or not made:
            _line(line, rate, f"/items/{index}", ledger)
    for index, entry in enumerate(rows(tree, "descuentos_o_recargos")):
        _compared(entry, entry, *_OF_ADJUSTMENT, rate, f"/descuentos_o_recargos/{index}", ledger)
    below = node.members["otra_moneda"]
    abroad = dict(sent)
    for name in totals:
        other = _RENAMED.get(name, f"{name}_otra_moneda")
        amount = number(totals, name)
        child = below.members.get(other)
        if child is None or child.type is None or amount is None or (made and other not in abroad):
            continue
        if amount or not child.type.above or other in abroad:
            _settle(abroad, other, amount / rate, "/otra_moneda", tolerance, ledger)
    if not made or _TAXES in sent:
        _taxes(below, abroad, totals, rate, tolerance, ledger)
    tree["otra_moneda"] = arranged(below, abroad)


def _line(line: Tree, rate: Decimal, pointer: str, ledger: Ledger) -> None:
    """MontoItem is the quotient, as in DGII's own set, not the product of the rounded price."""
    detail = dict(branch(line, "otra_moneda_detalle"))
    here = f"{pointer}/otra_moneda_detalle"
    if "precio_otra_moneda" not in detail:
        price = number(line, "precio_unitario_item") or ZERO
        ledger.settle(detail, "precio_otra_moneda", price / rate, pointer=here, tolerance=ZERO, beyond="ECF-2119", places=4)
    for name, other in _OF_LINE:
        _compared(line, detail, name, other, rate, here, ledger)
    _settle(detail, "monto_item_otra_moneda", (number(line, "monto_item") or ZERO) / rate, here, PESO, ledger)
    line["otra_moneda_detalle"] = detail


def _compared(pesos: Tree, holder: Tree, name: str, other: str, rate: Decimal, pointer: str, ledger: Ledger) -> None:
    if other in holder:
        _settle(holder, other, (number(pesos, name) or ZERO) / rate, pointer, PESO, ledger)


def _settle(holder: Tree, name: str, expected: Decimal, pointer: str, tolerance: Decimal, ledger: Ledger) -> None:
    ledger.settle(holder, name, expected, pointer=pointer, tolerance=tolerance, beyond="ECF-2119")


def _taxes(below: Node, abroad: Tree, totals: Tree, rate: Decimal, tolerance: Decimal, ledger: Ledger) -> None:
    sent = {row.get("tipo_impuesto_otra_moneda"): row for row in rows(abroad, _TAXES)}
    found: list[Tree] = []
    for index, row in enumerate(rows(totals, "impuestos_adicionales")):
        code = row.get("tipo_impuesto")
        held: Tree = {f"{name}_otra_moneda": row[name] for name in _NAMED if name in row}
        held.update(sent.get(code, {}))
        for name in row:
            amount = number(row, name) if name not in _NAMED else None
            if amount is not None:
                _settle(held, f"{name}_otra_moneda", amount / rate, f"/otra_moneda/{_TAXES}/{index}", tolerance, ledger)
        found.append(held)
    if found:
        abroad[_TAXES] = [arranged(below.members[_TAXES], row) for row in found]
