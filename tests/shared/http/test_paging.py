"""A cursor is good for the tenant it was made for and for nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidInput
from shared.http.paging import open_cursor, seal_cursor

ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1)


@given(ASCII, ASCII)
def test_a_cursor_comes_back_for_its_tenant(position: str, tenant: str) -> None:
    assert open_cursor(seal_cursor(position, tenant), tenant) == position


@given(ASCII)
def test_another_tenants_cursor_is_refused(position: str) -> None:
    with pytest.raises(InvalidInput):
        open_cursor(seal_cursor(position, "tenant-a"), "tenant-b")


def test_no_cursor_is_the_first_page() -> None:
    assert open_cursor(None, "t") is None


@pytest.mark.parametrize("cursor", ["", "x", "ñ", "====", "AAAA", "a b", "'; --", "\ud800", seal_cursor("a", "t")[:-2], "9" * 5000])
def test_a_touched_cursor_is_refused_by_pointer(cursor: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        open_cursor(cursor, "t")
    assert refusal.value.errors[0].pointer == "/cursor"
