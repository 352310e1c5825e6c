"""The A4 sheet: header and stamp on every page, the lines in columns, subtotals on all pages but the last, totals there. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate

from functions.ri.columns import Column
from functions.ri.layout import HAIR, SOFT, TINT, ZERO, Box, Group, Look, Page, Picture, Style, labelled
from functions.ri.lines import Line
from functions.ri.measure import POINT, width, wrapped
from functions.ri.sheet import Sheet
from functions.ri.totals import shown_subtotals
from functions.ri.words import Row

D = Decimal
WIDTH, HEIGHT, LEFT, TOP, INNER = D(210), D(297), D(14), D(14), D(182)
STAMP_TOP = D(238)
"""Where the stamp's part of the page begins."""
_NAMES, _NUMBERS = D(102), D(74)
_LOGO = (D(62), D(18))
_PAD, _GAP = D("1.5"), D("3.5")
_TRADE, _LEGAL = Style(D("12.5"), D("5.6"), bold=True), Style(D("8.5"), D("4.2"), bold=True)
_PLAIN, _RIGHT = Style(D(8), D("3.7")), Style(D(8), D("3.7"), align="right")
_ENCF = Style(D(10), D(5), bold=True, align="right")
_BUYER = Style(D(8), D(4), lead_bold=False, lead_colour=SOFT)
_STAMP, _LEGEND = Style(D("7.5"), D("3.4")), Style(D(8), D("3.8"), bold=True)
_FOOT = Style(D("7.5"), D("3.4"), align="right", colour=SOFT)
_SUM, _TOTAL = Style(D(8), D("4.3"), align="right"), Style(D(10), D("6.4"), bold=True, align="right")
_CLOSE, _USUAL_ROWS = Style(D("6.5"), D("3.1"), align="right"), 24
_MOST = 100
_ROW = D("1.63")
"""Of the lines, in sizes of their letters."""


