"""Which numbers are asked for after a restore, page by page, and when a window is through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.dgii.survey import PAGE, Page, Place, examine, following
from shared.ecf.encf import ENCF
from shared.events.sequences import Known, Window

MARGIN = 3


def window(desde: int, hasta: int, *, whole: bool = False) -> Window:
    return Window(sequence_id="a-range", tipo_ecf=31, desde=desde, hasta=hasta, whole=whole)


def walked(asked: Window, at_dgii: set[int], margin: int = MARGIN) -> list[Page]:
    """All pages of one window."""

    def ask(encf: ENCF) -> Known | None:
        held = encf.secuencia in at_dgii
        return Known(secuencia=encf.secuencia, estado="aceptado", track_id="a-track") if held else None

    pages, place = list[Page](), Place()
    while place.window == 0:
        page = examine(asked, place, margin, ask)
        pages.append(page)
        place = following(place, page)
    return pages


def test_a_window_is_left_after_as_many_unknown_numbers_in_a_row_as_were_asked() -> None:
    (page,) = walked(window(11, 1000), {11, 12, 15})
    assert (page.desde, page.hasta, [one.secuencia for one in page.known]) == (11, 18, [11, 12, 15])


@pytest.mark.parametrize(("whole", "hasta"), [(True, 30), (False, 13)])
def test_numbers_that_came_back_are_all_asked_for(whole: bool, hasta: int) -> None:
    (page,) = walked(window(11, 30, whole=whole), set())
    assert page.hasta == hasta


def test_misses_count_on_from_page_to_page() -> None:
    pages = walked(window(1, 1000), set(range(1, PAGE)), margin=MARGIN)
    assert [(page.desde, page.hasta, page.through) for page in pages] == [(1, PAGE, False), (PAGE + 1, PAGE + 2, True)]


@given(at_dgii=st.sets(st.integers(1, 350)), hasta=st.integers(1, 400), whole=st.booleans())
def test_pages_follow_each_other_and_find_every_number_that_is_not_beyond_a_wider_hole(
    at_dgii: set[int], hasta: int, whole: bool
) -> None:
    pages = walked(window(1, hasta, whole=whole), at_dgii)
    assert [page.desde for page in pages] == [1, *(page.hasta + 1 for page in pages[:-1])]
    assert all(page.hasta - page.desde < PAGE for page in pages)
    end = pages[-1].hasta
    assert [one.secuencia for page in pages for one in page.known] == sorted(n for n in at_dgii if n <= end)
    assert end == hasta or (not whole and not at_dgii & set(range(end - MARGIN + 1, end + 1)))
