"""The amounts of one line: sub-discounts, sub-surcharges and MontoItem."""

from decimal import Decimal

from shared.ecf.ledger import PESO, Ledger
from shared.ecf.money import ZERO, rounded
from shared.ecf.tree import Tree, number, rows

_HUNDRED, _HALF_CENT = Decimal(100), Decimal("0.005")
# (amount of the line, its table, type, percentage and amount of an entry, code without table, code of a wrong sum)
_DISCOUNT = ("descuento_monto", "sub_descuentos", "sub_descuento", "ECF-2011", "ECF-2012")
_SURCHARGE = ("recargo_monto", "sub_recargos", "sub_recargo", "ECF-2013", "ECF-2014")


def settle_line(line: Tree, pointer: str, ledger: Ledger) -> Decimal:
    """MontoItem = price × quantity − discounts + surcharges (format, area B); fills in what the caller left out."""
    gross = (number(line, "precio_unitario_item") or ZERO) * (number(line, "cantidad_item") or ZERO)
    discount = _adjustments(line, gross, _DISCOUNT, pointer, ledger)
    surcharge = _adjustments(line, gross, _SURCHARGE, pointer, ledger)
    expected = gross - discount + surcharge
    if -_rounding(line) <= expected < 0:
        # 100 % of 0.015 is a discount of 0.02: nobody gave more than the price.
        expected = ZERO
    elif rounded(expected) < 0:
        ledger.note("ECF-2001", f"{pointer}/monto_item", expected=f"{rounded(expected):f}")
        expected = ZERO
    return ledger.settle(line, "monto_item", expected, pointer=pointer, tolerance=PESO, beyond="ECF-2002")


def _rounding(line: Tree) -> Decimal:
    """How far the amounts of the line's percentages may lie above the exact ones: half a cent each."""
    return _HALF_CENT * (len(rows(line, "sub_descuentos")) + len(rows(line, "sub_recargos")))


def _adjustments(line: Tree, gross: Decimal, names: tuple[str, str, str, str, str], pointer: str, ledger: Ledger) -> Decimal:
    total, table, stem, without_table, wrong_sum = names
    sent = number(line, total)
    entries = rows(line, table)
    if not entries:
        if sent:
            ledger.note(without_table, f"{pointer}/{total}", observed=line[total])
        return sent or ZERO
    line[table] = [dict(entry) for entry in entries]
    added = sum(
        (_entry(entry, gross, stem, f"{pointer}/{table}/{index}", ledger) for index, entry in enumerate(rows(line, table))),
        ZERO,
    )
    return ledger.settle(line, total, added, pointer=pointer, tolerance=ZERO, beyond=wrong_sum)


def _entry(entry: Tree, gross: Decimal, stem: str, pointer: str, ledger: Ledger) -> Decimal:
    """One sub-discount or sub-surcharge; by percentage it is of price × quantity, and the amount is written all the same."""
    amount, percentage = f"monto_{stem}", number(entry, f"{stem}_porcentaje")
    if entry.get(f"tipo_{stem}") == "%" and percentage is not None:
        expected = gross * percentage / _HUNDRED
        return ledger.settle(entry, amount, expected, pointer=pointer, tolerance=PESO, beyond="ECF-2016")
    sent = number(entry, amount)
    if sent is None:
        ledger.note("ECF-2015", f"{pointer}/{amount}", name=amount)
    return sent or ZERO
