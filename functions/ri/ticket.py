"""The 80 mm roll, as long as it needs: issuer, type and number, lines of two rows, totals, QR, code and signing date. Pure."""

from decimal import Decimal

from functions.ri.layout import Block, Box, Look, Page, Picture, Style, labelled
from functions.ri.lines import Line
from functions.ri.measure import width, wrapped
from functions.ri.sheet import Sheet
from functions.ri.words import Row

D = Decimal
WIDTH, LEFT, INNER = D(80), D(4), D(72)
_INK = "#16181d"
_NAME, _LEGAL = Style(D(10), D("4.6"), bold=True, align="center"), Style(D("7.5"), D("3.6"), bold=True, align="center")
_CENTRE, _PLAIN = Style(D("7.5"), D("3.4"), align="center"), Style(D("7.5"), D("3.4"))
_ENCF = Style(D("8.5"), D("4.2"), bold=True)
_ITEM, _NUMBER, _ALSO = Style(D(7), D("3.3")), Style(D(7), D("3.3"), align="right"), Style(D("6.5"), D("3.2"), colour="#555b66")
_HEAD, _HEAD_RIGHT = Style(D(7), D("3.8"), bold=True), Style(D(7), D("3.8"), bold=True, align="right")
_SUM, _SUM_RIGHT = Style(D("7.5"), D("3.6")), Style(D("7.5"), D("3.6"), align="right")
_TOTAL, _TOTAL_RIGHT = Style(D("9.5"), D("5.2"), bold=True), Style(D("9.5"), D("5.2"), bold=True, align="right")
_LEGEND = Style(D("7.5"), D("3.5"), bold=True, align="center")
_SYMBOL, _QUIET, _LOGO = D(32), D(4), (D(48), D(15))
_EXTRA = ("grados", "pvp", "isc_especifico", "isc_advalorem", "descuento", "recargo", "valor_otra_moneda")


