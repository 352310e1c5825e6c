"""The columns of the lines and how the width of the sheet is shared among them. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal

WIDTH = Decimal(182)
"""Millimetres between the side margins of the style sheet."""
# Of DejaVu Sans at the style sheet's sizes: a digit, a letter of a title, a digit of the total; and a cell's padding.
_DIGIT, _LETTER, _BIG_DIGIT, _PADDING = Decimal("1.92"), Decimal("2.0"), Decimal("2.5"), Decimal("3.6")
# The smaller setting, and the least a description may have in each.
_CROWDED, _CROWDED_PADDING = Decimal("0.8"), Decimal("1.8")
_NARROWEST, _CROWDED_NARROWEST = Decimal(48), Decimal(28)


@dataclass(frozen=True)
class Column:
    """`style` is a class of the style sheet; `optional` columns are there only if some line has a value."""

    key: str
    title: str
    style: str
    optional: bool = False


COLUMNS = (
    Column("cantidad", "Cantidad", "number"),
    Column("descripcion", "Descripción", "words"),
    Column("unidad", "Unidad de Medida", "unit", optional=True),
    Column("grados", "Grados Alcohol", "number", optional=True),
    Column("pvp", "PVP", "number", optional=True),
    Column("precio", "Precio", "number"),
    Column("isc_especifico", "ISC Específico", "number", optional=True),
    Column("isc_advalorem", "ISC Ad-Valorem", "number", optional=True),
    Column("itbis", "ITBIS", "number"),
    Column("descuento", "Descuento", "number", optional=True),
    Column("recargo", "Recargo", "number", optional=True),
    Column("valor", "Valor", "number"),
)


def widths(columns: list[Column], lines: list[dict[str, str]], totals: list[str]) -> tuple[list[str], bool]:
    """Each column as wide as its longest number, the description has the rest; with little rest everything is set smaller.

    Given to the layout because working them out over a thousand lines is what takes its time.
    """
    longest = {c.key: max((len(line[c.key]) for line in lines), default=0) * _DIGIT for c in columns}
    # Two rows of title: a unit of one letter needs no less.
    longest["unidad"] = min(max(longest.get("unidad", Decimal(0)), Decimal(18)), Decimal(24))
    longest["valor"] = max(longest["valor"], max(len(text) for text in totals) * _BIG_DIGIT)
    inner = {
        c.key: max(longest[c.key], max(len(word) for word in re.split("[ -]", c.title)) * _LETTER)
        for c in columns
        if c.key != "descripcion"
    }
    needed = {key: width + _PADDING for key, width in inner.items()}
    crowded = WIDTH - sum(needed.values()) < _NARROWEST
    if crowded:
        needed = {key: width * _CROWDED + _CROWDED_PADDING for key, width in inner.items()}
        # Beyond that numbers break rather than leave the sheet: it takes amounts of a trillion pesos.
        share = min(Decimal(1), (WIDTH - _CROWDED_NARROWEST) / sum(needed.values()))
        needed = {key: width * share for key, width in needed.items()}
    needed["descripcion"] = WIDTH - sum(needed.values())
    return [f"{needed[c.key]:.1f}mm" for c in columns], crowded
