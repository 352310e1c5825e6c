"""The lines and sums of an A4 print held against the document: every cell in its column, every total beside its label."""

from collections.abc import Iterable, Iterator
from decimal import localcontext
from itertools import accumulate

from functions.ri.columns import Column, Setting
from functions.ri.letters import bare, joined, same
from functions.ri.lines import Line
from functions.ri.reading import Word
from functions.ri.totals import abroad, declared_subtotals, shown_subtotals, totals_of
from functions.ri.words import Row, amount
from shared.ecf.document import Document
from shared.ecf.money import EXACT
from shared.ecf.tree import branch, rows

LEFT, RIGHT, STAMP_TOP = 14.0, 196.0, 238.0
"""Of the table, and where the stamp begins; millimetres from the left and top edges."""
_SLACK, _TITLE_HEIGHT, _POINT, _PAD, _ABOUT = 0.4, 9.0, 0.3528, 1.5, 0.8


def title_base(said: list[Word], columns: list[Column], setting: Setting) -> float:
    """The line on which the titles of the columns stand; 0 where there are none."""
    edges = _edges(setting)
    last = [_between(said, edges[n], edges[n + 1]) for n, column in enumerate(columns) if column.key in ("cantidad", "descripcion")]
    bases = [{round(word.base, 1) for word in words if word.text in ("Cantidad", "Descripción")} for words in last]
    return max(set.intersection(*bases), default=0.0) + 0.1


class Table:
    """Reads the pages in their order; lines may go on over all of them."""

    def __init__(self, document: Document, lines: list[Line], columns: list[Column], setting: Setting) -> None:
        self._document, self._lines, self._columns, self._setting = document, lines, columns, setting
        self._edges = _edges(setting)
        self._next = 0
        # Continued lines of a description follow at the pitch of the table, sums further below.
        self._close = int(setting.size.replace(".", "")) / (10 if "." in setting.size else 1) * _POINT * 1.63 + 1.0
        self._blocks = rows(document.tree, "paginas")

    def page(self, said: list[Word], number: int, pages: int) -> Iterator[str]:
        """What is wrong on one page."""
        top = title_base(said, self._columns, self._setting)
        yield from self._titles(said, top)
        begun, body = self._next, [word for word in said if top < word.base < STAMP_TOP]
        read, rest = self._split(body)
        for words in read:
            yield from self._line(words)
        yield from self._sums(rest, begun, last=number == pages)
        foot = joined(word for word in said if word.base > STAMP_TOP and word.left > 120)
        if not foot.endswith(bare(f"Página No. {number} de {pages}")):
            yield "page number"

    def end(self) -> list[str]:
        left = len(self._lines) - self._next
        return [f"lines: {left} of {len(self._lines)} are missing"] if left else []

    def _titles(self, said: list[Word], top: float) -> Iterator[str]:
        band = [word for word in said if top - _TITLE_HEIGHT < word.base <= top]
        for n, column in enumerate(self._columns):
            if not joined(self._cell(band, n)).endswith(bare(column.title)):
                yield f"title: {column.key}"

    def _split(self, body: list[Word]) -> tuple[list[list[Word]], list[Word]]:
        """The words of each line of the table, and those below it. A line begins where there is a quantity."""
        found: list[list[Word]] = []
        rest: list[Word] = []
        quantities, base = self._edges[1] - _SLACK, 0.0
        for row in _by_base(body):
            if row[0].right < quantities:
                found.append(row)
                base = row[0].base
            elif found and not rest and row[0].base - base < self._close:
                found[-1] += row
                base = row[0].base
            else:
                rest += row
        return found, rest

    def _line(self, words: list[Word]) -> Iterator[str]:
        if self._next >= len(self._lines):
            yield "lines: one that the document does not have"
            return
        line = self._lines[self._next]
        self._next += 1
        for n, column in enumerate(self._columns):
            wanted = line.cells[column.key]
            if column.key == "descripcion":
                wanted = line.cells["exento"] + wanted
            if not same(joined(self._cell(words, n)), wanted):
                yield f"line {self._next}: {column.key}"
            if column.align == "right" and not self._aligned(words, n):
                yield f"line {self._next}: {column.key} is not under its title"
        if any(word for word in words if not self._within(word)):
            yield f"line {self._next}: leaves its column"

    def _cell(self, words: list[Word], n: int) -> list[Word]:
        return _between(words, self._edges[n], self._edges[n + 1])

    def _aligned(self, words: list[Word], n: int) -> bool:
        """Whether the number in a cell ends where its column does."""
        edge = self._edges[n + 1] - _PAD
        return abs(max((word.right for word in self._cell(words, n)), default=edge) - edge) < _ABOUT

    def _within(self, word: Word) -> bool:
        columns = zip(self._edges, self._edges[1:], strict=False)
        return any(low - _SLACK <= word.left and word.right <= high + _SLACK for low, high in columns)

    def _sums(self, words: list[Word], begun: int, *, last: bool) -> Iterator[str]:
        wanted = self._totals() if last else self._subtotals(begun)
        if wanted is None:
            # A page that the document's own blocks do not end: nothing is asked of it.
            return
        values = sorted((word for word in words if word.right > RIGHT - 4), key=lambda word: word.base)
        if len(values) != len(wanted):
            yield f"sums: {len(values)} rows where {len(wanted)} must stand"
            return
        bounds = [*(value.base for value in values), STAMP_TOP]
        for n, (row, value) in enumerate(zip(wanted, values, strict=True)):
            label = joined(w for w in words if w is not value and bounds[n] - _SLACK <= w.base < bounds[n + 1] - _SLACK)
            if bare(value.text) != bare(row.text) or not same(label, row.label):
                # The labels of discounts are the tenant's words, which are not told.
                yield f"sums: row {n + 1}"

    def _totals(self) -> list[Row]:
        tree = self._document.tree
        with localcontext(EXACT):
            otra = branch(tree, "otra_moneda")
            unit = " (DOP)" if otra else ""
            total = Row(f"Total{unit}", amount(branch(tree, "totales"), "monto_total"))
            return [*totals_of(self._document, unit), total, *abroad(otra)]

    def _subtotals(self, begun: int) -> list[Row] | None:
        if not self._blocks:
            with localcontext(EXACT):
                return shown_subtotals(self._lines[begun : self._next])
        for block in self._blocks:
            if block.get("no_linea_hasta") == str(self._next):
                return declared_subtotals(block)
        return None


def _edges(setting: Setting) -> list[float]:
    widths = (int(width.replace(".", "")) / 10 for width in setting.widths)
    return list(accumulate(widths, initial=LEFT))


def _between(words: Iterable[Word], low: float, high: float) -> list[Word]:
    return [word for word in words if low <= (word.left + word.right) / 2 < high]


def _by_base(words: list[Word]) -> Iterator[list[Word]]:
    """Words that stand on one line together, from the top, each from the left."""
    row: list[Word] = []
    for word in sorted(words, key=lambda word: word.base):
        if row and word.base - row[0].base > 0.5:
            yield sorted(row, key=lambda word: word.left)
            row = []
        row.append(word)
    if row:
        yield sorted(row, key=lambda word: word.left)
