"""Global discounts and surcharges, and the base of each class of lines after them (format.md §8, §9)."""

from dataclasses import dataclass, field
from decimal import Decimal

from shared.ecf.ledger import PESO, Ledger
from shared.ecf.money import ZERO
from shared.ecf.tree import Tree, branch, number, rows

_HUNDRED = Decimal(100)
_INCLUSIVE = {"1": Decimal("1.18"), "2": Decimal("1.16")}
# Norma General 10-07: the price holds ITBIS 18 %, CDT 2 % and ISC of telecommunications 10 %.
_TELECOM = Decimal("1.30")


@dataclass
class Adjustments:
    """Per class of line (IndicadorFacturacion): divisor of its prices, sum of its lines, Σ surcharges − Σ discounts."""

    divisors: dict[str, Decimal] = field(default_factory=dict)
    sums: dict[str, Decimal] = field(default_factory=dict)
    moved: dict[str, Decimal] = field(default_factory=dict)
    norma1007: Decimal = ZERO

    @property
    def used(self) -> frozenset[str]:
        return frozenset(self.sums)

    def net(self, class_: str) -> Decimal:
        """The lines of a class without the tax inside their prices, before global adjustments."""
        return self.sums.get(class_, ZERO) / self.divisors.get(class_, PESO)

    def base(self, class_: str) -> Decimal:
        """The exact amount that the total of the class publishes."""
        return self.net(class_) + self.moved.get(class_, ZERO)

    def base_of_line(self, line: Tree) -> Decimal:
        """One line's part of its class: its net amount and, by weight, its share of the adjustments."""
        class_ = str(line.get("indicador_facturacion"))
        own = (number(line, "monto_item") or ZERO) / self.divisors.get(class_, PESO)
        whole = self.net(class_)
        return own + own / whole * self.moved.get(class_, ZERO) if whole else own


def settle_adjustments(tree: Tree, lines: list[Tree], ledger: Ledger) -> Adjustments:
    """Fills in the amounts of the adjustments and says what each class of lines comes to."""
    entries = [dict(entry) for entry in rows(tree, "descuentos_o_recargos")]
    found = Adjustments()
    if branch(tree, "id_doc").get("indicador_monto_gravado") == "1":
        found.divisors = dict(_INCLUSIVE)
        if any(entry.get("indicador_norma1007") == "1" for entry in entries):
            found.divisors["1"] = _TELECOM
    for line in lines:
        class_ = str(line.get("indicador_facturacion"))
        found.sums[class_] = found.sums.get(class_, ZERO) + (number(line, "monto_item") or ZERO)
    for index, entry in enumerate(entries):
        _settle(entry, found, f"/descuentos_o_recargos/{index}", ledger)
    if entries:
        tree["descuentos_o_recargos"] = list(entries)
    return found


def _settle(entry: Tree, found: Adjustments, pointer: str, ledger: Ledger) -> None:
    class_ = _class(entry, found, pointer, ledger)
    percentage = number(entry, "valor_descuento_o_recargo")
    name = "monto_descuento_o_recargo"
    if entry.get("tipo_valor") == "%" and percentage is not None and class_ is not None:
        expected = found.net(class_) * percentage / _HUNDRED
        amount = ledger.settle(entry, name, expected, pointer=pointer, tolerance=PESO, beyond="ECF-2016")
    else:
        held = number(entry, name)
        if held is None:
            ledger.note("ECF-2015", f"{pointer}/{name}", name=name)
        amount = held or ZERO
    if entry.get("indicador_norma1007") == "1" and entry.get("tipo_ajuste") == "D":
        found.norma1007 += amount
    elif class_ is not None:
        sign = 1 if entry.get("tipo_ajuste") == "R" else -1
        found.moved[class_] = found.moved.get(class_, ZERO) + sign * amount


def _class(entry: Tree, found: Adjustments, pointer: str, ledger: Ledger) -> str | None:
    """The class an adjustment touches; taken from the lines when all of them have the same."""
    name = "indicador_facturacion_descuento_o_recargo"
    class_ = entry.get(name)
    billed = sorted(found.used - {"0"})
    if not isinstance(class_, str):
        if len(billed) != 1:
            ledger.note("ECF-2022", f"{pointer}/{name}")
            return None
        entry[name] = class_ = billed[0]
    if class_ not in billed:
        ledger.note("ECF-2023", f"{pointer}/{name}", value=class_)
    return class_
