"""What is right passes, and each check is shown to fail on a print that is wrong in just that."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from functions.ri import render
from functions.ri.a4 import A4
from functions.ri.layout import Block, Box, Look, Page, Paper
from functions.ri.linter import faults
from functions.ri.ticket import Ticket
from functions.ri.words import Modalidad
from tests.functions.ri.documents import every_type, picture, xml_31
from tests.functions.ri.prints import asked, drawn
from tests.places import ROOT

EVERY = every_type()
SET_A = sorted((ROOT.parent / "shared" / "dgii" / "samples" / "set-a").glob("*_ECF_*.xml"))


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("name", EVERY)
def test_every_type_passes_on_each_paper(name: str, paper: Paper) -> None:
    assert faults(drawn(EVERY[name], paper), asked(EVERY[name], paper)) == []


@pytest.mark.skipif(not SET_A, reason="no certification set beside the project")
@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("file", SET_A, ids=lambda path: path.stem)
def test_dgiis_own_set_passes_on_each_paper(file: Path, paper: Paper) -> None:
    xml = file.read_bytes()
    assert faults(drawn(xml, paper), asked(xml, paper)) == []


def test_many_pages_pass_with_logo_colour_and_legend() -> None:
    xml, look = xml_31(lines=130), Look("#7a1f1f", picture())
    modalidad = Modalidad.CONTINGENCIA
    assert faults(drawn(xml, modalidad=modalidad, look=look), asked(xml, modalidad=modalidad)) == []


Spoil = Callable[[Page, int], None]


def said(old: str, new: str, *, only: int | None = None) -> Spoil:
    """Other words wherever some stand on a page."""

    def spoil(page: Page, number: int) -> None:
        if only in (None, number):
            page.blocks = [replace(b, lines=[(lead, text.replace(old, new)) for lead, text in b.lines]) for b in page.blocks]

    return spoil


def symbol(**moved: Decimal) -> Spoil:
    def spoil(page: Page, number: int) -> None:
        page.symbol = replace(page.symbol, **moved)

    return spoil


def spot(page: Page, number: int) -> None:
    """Half a millimetre of ink beside the symbol, within its quiet zone."""
    beside = page.symbol.left + page.symbol.width + 1
    page.boxes.append(Box(beside, page.symbol.top + 10, Decimal("0.5"), Decimal("0.5"), "#000000"))


def without(keeps: Callable[[Block], bool], *, only: int | None = None) -> Spoil:
    def spoil(page: Page, number: int) -> None:
        if only in (None, number):
            page.blocks = [block for block in page.blocks if keeps(block)]

    return spoil


def exchanged(page: Page, number: int) -> None:
    """Prices stand in the column of ITBIS and the other way round."""
    first, second = (b for b in page.blocks if any(text in ("500.00", "180.00") for _, text in b.lines))
    page.blocks += [replace(first, lines=second.lines), replace(second, lines=first.lines)]
    page.blocks = [b for b in page.blocks if b not in (first, second)]


def shifted(page: Page, number: int) -> None:
    """Values stand where another column is."""
    page.blocks = [replace(b, left=b.left - 4) if any(text == "500.00" for _, text in b.lines) else b for b in page.blocks]


def bare_exempt(page: Page, number: int) -> None:
    page.blocks = [replace(b, lines=[("" if lead == "E" else lead, text) for lead, text in b.lines]) for b in page.blocks]


def nothing_else(page: Page, number: int) -> None:
    if number == 2:
        page.symbol = replace(page.symbol, width=Decimal(0), height=Decimal(0))


D = Decimal
SMALL = {"width": D(20), "height": D(20)}
A4_MUTANTS: dict[str, tuple[Spoil, str]] = {
    "a smaller QR": (symbol(**SMALL), "page 1: qr: too small"),
    "a QR too near to the left edge": (symbol(left=D(19)), "page 1: qr: too near"),
    "a QR too near to the bottom edge": (symbol(top=D(297 - 51)), "page 1: qr: too near"),
    "a QR at another place": (symbol(left=D(130)), "page 1: qr: 0 can be read"),
    "a covered margin": (spot, "page 1: qr: quiet zone covered"),
    "no QR on the second page": (nothing_else, "page 2: qr: 0 can be read where one must stand"),
    "no block on the second page": (without(lambda b: b.top > 60, only=2), "page 2: legal block: rnc_emisor"),
    "no stamp on the second page": (without(lambda b: b.top < 275, only=2), "page 2: legal block: codigo_seguridad"),
    "another page number": (said("Página No. ", "Página No. 1"), "page 1: page number"),
    "a wrong total": (said("89,", "98,"), "sums: row"),
    "a wrong label": (said("Total ITBIS", "Total ISC"), "sums: row"),
    "a wrong subtotal": (said("Monto Total Página", "Monto Página"), "page 1: sums: row"),
    "no sums": (without(lambda b: not any("Monto Total" in text for _, text in b.lines)), "page 1: sums: row"),
    "a wrong digit in a cell": (said("1,000.00", "1,008.00"), "page 1: line 1: valor"),
    "columns exchanged": (exchanged, "page 1: line 1: precio"),
    "values beside their column": (shifted, "page 1: line 1: "),
    "a missing E": (bare_exempt, "descripcion"),
    "a title exchanged": (said("Precio", "Importe"), "title: precio"),
    "a cut legend": (said("(72)", ""), "page 1: legal block: legend"),
    "another date of signing": (said("24-11-2026 10:00:00", "24-11-2026 10:00:01"), "page 1: legal block: fecha_hora_firma"),
}
TICKET_MUTANTS: dict[str, tuple[Spoil, str]] = {
    "a smaller QR": (symbol(**SMALL), "page 1: qr: too small"),
    "a covered margin": (spot, "page 1: qr: quiet zone covered"),
    "a wrong total": (said("7,810.85", "7,810.58"), "sums: row"),
    "a wrong digit in a line": (said("1,000.00", "1,008.00"), "page 1: line 1: amounts"),
    "another code": (said("aB/dE1", "aB/dE2"), "page 1: legal block: codigo_seguridad"),
    "no number": (said("e-NCF", "NCF"), "page 1: legal block: encf"),
}


def spoilt(monkeypatch: pytest.MonkeyPatch, spoil: Spoil) -> None:
    """Pages are spoilt between layout and drawing."""
    parts, ticket = render._parts, render.Ticket.page

    def of_a4(layout: A4) -> Iterator[list[Page]]:
        for pages in parts(layout):
            for number, page in enumerate(pages, 1):
                spoil(page, number)
            yield pages

    def of_roll(layout: Ticket) -> Page:
        page = ticket(layout)
        spoil(page, 1)
        return page

    monkeypatch.setattr(render, "_parts", of_a4)
    monkeypatch.setattr(render.Ticket, "page", of_roll)


@pytest.mark.parametrize(("spoil", "fault"), A4_MUTANTS.values(), ids=A4_MUTANTS)
def test_a_spoilt_sheet_is_found_out(monkeypatch: pytest.MonkeyPatch, spoil: Spoil, fault: str) -> None:
    xml, modalidad = xml_31(lines=70), Modalidad.CONTINGENCIA
    spoilt(monkeypatch, spoil)
    found = faults(drawn(xml, modalidad=modalidad), asked(xml, modalidad=modalidad))
    assert any(fault in each for each in found), found


@pytest.mark.parametrize(("spoil", "fault"), TICKET_MUTANTS.values(), ids=TICKET_MUTANTS)
def test_a_spoilt_ticket_is_found_out(monkeypatch: pytest.MonkeyPatch, spoil: Spoil, fault: str) -> None:
    xml = xml_31()
    spoilt(monkeypatch, spoil)
    found = faults(drawn(xml, Paper.TICKET), asked(xml, Paper.TICKET))
    assert any(fault in each for each in found), found


@pytest.mark.parametrize("paper", list(Paper))
def test_another_attachment_or_none_is_found_out(paper: Paper) -> None:
    xml = xml_31()
    assert faults(drawn(xml, paper), replace(asked(xml, paper), xml=xml + b" ")) == ["attachment: not exactly the signed XML"]


def test_a_line_that_is_not_drawn_is_found_out() -> None:
    longer = asked(xml_31(lines=2))
    found = faults(drawn(xml_31(lines=1)), longer)
    assert any("lines: 1 of 4 are missing" in each for each in found), found


@pytest.mark.parametrize("paper", list(Paper))
def test_another_address_is_found_out(paper: Paper) -> None:
    xml = xml_31()
    wanted = asked(xml, paper)
    other = replace(wanted, address=wanted.address.replace("MontoTotal=7", "MontoTotal=8"))
    assert faults(drawn(xml, paper), other) == ["page 1: qr: another address"]