class A4:
    """Lays out one document."""

    def __init__(self, sheet: Sheet, look: Look) -> None:
        self._sheet, self._look = sheet, look
        self._size = D(sheet.setting.size)
        self._cell = {side: Style(self._size, self._size * POINT * _ROW, align=side) for side in ("left", "right")}
        self._edges = list(accumulate((D(w) for w in sheet.setting.widths), initial=LEFT))
        self._pitch = self._cell["left"].pitch
        self._top = self._draw_head(self._blank()) + D(4)
        self._titles = self._draw_titles(self._blank())
        self._height = STAMP_TOP - self._titles
        rows = len(sheet.totals) + len(sheet.abroad)
        # Twenty discounts and twenty taxes are allowed, and must still stand on one page.
        self._sum = _SUM if rows <= _USUAL_ROWS else _CLOSE
        self._ending = _GAP + self._sum.pitch * rows + _TOTAL.pitch + 4

    def groups(self) -> list[Group]:
        """The lines of each page: as the document's own blocks say, else as many as fit."""
        if self._sheet.parts:
            return [group for n in range(len(self._sheet.parts)) for group in self._wanted(n)]
        return list(self._told())

    def page(self, group: Group, number: int, pages: int) -> Page:
        page = self._blank()
        self._draw_head(page)
        self._draw_stamp(page, number, pages)
        top = self._draw_lines(page, group.lines, self._draw_titles(page))
        self._draw_sums(page, group, top + _GAP)
        return page

    def _blank(self) -> Page:
        # The quiet zone of 3 mm ends 20 mm from the left and bottom edges.
        return Page(WIDTH, HEIGHT, Picture(D(23), HEIGHT - 53, D(30), D(30)))

    def _draw_head(self, page: Page) -> Decimal:
        sheet, left = self._sheet, TOP
        if self._look.logo:
            page.logo = Picture(LEFT, TOP, *_LOGO, align="left")
            left += _LOGO[1] + D("2.5")
        if sheet.nombre_comercial:
            left = page.say(LEFT, left, _NAMES, _TRADE, sheet.nombre_comercial)
        left = page.say(LEFT, left, _NAMES, _LEGAL if sheet.nombre_comercial else _TRADE, sheet.razon_social) + D("0.6")
        left = page.write(LEFT, left, _NAMES, _PLAIN, labelled(sheet.heading, _NAMES, _PLAIN))
        at = LEFT + INNER - _NUMBERS
        type_ = Style(D("11.5"), D("5.2"), bold=True, align="right", colour=self._look.accent)
        right = page.say(at, TOP, _NUMBERS, type_, sheet.tipo) + D(1)
        right = page.write(at, right, _NUMBERS, _ENCF, labelled(sheet.numbering[:1], _NUMBERS, _ENCF)) + D("0.4")
        right = page.write(at, right, _NUMBERS, _RIGHT, labelled(sheet.numbering[1:], _NUMBERS, _RIGHT))
        bottom = max(left, right)
        if not sheet.buyer:
            return bottom
        room = INNER - 6
        lines = labelled(sheet.buyer, room, _BUYER, lead=True)
        page.boxes.append(Box(LEFT, bottom + 3, INNER, _BUYER.pitch * len(lines) + 3, TINT))
        return page.write(LEFT + 3, bottom + D("4.5"), room, _BUYER, lines) + D("1.5")

    def _draw_stamp(self, page: Page, number: int, pages: int) -> None:
        stamp = [("", f"{row.label}: {row.text}") for row in self._sheet.stamp]
        page.write(D(23), HEIGHT - 18, D(80), _STAMP, stamp)
        room = D(112)
        legend = wrapped(self._sheet.legend, room, _LEGEND.size, bold=True)
        page.write(D(84), HEIGHT - 23 - _LEGEND.pitch * len(legend), room, _LEGEND, [("", line) for line in legend])
        page.write(LEFT + INNER - 60, HEIGHT - 18 + _FOOT.pitch, D(60), _FOOT, [("", f"Página No. {number} de {pages}")])

    def _draw_titles(self, page: Page) -> Decimal:
        size = self._size * D("0.9")
        titles = [wrapped(c.title, self._room(n), size, bold=True) for n, c in enumerate(self._sheet.columns)]
        rows = max(map(len, titles))
        pitch = size * POINT * D("1.3")
        box = Box(LEFT, self._top, INNER, pitch * rows + 2, self._look.accent)
        page.boxes.append(box)
        for n, (column, lines) in enumerate(zip(self._sheet.columns, titles, strict=True)):
            style = Style(size, pitch, bold=True, align=column.align, colour="#ffffff")
            top = self._top + 1 + pitch * (rows - len(lines))
            page.write(self._edges[n] + _PAD, top, self._room(n), style, [("", line) for line in lines])
        return self._top + box.height

    def _room(self, n: int) -> Decimal:
        return self._edges[n + 1] - self._edges[n] - 2 * _PAD

    def _said(self, line: Line, n: int, column: Column) -> tuple[str, ...]:
        """The lines of one cell; numbers stand on one, unless even the smallest size was too large."""
        text = line.cells[column.key]
        if column.key == "descripcion":
            text = f"{line.cells['exento']} {text}" if line.cells["exento"] else text
        elif column.key != "unidad" and not self._sheet.setting.squeezed:
            return (text,) if text else ()
        return wrapped(text, self._room(n), self._size)

    def _rows(self, line: Line) -> int:
        columns = enumerate(self._sheet.columns)
        return max(len(self._said(line, n, c)) for n, c in columns if c.key in _WRAPPING or self._sheet.setting.squeezed)

    def _draw_lines(self, page: Page, lines: list[Line], top: Decimal) -> Decimal:
        """One block a column, in it a line for each row of the table: the renderer's work is counted in blocks and lines."""
        heights = [self._rows(line) for line in lines]
        for n, column in enumerate(self._sheet.columns):
            drawn: list[tuple[str, str]] = []
            for line, height in zip(lines, heights, strict=True):
                said = [("", part) for part in self._said(line, n, column)]
                if column.key == "descripcion" and line.cells["exento"]:
                    said[0] = ("E", said[0][1].removeprefix("E"))
                drawn += said + [("", "")] * (height - len(said))
            if any(said for _, said in drawn):
                page.write(self._edges[n] + _PAD, top + D("0.3"), self._room(n), self._cell[column.align], drawn)
        for below in accumulate(heights):
            page.boxes.append(Box(LEFT, top + self._pitch * below + D("0.15"), INNER, D("0.15"), HAIR))
        return top + self._pitch * sum(heights)

    def _draw_sums(self, page: Page, group: Group, top: Decimal) -> None:
        sheet = self._sheet
        rows = sheet.totals if group.ends else group.subtotals
        top = _draw_rows(page, rows, self._sum, top)
        if group.ends:
            values = width(sheet.total.text, _TOTAL.size, bold=True)
            left = LEFT + INNER - max(D(80), values + width(sheet.total.label, _TOTAL.size, bold=True) + 10)
            page.boxes.append(Box(left, top + D("0.4"), LEFT + INNER - left, _TOTAL.pitch + D("0.6"), TINT))
            page.boxes.append(Box(left, top + D("0.4"), LEFT + INNER - left, D("0.3"), self._look.accent))
            top = _draw_rows(page, [sheet.total], _TOTAL, top + D("0.7"))
            _draw_rows(page, sheet.abroad, self._sum, top + 1)

    def _told(self) -> Iterator[Group]:
        """As many lines a page as leave room for its subtotals; the totals on the last, alone if need be."""
        lines, heights = self._sheet.lines, [self._pitch * self._rows(line) for line in self._sheet.lines]
        full = self._height - _GAP - self._sum.pitch * (len(shown_subtotals(lines)) + 1)
        start, left = 0, sum(heights, ZERO)
        while start < len(lines) and left + self._ending > self._height:
            taken = _fitting(heights[start : start + _MOST], full)
            shown = lines[start : start + taken]
            yield Group(shown, shown_subtotals(shown))
            left -= sum(heights[start : start + taken], ZERO)
            start += taken
        yield Group(lines[start:], [], ends=True)

    def _wanted(self, n: int) -> Iterator[Group]:
        """A part that the document wants on one page, on as many as it needs; the last carries what it says."""
        part, last = self._sheet.parts[n], n == len(self._sheet.parts) - 1
        ending = self._ending if last else _GAP + self._sum.pitch * (len(part.subtotals) + 1)
        lines, heights = part.lines, [self._pitch * self._rows(line) for line in part.lines]
        while lines and sum(heights, ZERO) + ending > self._height:
            taken = _fitting(heights, self._height)
            yield Group(lines[:taken], [])
            lines, heights = lines[taken:], heights[taken:]
        yield Group(lines, [] if last else part.subtotals, ends=last)


def _fitting(heights: list[Decimal], room: Decimal) -> int:
    """How many of the first fit; at least one."""
    return max(1, sum(below <= room for below in accumulate(heights)))


_WRAPPING = ("descripcion", "unidad")


def _draw_rows(page: Page, rows: list[Row], style: Style, top: Decimal) -> Decimal:
    """Labels and values in two columns at the right edge; a long label takes more lines, its value stands on the first."""
    if not rows:
        return top
    values = max(width(row.text, style.size, bold=style.bold) for row in rows)
    room = INNER - values - 4 * _PAD
    labels: list[tuple[str, str]] = []
    texts: list[tuple[str, str]] = []
    for row in rows:
        lines = wrapped(row.label, room, style.size, bold=style.bold)
        labels += [("", line) for line in lines]
        texts += [("", row.text)] + [("", "")] * (len(lines) - 1)
    page.write(LEFT, top, room + _PAD, style, labels)
    return page.write(LEFT + INNER - _PAD - values, top, values, style, texts)