class Ticket:
    """Lays out one document on one strip."""

    def __init__(self, sheet: Sheet, look: Look) -> None:
        self._sheet, self._look = sheet, look
        self._titles = {column.key: column.title for column in sheet.columns}
        self._page = Page(WIDTH, D(0))

    def page(self) -> Page:
        top = self._rule(self._draw_issuer(D(5)))
        top = self._rule(self._draw_number(top))
        if self._sheet.buyer:
            top = self._rule(self._page.write(LEFT, top, INNER, _PLAIN, labelled(self._sheet.buyer, INNER, _PLAIN)))
        top = self._rule(self._draw_lines(top) + D("0.5"))
        top = self._draw_sums(top) + 2 + _QUIET
        self._page.symbol = Picture((WIDTH - _SYMBOL) / 2, top, _SYMBOL, _SYMBOL)
        stamp = [("", f"{row.label}: {row.text}") for row in self._sheet.stamp]
        top = self._page.write(LEFT, top + _SYMBOL + _QUIET, INNER, _CENTRE, stamp)
        if self._sheet.legend:
            top = self._page.say(LEFT, top + 3, INNER, _LEGEND, self._sheet.legend)
        self._page.height = top + 6
        return self._page

    def _rule(self, top: Decimal) -> Decimal:
        self._page.boxes.append(Box(LEFT, top + D("1.2"), INNER, D("0.2"), _INK))
        return top + D("2.4")

    def _draw_issuer(self, top: Decimal) -> Decimal:
        sheet = self._sheet
        if self._look.logo:
            self._page.logo = Picture((WIDTH - _LOGO[0]) / 2, top, *_LOGO)
            top += _LOGO[1] + 2
        if sheet.nombre_comercial:
            top = self._page.say(LEFT, top, INNER, _NAME, sheet.nombre_comercial)
        top = self._page.say(LEFT, top, INNER, _LEGAL if sheet.nombre_comercial else _NAME, sheet.razon_social)
        return self._page.write(LEFT, top, INNER, _CENTRE, labelled(sheet.heading[:-1], INNER, _CENTRE))

    def _draw_number(self, top: Decimal) -> Decimal:
        type_ = Style(D(9), D("4.2"), bold=True, colour=self._look.accent)
        top = self._page.say(LEFT, top, INNER, type_, self._sheet.tipo) + D("0.6")
        top = self._page.write(LEFT, top, INNER, _ENCF, labelled(self._sheet.numbering[:1], INNER, _ENCF))
        rest = [*self._sheet.numbering[1:], self._sheet.heading[-1]]
        return self._page.write(LEFT, top, INNER, _PLAIN, labelled(rest, INNER, _PLAIN))

    def _draw_lines(self, top: Decimal) -> Decimal:
        cells = [line.cells for line in self._sheet.lines]
        widest = {
            key: max(width(self._titles[key], _HEAD.size, bold=True), *(width(each[key], _NUMBER.size) for each in cells)) + 2
            for key in ("itbis", "valor")
        }
        right, middle = LEFT + INNER, LEFT + INNER - widest["valor"]
        self._page.write(LEFT, top, INNER, _HEAD, [("", self._titles["descripcion"])])
        self._page.write(middle - widest["itbis"], top, widest["itbis"], _HEAD_RIGHT, [("", self._titles["itbis"])])
        top = self._page.write(middle, top, right - middle, _HEAD_RIGHT, [("", self._titles["valor"])])
        self._page.boxes.append(Box(LEFT, top, INNER, D("0.15"), _INK))
        top += D("0.8")
        for line in self._sheet.lines:
            top = self._draw_line(line, top, middle, widest["itbis"])
        return top

    def _draw_line(self, line: Line, top: Decimal, middle: Decimal, itbis: Decimal) -> Decimal:
        """Name; quantity and price beside ITBIS and value, above them where they need the whole width; what else applies."""
        cells, room = line.cells, middle - itbis - LEFT
        name = wrapped(f"{cells['exento']} {cells['descripcion']}", INNER, _ITEM.size)
        lines = [("", each) for each in name]
        if cells["exento"]:
            lines[0] = ("E", name[0].removeprefix("E"))
        quantity = " ".join(filter(None, (cells["cantidad"], cells["unidad_corta"], "×", cells["precio"])))
        beside = width(quantity, _ITEM.size) <= room
        parts = [quantity] if beside else list(wrapped(quantity, INNER, _ITEM.size))
        below = self._page.write(LEFT, top, INNER, _ITEM, [*lines, *(("", part) for part in parts)])
        numbers = below - _NUMBER.pitch if beside else below
        self._page.write(middle - itbis, numbers, itbis, _NUMBER, [("", cells["itbis"])])
        below = self._page.write(middle, numbers, LEFT + INNER - middle, _NUMBER, [("", cells["valor"])])
        also = " · ".join(f"{self._titles[key]} {cells[key]}" for key in _EXTRA if cells[key])
        return self._page.say(LEFT, below, INNER, _ALSO, also) + D("0.6")

    def _draw_sums(self, top: Decimal) -> Decimal:
        for row in self._sheet.totals:
            top = self._sum(row, top, _SUM, _SUM_RIGHT)
        top = self._sum(self._sheet.total, top, _TOTAL, _TOTAL_RIGHT)
        for row in self._sheet.abroad:
            top = self._sum(row, top, _SUM, _SUM_RIGHT)
        return top

    def _sum(self, row: Row, top: Decimal, label: Style, value: Style) -> Decimal:
        """A label on as many lines as it needs, its value on the last of them."""
        room = width(row.text, value.size, bold=value.bold) + 1
        lines = wrapped(row.label, INNER - room, label.size, bold=label.bold)
        below = self._page.write(LEFT, top, INNER - room, label, [("", line) for line in lines])
        self._page.blocks.append(Block(LEFT + INNER - room, below - value.pitch, room, value, [("", row.text)]))
        return below
