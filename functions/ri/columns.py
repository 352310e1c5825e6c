"""The columns of the lines and how the width of the sheet is shared among them. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from functions.ri.lines import Line
from functions.ri.measure import POINT, width

WIDTH = Decimal(182)
"""Millimetres between the side margins of the A4 sheet."""
# A digit of the sheet's font in em, rounded up; and a cell's padding, in millimetres.
_DIGIT, _PADDING = Decimal("0.65"), Decimal("3.1")
# The sizes of the lines, largest first, and the least that a description may have, in millimetres.
_SIZES = tuple(map(Decimal, ("8", "7.5", "7", "6.5", "6", "5.5", "5")))
_NARROWEST = Decimal(42)
_TITLE = Decimal("0.9")


@dataclass(frozen=True)
class Column:
    """`align` is "right" for numbers; `money` titles carry the currency's code where there are two; `optional` columns are
    there only if some line has a value."""

    key: str
    title: str
    align: str = "right"
    money: bool = True
    optional: bool = False


COLUMNS = (
    Column("cantidad", "Cantidad", money=False),
    Column("descripcion", "Descripción", align="left", money=False),
    Column("unidad", "Unidad\u00a0de Medida", align="left", money=False, optional=True),
    Column("grados", "Grados Alcohol", money=False, optional=True),
    Column("pvp", "PVP", optional=True),
    Column("precio", "Precio"),
    Column("isc_especifico", "ISC Específico", optional=True),
    Column("isc_advalorem", "ISC Ad-Valorem", optional=True),
    Column("itbis", "ITBIS"),
    Column("descuento", "Descuento", optional=True),
    Column("recargo", "Recargo", optional=True),
    Column("valor", "Valor"),
    Column("valor_otra_moneda", "Valor", money=False, optional=True),
)


@dataclass(frozen=True)
class Setting:
    """`widths` in millimetres, one a column; `size` of the lines in points;
    `squeezed`: even the smallest size was too large, so numbers break at their commas rather than leave the sheet."""

    widths: list[str]
    size: str
    squeezed: bool


def applying(lines: list[Line], unit: str, currency: str) -> list[Column]:
    """The columns that some line needs, titled with the codes of the currencies where there are two."""
    found = [column for column in COLUMNS if not column.optional or any(line.cells[column.key] for line in lines)]
    if not unit:
        return found
    codes = {column.key: unit if column.money else f" ({currency})" for column in found}
    return [Column(c.key, f"{c.title}{codes[c.key]}", c.align) if c.money or c.key == "valor_otra_moneda" else c for c in found]


def setting(columns: list[Column], lines: list[Line]) -> Setting:
    """Each column as wide as its longest number or word of its title, the description has the rest; with little rest all is
    set smaller. Given to the layout, because parts of a long document are laid out one by one and must look the same."""
    characters = {c.key: max((len(line.cells[c.key]) for line in lines), default=0) for c in columns}
    fitting = [size for size in _SIZES if _left(columns, characters, size) >= _NARROWEST]
    size = fitting[0] if fitting else _SIZES[-1]
    needed = {c.key: _needed(c, characters[c.key], size) for c in columns if c.key != "descripcion"}
    if not fitting:
        share = (WIDTH - _NARROWEST) / sum(needed.values())
        needed = {key: own * share for key, own in needed.items()}
    needed["descripcion"] = WIDTH - sum(needed.values())
    return Setting([f"{needed[c.key]:.1f}" for c in columns], f"{size}", not fitting)


def _left(columns: list[Column], characters: dict[str, int], size: Decimal) -> Decimal:
    """What a size leaves to the description."""
    return WIDTH - sum(_needed(c, characters[c.key], size) for c in columns if c.key != "descripcion")


def _needed(column: Column, characters: int, size: Decimal) -> Decimal:
    widest = characters * _DIGIT
    if column.key == "unidad":
        # Words, which may take two rows.
        widest = min(widest, Decimal(11))
    title = max(width(word, size * _TITLE, bold=True) for word in column.title.split())
    return max(widest * size * POINT, title) + _PADDING
