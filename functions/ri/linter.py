"""A print is read back and held against the signed document before anybody gets it: symbol, legal block, every value.

A fault names what is wrong and where, never what a tenant wrote.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import localcontext
from functools import cached_property

from functions.ri import roll, table
from functions.ri.columns import Column, Setting, applying, setting
from functions.ri.expected import Wanted, Zone, legal_block
from functions.ri.layout import Paper
from functions.ri.letters import both_ways, contains
from functions.ri.lines import Line, lines_of
from functions.ri.reading import Area, Page, Reading, Symbol, Word
from functions.ri.words import Modalidad, text
from shared.ecf.document import Document
from shared.ecf.money import EXACT
from shared.ecf.tree import branch

SMALLEST_SIDE = 22.0
FROM_THE_EDGE = 20.0
"""Millimetres, of the quiet zone."""
QUIET_ZONE = 3.0
_ROUGHLY = 0.25
"""What a pixel and the decoder's corners leave open, in millimetres."""
# Of the A4 sheet: where the stamp begins, what the names of the issuer leave to the number, the stamp's own part.
STAMP_TOP, MIDDLE, _STAMP_RIGHT = 238.0, 119.0, 95.0


@dataclass(frozen=True)
class Asked:
    """What was to be printed: the signed bytes, the document read from them, the address of its timbre."""

    xml: bytes
    document: Document
    address: str
    codigo_seguridad: str
    modalidad: Modalidad | None
    paper: Paper

    @cached_property
    def lines(self) -> list[Line]:
        with localcontext(EXACT):
            return lines_of(self.document)

    @cached_property
    def columns(self) -> list[Column]:
        otra = branch(self.document.tree, "otra_moneda")
        return applying(self.lines, " (DOP)" if otra else "", text(otra, "tipo_moneda"))

    @cached_property
    def setting(self) -> Setting:
        return setting(self.columns, self.lines)

    @cached_property
    def block(self) -> list[Wanted]:
        return legal_block(self.document, self.codigo_seguridad, self.modalidad)


def faults(pdf: bytes, asked: Asked) -> list[str]:
    """Everything that keeps a print from being handed out; an empty list releases it."""
    found: list[str] = []
    with Reading(pdf) as reading:
        if reading.attachments != [asked.xml]:
            found.append("attachment: not exactly the signed XML")
        walk: roll.Roll | table.Table
        if asked.paper is Paper.TICKET:
            walk = roll.Roll(asked.document, asked.lines)
        else:
            walk = table.Table(asked.document, asked.lines, asked.columns, asked.setting)
        for number in range(1, len(reading) + 1):
            page = reading.page(number - 1)
            said = page.words()
            found += [f"page {number}: {fault}" for fault in (*_symbol_faults(page, asked), *_block_faults(said, asked))]
            found += [f"page {number}: {fault}" for fault in walk.page(said, number, len(reading))]
            page.close()
        found += walk.end()
    return found


def _symbol_faults(page: Page, asked: Asked) -> Iterable[str]:
    area = Area(0, page.height - 80, 80, page.height)
    symbols = page.symbols(area)
    if len(symbols) != 1:
        yield f"qr: {len(symbols)} can be read where one must stand"
        return
    symbol: Symbol = symbols[0]
    if symbol.text != asked.address:
        yield "qr: another address"
    if symbol.side < SMALLEST_SIDE - _ROUGHLY:
        yield "qr: too small"
    if not symbol.clear:
        yield "qr: quiet zone covered"
    if asked.paper is Paper.A4:
        edge = FROM_THE_EDGE + QUIET_ZONE - _ROUGHLY
        if symbol.left < edge or page.height - symbol.bottom < edge:
            yield "qr: too near to the edge of the sheet"
        if symbol.right > page.width / 2 or symbol.top < page.height / 2:
            yield "qr: not at the lower left"


def _block_faults(said: list[Word], asked: Asked) -> Iterable[str]:
    zones = _zones(said, asked)
    for wanted in asked.block:
        if not contains(zones[wanted.zone], wanted.text):
            yield f"legal block: {wanted.name}"


def _zones(said: list[Word], asked: Asked) -> dict[Zone, str]:
    if asked.paper is Paper.TICKET:
        whole = both_ways(said)
        return dict.fromkeys(Zone, whole)
    top = table.title_base(said, asked.columns, asked.setting)
    head = [word for word in said if word.base < top]
    foot = [word for word in said if word.base > STAMP_TOP]
    return {
        Zone.ISSUER: both_ways(word for word in head if word.right < MIDDLE),
        Zone.NUMBERING: both_ways(word for word in head if word.left > MIDDLE),
        Zone.BUYER: both_ways(head),
        Zone.STAMP: both_ways(word for word in foot if word.right < _STAMP_RIGHT),
        Zone.LEGEND: both_ways(word for word in foot if word.left > 80),
    }
