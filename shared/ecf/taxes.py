"""Additional taxes of the lines: propina, CDT and the like by percentage, ISC on alcohol and tobacco by their formulas.

Rates are data (`impuestos.csv`, each with its first day); a rate the caller sends in the header table goes first.
"""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from shared.ecf.ledger import Ledger
from shared.ecf.money import ZERO
from shared.ecf.tree import Tree, number, rows

OTHERS, ALCOHOL, TOBACCO = "otros", "especifico_alcohol", "especifico_tabaco"
ALCOHOL_AD_VALOREM, TOBACCO_AD_VALOREM = "advalorem_alcohol", "advalorem_tabaco"
SPECIFIC = frozenset({ALCOHOL, TOBACCO})
AD_VALOREM = frozenset({ALCOHOL_AD_VALOREM, TOBACCO_AD_VALOREM})
HEADER_FIELD = {
    OTHERS: "otros_impuestos_adicionales",
    ALCOHOL: "monto_impuesto_selectivo_consumo_especifico",
    TOBACCO: "monto_impuesto_selectivo_consumo_especifico",
    ALCOHOL_AD_VALOREM: "monto_impuesto_selectivo_consumo_advalorem",
    TOBACCO_AD_VALOREM: "monto_impuesto_selectivo_consumo_advalorem",
}
BULK = "18"
_HUNDRED, _ITBIS = Decimal(100), Decimal("1.18")
_BULK_MARGIN = Decimal("1.30")


@dataclass(frozen=True)
class Rate:
    """A rate and the first day it was valid."""

    since: date
    rate: Decimal


@cache
def _published() -> dict[str, tuple[str, tuple[Rate, ...]]]:
    found: dict[str, tuple[str, list[Rate]]] = {}
    with Path(__file__).with_name("impuestos.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rate = Rate(date.fromisoformat(row["since"]), Decimal(row["rate"]))
            found.setdefault(row["code"], (row["group"], []))[1].append(rate)
    return {code: (group, tuple(sorted(held, key=lambda rate: rate.since))) for code, (group, held) in found.items()}


def group(code: str) -> str:
    """Which formula a TipoImpuesto follows."""
    return _published()[code][0]


def specific_of(code: str) -> str:
    """The specific ISC that goes with an ad valorem one (023 → 006 … 039 → 022)."""
    return f"{int(code) - 17:03d}"


def published_rate(code: str, day: date) -> Rate | None:
    """The rate valid on a day; None when the table does not reach back that far."""
    return next((rate for rate in reversed(_published()[code][1]) if rate.since <= day), None)


def codes_of(line: Tree) -> list[str]:
    """The TipoImpuesto of a line, in its order."""
    return [code for row in rows(line, "impuestos_adicionales") if isinstance(code := row.get("tipo_impuesto"), str)]


def selective(line: Tree, code: str, rate: Decimal, specific_rate: Decimal, pointer: str, ledger: Ledger) -> Decimal:
    """The exact ISC of one line; `specific_rate` is that of the specific tax paired with an ad valorem code."""
    kind = group(code)
    bulk = line.get("unidad_medida") == BULK
    if kind == ALCOHOL:
        return ZERO if bulk else _specific_alcohol(line, code, rate, pointer, ledger)
    count, price = number(line, "cantidad_item") or ZERO, number(line, "precio_unitario_item") or ZERO
    percent = rate / _HUNDRED
    if kind == ALCOHOL_AD_VALOREM and bulk:
        return price * _BULK_MARGIN * percent * count
    needed = [_needed(line, "cantidad_referencia", code, pointer, ledger)]
    if kind == TOBACCO:
        return count * needed[0] * rate
    retail = _needed(line, "precio_unitario_referencia", code, pointer, ledger)
    if not needed[0] or not retail or not count:
        return ZERO
    if kind == ALCOHOL_AD_VALOREM:
        paid = _specific_alcohol(line, code, specific_rate, pointer, ledger) / (count * needed[0])
    else:
        paid = specific_rate
    return (retail / _ITBIS - paid) / (1 + percent) * percent * needed[0] * count


def _specific_alcohol(line: Tree, code: str, rate: Decimal, pointer: str, ledger: Ledger) -> Decimal:
    """Rate × degrees × units per case × litres per unit × quantity."""
    if not rows(line, "subcantidades_item"):
        ledger.note("ECF-1062", f"{pointer}/subcantidades_item", value=code, name="subcantidades_item")
    litres = sum((number(row, "subcantidad") or ZERO for row in rows(line, "subcantidades_item")), ZERO)
    degrees = _needed(line, "grados_alcohol", code, pointer, ledger)
    units = _needed(line, "cantidad_referencia", code, pointer, ledger)
    return rate * degrees / _HUNDRED * units * litres * (number(line, "cantidad_item") or ZERO)


def _needed(line: Tree, name: str, code: str, pointer: str, ledger: Ledger) -> Decimal:
    held = number(line, name)
    if held is None:
        ledger.note("ECF-1062", f"{pointer}/{name}", value=code, name=name)
    return held or ZERO
