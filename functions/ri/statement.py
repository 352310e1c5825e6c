"""The month's statement of numbers on A4 across: sums by type and branch, then every range with its gaps. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from functions.ri.layout import HAIR, SOFT, TINT, Box, Look, Page, Picture, Style, labelled
from functions.ri.measure import wrapped
from functions.ri.schemas import Figures, GapIn, LineIn, RangeIn, StatementIn
from functions.ri.words import TYPE_NAMES, Row, grouped
from shared.ecf.clock import MONTHS, SANTO_DOMINGO
from shared.ecf.encf import ENCF
from shared.ecf.types import Environment, TipoECF

D = Decimal
TITLE = "Estado mensual de comprobantes"
WIDTH, HEIGHT, LEFT, TOP, INNER = D(297), D(210), D(14), D(13), D(269)
BOTTOM, FOOT = D(193), D(199)
_PAD, _LOGO = D("1.15"), (D(62), D(16))
_COUNT, _AMOUNT = D(21), D(35)
_NAME = Style(D("12.5"), D("5.6"), bold=True)
_PLAIN = Style(D(8), D("3.9"))
_HEADING = Style(D("9.5"), D("5.4"), bold=True)
_HEAD = {side: Style(D("6.2"), D("2.8"), bold=True, align=side, colour="#ffffff") for side in ("left", "right")}
_CELL = {side: Style(D(7), D("3.5"), align=side) for side in ("left", "right")}
_SUM = {side: Style(D("6.5"), D("3.5"), bold=True, align=side) for side in ("left", "right")}
_GAP = Style(D("6.5"), D("3.3"), lead_colour=SOFT, colour=SOFT)
_NOTE = Style(D(7), D("3.5"), colour=SOFT)
_GAPS_A_LINE, _INDENT, _LEAD = 3, D(5), D(22)
_ENVIRONMENTS = {
    Environment.TESTECF: "TesteCF (pruebas)",
    Environment.CERTECF: "CerteCF (certificación)",
    Environment.ECF: "eCF (producción)",
}
WHY = {
    "arrendado": "prestado",
    "devuelto": "devuelto",
    "en_anulacion": "en anulación",
    "anulado": "anulado",
    "no_anulado": "no anulado",
    "adoptado": "visto en la DGII",
    "sin_noticia": "sin noticia",
    "sin_explicar": "sin explicar",
}
"""Why numbers have no document, in the words of whoever reads the page."""
_NOTES = (
    "Los documentos cuentan por su fecha de emisión; las anulaciones, por el día de la respuesta de la DGII. Los aceptados "
    "incluyen los condicionales, y el monto es el de los aceptados. Pendientes: sin respuesta definitiva de la DGII. Sin usar: "
    "números devueltos que tomará otro documento. Sin explicar: números perdidos, que deben ser cero.",
    "Números sin documento: los que había cuando se generó este estado, que no es un comprobante fiscal.",
)


@dataclass(frozen=True)
class Column:
    title: str
    width: Decimal
    align: str = "right"


_FIGURES = [
    *(Column(title, _COUNT) for title in ("Emitidos", "Aceptados", "De ellos condicionales", "Rechazados", "Pendientes")),
    *(Column(title, _COUNT) for title in ("Sin usar", "Anulados", "Sin explicar")),
    Column("Monto aceptado", _AMOUNT),
]
_BY_TYPE = [Column("Tipo de comprobante y sucursal", D(51), "left"), Column("Rangos", D(15)), *_FIGURES]
_BY_RANGE = [Column("Primero", D(24), "left"), Column("Último", D(24), "left"), Column("Vence", D(18), "left"), *_FIGURES]


@dataclass(frozen=True)
class Band:
    """A piece that stands whole on one page: its height, and what draws it from a top."""

    height: Decimal
    draw: Callable[[Page, Decimal], None]


@dataclass(frozen=True)
class Section:
    """A table; its title stands again where it goes on on another page."""

    title: str
    columns: list[Column]
    bands: list[Band]


def pages(asked: StatementIn, look: Look) -> list[Page]:
    """The whole statement, told off and numbered."""
    told = _Told(asked, look)
    told.section(_summary(asked, look))
    for line in asked.lines:
        mine = [one for one in asked.ranges if (one.tipo_ecf, one.sucursal) == (line.tipo_ecf, line.sucursal)]
        told.section(_detail(line, mine))
    told.band(_notes())
    for number, page in enumerate(told.pages, 1):
        _draw_foot(page, asked, f"Página {number} de {len(told.pages)}")
    return told.pages


@dataclass
class _Told:
    """Puts bands below one another, and begins a page where one does not fit."""

    asked: StatementIn
    look: Look
    pages: list[Page] = field(default_factory=list)
    _top: Decimal = BOTTOM

    def section(self, section: Section) -> None:
        head, is_due = _head(section, self.look), True
        for n, band in enumerate(section.bands):
            if self._top + band.height + (head.height if is_due else 0) > BOTTOM:
                self._turn()
                head, is_due = _head(section, self.look, goes_on=n > 0), True
            if is_due:
                self._put(head)
            self._put(band)
            is_due = False
        self._top += D(4)

    def band(self, band: Band) -> None:
        if self._top + band.height > BOTTOM:
            self._turn()
        self._put(band)

    def _put(self, band: Band) -> None:
        band.draw(self.pages[-1], self._top)
        self._top += band.height

    def _turn(self) -> None:
        page = Page(WIDTH, HEIGHT)
        self.pages.append(page)
        self._top = _draw_top(page, self.asked, self.look) + D(4)


def _summary(asked: StatementIn, look: Look) -> Section:
    rows = [_row(_BY_TYPE, [_line_name(line), (grouped(str(line.rangos)),), *_said(line)]) for line in asked.lines]
    total = [("Total del mes",), (grouped(str(len(asked.ranges))),), *_said(asked.totals)]
    empty = [] if asked.lines else [_row(_BY_TYPE, [("Ningún rango en este mes.",)])]
    return Section("Resumen", _BY_TYPE, [*rows, *empty, _sum(_BY_TYPE, total, look)])


def _line_name(line: LineIn) -> tuple[str, ...]:
    said = [_type_name(line.tipo_ecf), *([f"Sucursal {line.sucursal}"] if line.sucursal else [])]
    return tuple(part for name in said for part in wrapped(name, _BY_TYPE[0].width - 2 * _PAD, _CELL["left"].size))


def _type_name(tipo: TipoECF) -> str:
    return f"{tipo:d} · {TYPE_NAMES[tipo]}"


def _detail(line: LineIn, ranges: Iterable[RangeIn]) -> Section:
    branch = f" · Sucursal {line.sucursal}" if line.sucursal else ""
    return Section(_type_name(line.tipo_ecf) + branch, _BY_RANGE, [band for one in ranges for band in _range(one)])


def _range(one: RangeIn) -> Iterator[Band]:
    ends = [(str(ENCF(one.tipo_ecf, n)),) for n in (one.desde, one.hasta)]
    yield _row(_BY_RANGE, [*ends, (_day(one.vencimiento),), *_said(one)])
    told = [_gap(one.tipo_ecf, gap) for gap in one.gaps]
    if one.more_gaps:
        told.append("Hay más: consúltelos en el rango.")
    for first in range(0, len(told), _GAPS_A_LINE):
        yield _gap_line(told[first : first + _GAPS_A_LINE], lead="" if first else "Sin documento")


def _gap(tipo: TipoECF, gap: GapIn) -> str:
    first, last = ENCF(tipo, gap.desde), ENCF(tipo, gap.hasta)
    named = f"{first} a {last}" if last != first else str(first)
    return f"{named} ({gap.hasta - gap.desde + 1:,}): {WHY.get(gap.estado, gap.estado)}"


def _gap_line(said: list[str], *, lead: str) -> Band:
    def draw(page: Page, top: Decimal) -> None:
        page.write(LEFT + _INDENT, top, _LEAD, _GAP, [(lead, "")])
        room = (INNER - _INDENT - _LEAD) / _GAPS_A_LINE
        for n, text in enumerate(said):
            page.write(LEFT + _INDENT + _LEAD + room * n, top, room, _GAP, [("", text)])

    return Band(_GAP.pitch, draw)


def _said(figures: Figures) -> list[tuple[str, ...]]:
    counts = (figures.emitidos, figures.aceptados, figures.condicionales, figures.rechazados, figures.pendientes)
    rest = (figures.sin_usar, figures.anulados, figures.sin_explicar)
    return [(grouped(str(figure)),) for figure in (*counts, *rest, figures.monto_aceptado)]


def _row(columns: list[Column], cells: list[tuple[str, ...]]) -> Band:
    height = _CELL["left"].pitch * max(map(len, cells)) + D("1.4")

    def draw(page: Page, top: Decimal) -> None:
        page.boxes.append(Box(LEFT, top, INNER, D("0.15"), HAIR))
        _draw_cells(page, top + D("0.8"), columns, cells, _CELL)

    return Band(height, draw)


def _sum(columns: list[Column], cells: list[tuple[str, ...]], look: Look) -> Band:
    def draw(page: Page, top: Decimal) -> None:
        page.boxes.append(Box(LEFT, top, INNER, D("5.5"), TINT))
        page.boxes.append(Box(LEFT, top, INNER, D("0.3"), look.accent))
        _draw_cells(page, top + D("1.1"), columns, cells, _SUM)

    return Band(D("5.5"), draw)


def _head(section: Section, look: Look, *, goes_on: bool = False) -> Band:
    titles = [wrapped(c.title, c.width - 2 * _PAD, _HEAD["left"].size, bold=True) for c in section.columns]
    rows = max(map(len, titles))
    bar = _HEAD["left"].pitch * rows + 2
    name = f"{section.title} (continúa)" if goes_on else section.title

    def draw(page: Page, top: Decimal) -> None:
        page.say(LEFT, top, INNER, _HEADING, name)
        page.boxes.append(Box(LEFT, top + _HEADING.pitch, INNER, bar, look.accent))
        cells = [("",) * (rows - len(title)) + title for title in titles]
        _draw_cells(page, top + _HEADING.pitch + 1, section.columns, cells, _HEAD)

    return Band(_HEADING.pitch + bar, draw)


def _draw_cells(page: Page, top: Decimal, columns: list[Column], cells: list[tuple[str, ...]], styles: dict[str, Style]) -> None:
    left = LEFT
    for column, cell in zip(columns, cells, strict=False):
        lines = [("", text) for text in cell]
        page.write(left + _PAD, top, column.width - 2 * _PAD, styles[column.align], lines)
        left += column.width


def _notes() -> Band:
    lines = [("", line) for note in _NOTES for line in wrapped(note, INNER, _NOTE.size)]

    def draw(page: Page, top: Decimal) -> None:
        page.write(LEFT, top, INNER, _NOTE, lines)

    return Band(_NOTE.pitch * len(lines), draw)


def _draw_top(page: Page, asked: StatementIn, look: Look) -> Decimal:
    """Whose statement it is, at the left; of what month, at the right; answers where it ends."""
    left, names = TOP, D(150)
    if look.logo:
        page.logo = Picture(LEFT, TOP, *_LOGO, align="left")
        left += _LOGO[1] + D("2.5")
    left = page.say(LEFT, left, names, _NAME, asked.company.razon_social) + D("0.4")
    left = page.write(LEFT, left, names, _PLAIN, labelled([Row("RNC", asked.company.rnc)], names, _PLAIN))
    room, title = INNER - names, Style(D("12.5"), D("5.6"), bold=True, align="right", colour=look.accent)
    at = LEFT + names
    right = page.say(at, TOP, room, title, TITLE)
    plain = Style(D(8), D("3.9"), align="right")
    right = page.say(at, right, room, Style(D(10), D(5), bold=True, align="right"), _month(asked.month)) + D("0.4")
    right = page.say(at, right, room, plain, f"Ambiente: {_ENVIRONMENTS[asked.company.environment]}")
    bottom = max(left, right) + D("1.5")
    page.boxes.append(Box(LEFT, bottom, INNER, D("0.4"), look.accent))
    return bottom


def _draw_foot(page: Page, asked: StatementIn, number: str) -> None:
    moment = asked.generated_at.astimezone(SANTO_DOMINGO)
    said = f"Generado el {_day(moment.date())} a las {moment:%H:%M:%S}, hora de Santo Domingo"
    page.boxes.append(Box(LEFT, FOOT - D("1.5"), INNER, D("0.15"), HAIR))
    page.say(LEFT, FOOT, INNER / 2, _NOTE, said)
    page.say(LEFT + INNER / 2, FOOT, INNER / 2, Style(_NOTE.size, _NOTE.pitch, align="right", colour=SOFT), number)


def _month(month: str) -> str:
    year, number = month.split("-")
    return f"{MONTHS[int(number) - 1].capitalize()} de {year}"


def _day(day: date) -> str:
    return f"{day:%d-%m-%Y}"
