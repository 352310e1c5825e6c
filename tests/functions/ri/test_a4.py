"""Lines are told off to pages: all of them, in their order, with subtotals on every page but the last."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ri.a4 import A4, STAMP_TOP
from functions.ri.layout import Group, Look
from functions.ri.sheet import compose
from functions.ri.words import grouped
from tests.functions.ri.documents import BOOK, BUYER, CODE, LINE, document_xml, long_note, picture, xml_31
from tests.functions.ri.prints import document


def laid_out(xml: bytes, look: Look | None = None) -> A4:
    return A4(compose(document(xml), CODE), look or Look())


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def total_of(group: Group) -> Decimal:
    return money(group.subtotals[-1].text)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 200))
def test_every_line_stands_on_one_page_and_only_the_last_page_has_totals(lines: int) -> None:
    made = laid_out(long_note(lines))
    groups = made.groups()
    assert sum(len(group.lines) for group in groups) == lines
    assert [group.ends for group in groups] == [False] * (len(groups) - 1) + [True]
    assert [bool(group.subtotals) for group in groups] == [True] * (len(groups) - 1) + [False]
    for number, group in enumerate(groups, 1):
        page = made.page(group, number, len(groups))
        assert all(block.bottom <= STAMP_TOP for block in page.blocks if block.top < STAMP_TOP)


def test_the_subtotals_of_a_page_are_those_of_the_lines_it_shows() -> None:
    *shown, last = laid_out(document_xml(31, [LINE, BOOK] * 40, BUYER)).groups()
    assert [row.label for row in shown[0].subtotals] == [
        "Subtotal Gravado Página",
        "Subtotal Exento Página",
        "Subtotal ITBIS Página",
        "Monto Total Página",
    ]
    for group in shown:
        taxed = sum(1 for line in group.lines if not line.cells["exento"])
        exempt = len(group.lines) - taxed
        assert total_of(group) == taxed * Decimal(1180) + exempt * Decimal(1000)
    assert last.lines


def test_totals_that_do_not_fit_below_the_last_lines_have_a_page_of_their_own() -> None:
    usd = {"tipo_moneda": "USD", "tipo_cambio": "59.0000"}
    ends = [laid_out(document_xml(31, [LINE] * lines, BUYER, otra_moneda=usd)).groups()[-1] for lines in range(20, 45)]
    assert any(not group.lines for group in ends)


def block(number: int, first: int, last: int) -> dict[str, Any]:
    lines = last - first + 1
    return {
        "pagina_no": number,
        "no_linea_desde": first,
        "no_linea_hasta": last,
        "subtotal_monto_gravado_pagina": f"{lines * 1000}.00",
        "subtotal_itbis_pagina": f"{lines * 180}.00",
        "monto_subtotal_pagina": f"{lines * 1180}.00",
    }


def test_the_documents_own_pages_are_kept_and_one_that_is_too_long_goes_on() -> None:
    id_doc = {"total_paginas": 2}
    own = laid_out(document_xml(31, [LINE] * 70, BUYER, paginas=[block(1, 1, 60), block(2, 61, 70)], id_doc=id_doc)).groups()
    assert len(own) > 2
    assert len(own[-1].lines) == 10
    said = [group.subtotals[-1].text for group in own if group.subtotals]
    assert said == [grouped("70800.00")]
    assert own[-1].ends


@pytest.mark.parametrize("size", [(2000, 40), (40, 2000), (300, 300)])
def test_a_logo_of_any_shape_moves_the_block_down_and_covers_nothing(size: tuple[int, int]) -> None:
    made = laid_out(xml_31(), Look(logo=picture(size=size)))
    page = made.page(made.groups()[0], 1, 1)
    assert page.logo is not None
    below = page.logo.top + page.logo.height
    beside = page.logo.left + page.logo.width
    assert all(block.top >= below or block.left >= beside for block in page.blocks)
