"""The header table of additional taxes: one row a code, with its rate and the sum of its lines (format.md §10)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.ecf import taxes
from shared.ecf.adjustments import Adjustments
from shared.ecf.fields import model
from shared.ecf.ledger import Ledger
from shared.ecf.money import ZERO, rounded
from shared.ecf.tree import Tree, arranged, number, rows

_TABLE = "impuestos_adicionales"
_POINTER = "/totales/impuestos_adicionales"
_HUNDRED = Decimal(100)


@dataclass
class AdditionalTaxes:
    """`selective`: the published ISC, which belongs to the base of ITBIS 18 %; `of_lines`: the exact taxes of each line by code."""

    selective: Decimal = ZERO
    of_lines: list[dict[str, Decimal]] = field(default_factory=list)


def settle_header_taxes(
    kind: str,
    day: date,
    lines: list[Tree],
    totals: Tree,
    adjustments: Adjustments,
    ledger: Ledger,
    tolerance: Decimal,
) -> AdditionalTaxes:
    """Fills in table and MontoImpuestoAdicional, with the rates of `day` where the caller gives none."""
    node = model(kind).members["totales"]
    found = AdditionalTaxes(of_lines=[{} for _ in lines])
    if _TABLE not in node.members:
        return found
    sent = [dict(row) for row in rows(totals, _TABLE)]
    owed: dict[str, Decimal] = {}
    rates: dict[str, Decimal] = {}
    for index, (line, own) in enumerate(zip(lines, found.of_lines, strict=True)):
        for code in taxes.codes_of(line):
            rate = rates.get(code)
            if rate is None:
                rate = rates[code] = _rate(code, sent, day, ledger)
            amount = _of_line(line, code, rate, f"/items/{index}", sent, day, adjustments, ledger)
            own[code] = own.get(code, ZERO) + amount
            owed[code] = owed.get(code, ZERO) + amount
    table = _rows(sent, owed, rates, ledger)
    if not table and "monto_impuesto_adicional" not in totals:
        return found
    published = ZERO
    for index, row in enumerate(table):
        code = str(row["tipo_impuesto"])
        name = taxes.HEADER_FIELD[taxes.group(code)]
        if not rounded(owed[code]) and name not in row:
            continue
        amount = ledger.settle(row, name, owed[code], pointer=f"{_POINTER}/{index}", tolerance=tolerance, beyond="ECF-2114")
        published += amount
        found.selective += amount if taxes.group(code) != taxes.OTHERS else ZERO
    if table:
        totals[_TABLE] = [arranged(node.members[_TABLE], row) for row in table]
    # DGII takes no zero here: bulk alcohol alone leaves nothing to write.
    if published or "monto_impuesto_adicional" in totals:
        ledger.settle(totals, "monto_impuesto_adicional", published, pointer="/totales", tolerance=tolerance, beyond="ECF-2114")
    return found


def _rows(sent: list[Tree], owed: dict[str, Decimal], rates: dict[str, Decimal], ledger: Ledger) -> list[Tree]:
    """The rows sent, in their order, then one for each code they lack, with every rate filled in."""
    table: list[Tree] = []
    seen: set[str] = set()
    for index, row in enumerate(sent):
        code = str(row.get("tipo_impuesto"))
        if code in seen:
            ledger.note("ECF-1067", f"{_POINTER}/{index}/tipo_impuesto", value=code)
        elif code not in owed:
            ledger.note("ECF-2135", f"{_POINTER}/{index}/tipo_impuesto", value=code)
        else:
            row.setdefault("tasa_impuesto_adicional", f"{rates[code]:f}")
            table.append(row)
        seen.add(code)
    table += [{"tipo_impuesto": code, "tasa_impuesto_adicional": f"{rates[code]:f}"} for code in sorted(owed) if code not in seen]
    return table


def _rate(code: str, sent: list[Tree], day: date, ledger: Ledger) -> Decimal:
    """The caller's rate, or the published one of the day; an amount in pesos taken from the table is worth a warning."""
    for row in sent:
        if row.get("tipo_impuesto") == code and (held := number(row, "tasa_impuesto_adicional")) is not None:
            return held
    published = taxes.published_rate(code, day)
    if published is None:
        ledger.note("ECF-2132", _POINTER, value=code)
        return ZERO
    if taxes.group(code) in taxes.SPECIFIC:
        ledger.note("ECF-2133", _POINTER, value=code, observed=f"{published.rate:f}", other=published.since.isoformat())
    return published.rate


def _of_line(
    line: Tree,
    code: str,
    rate: Decimal,
    pointer: str,
    sent: list[Tree],
    day: date,
    adjustments: Adjustments,
    ledger: Ledger,
) -> Decimal:
    group = taxes.group(code)
    if group == taxes.OTHERS:
        return adjustments.base_of_line(line) * rate / _HUNDRED
    paired = ZERO
    if group in taxes.AD_VALOREM and line.get("unidad_medida") != taxes.BULK:
        specific = taxes.specific_of(code)
        if specific in taxes.codes_of(line):
            paired = _rate(specific, sent, day, Ledger())
    return taxes.selective(line, code, rate, paired, pointer, ledger)
