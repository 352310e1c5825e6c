"""The printed month's statement: every figure of it on its page, whatever their number and size."""

import io
import json
import os
from copy import deepcopy
from typing import Any

import pytest
from pypdf import PdfReader

from functions.ri import render, statement
from functions.ri.layout import Look
from functions.ri.measure import width
from functions.ri.schemas import StatementIn
from tests.functions.ri.prints import RENDERER
from tests.functions.ri.reports import FIGURES, a_statement, read, texts, wanted

FULL = os.environ.get("FULL_FIGURES") == "1"


def asked(said: dict[str, Any]) -> StatementIn:
    return StatementIn.model_validate_json(json.dumps(said))


def printed(said: dict[str, Any]) -> bytes:
    return RENDERER.statement(asked(said), Look())


@pytest.mark.parametrize(
    ("branches", "ranges", "at_least", "at_once"),
    [(("",), 1, 1, 12), (("", "Zona Ñ 1"), 2, 3, 2), *([(("", "SUR", "NORTE"), 12, 13, 12)] if FULL else [])],
)
def test_every_figure_stands_on_the_pages(
    branches: tuple[str, ...], ranges: int, at_least: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the file is joined from parts."""
    monkeypatch.setattr(render, "PAGES_AT_ONCE", at_once)
    said = a_statement(branches, ranges=ranges)
    pdf = printed(said)
    assert read(pdf) == wanted(said)
    pages = texts(pdf)
    assert len(pages) >= at_least
    for number, page in enumerate(pages, 1):
        assert "FERRETERÍA DEL CIBAO SRL" in page
        assert "RNC 131880738" in page
        assert "Noviembre de 2026" in page
        assert "TesteCF (pruebas)" in page
        assert "Generado el 30-11-2026 a las 23:30:00" in page, "the fiscal day, four hours behind"
        assert f"Página {number} de {len(pages)}" in page


@pytest.mark.parametrize("figure", [*FIGURES, "monto_aceptado"])
@pytest.mark.parametrize("part", ["lines", "ranges", "totals"])
def test_a_figure_that_differs_is_seen(part: str, figure: str) -> None:
    """The mutant of the comparison above."""
    said = a_statement(types=(31, 32))
    other = deepcopy(said)
    held = other[part] if part == "totals" else other[part][-1]
    held[figure] = "7.07" if figure == "monto_aceptado" else held[figure] + 1
    assert read(printed(other)) != wanted(said)


def test_a_month_without_ranges_says_so() -> None:
    said = a_statement((), ranges=0)
    pdf = printed(said)
    assert read(pdf) == wanted(said)
    assert "Ningún rango en este mes." in texts(pdf)[0]


def test_a_table_that_goes_on_has_its_title_again_and_no_title_stands_alone() -> None:
    pages = statement.pages(asked(a_statement(ranges=12)), Look())
    said = [text for page in pages for block in page.blocks for _, text in block.lines]
    assert any(text.endswith("(continúa)") for text in said)
    for page in pages:
        titles = [block.top for block in page.blocks if block.style.size == statement._HEADING.size]
        last = max((block.top for block in page.blocks if block.bottom < statement.FOOT), default=0)
        assert all(top < last for top in titles)


def test_the_largest_figures_stay_in_their_columns_and_on_the_page() -> None:
    said = a_statement(("W" * 20,))
    for held in (said["totals"], *said["lines"], *said["ranges"]):
        held.update(dict.fromkeys(FIGURES, 9_999_999_999), monto_aceptado="999999999999.99")
    said["company"]["razon_social"] = "W" * 150
    for one in said["ranges"]:
        one |= {"desde": 9_000_000_000, "hasta": 9_999_999_999, "gaps": []}
        one["gaps"] = [{"desde": 9_000_000_000, "hasta": 9_999_999_999, "estado": why} for why in sorted(statement.WHY)]
    pages = statement.pages(asked(said), Look())
    blocks = [block for page in pages for block in page.blocks]
    for block in blocks:
        assert block.bottom < statement.HEIGHT - 5
        assert block.left >= statement.LEFT
        assert block.left + block.width <= statement.LEFT + statement.INNER
    wide = [
        text
        for block in blocks
        for lead, text in block.lines
        if width(lead + text, block.style.size, bold=block.style.bold or bool(lead)) > block.width + 2 * statement._PAD
    ]
    assert not wide


def test_the_same_statement_is_the_same_file_with_neither_symbol_nor_attachment() -> None:
    said = a_statement(types=(31,))
    pdf = printed(said)
    assert printed(said) == pdf
    reader = PdfReader(io.BytesIO(pdf))
    assert not reader.attachments
    assert not any(page.images for page in reader.pages)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("numeros-2026-11", "FERRETERÍA DEL CIBAO SRL")
