"""Lines are broken before anything is drawn: nothing is lost, nothing is wider than its room."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from functions.ri.measure import width, wrapped

D = Decimal


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc",))), st.integers(8, 120), st.booleans())
def test_wrapping_keeps_every_letter_and_every_line_fits(said: str, room: int, bold: bool) -> None:
    lines = wrapped(said, D(room), D(8), bold=bold)
    assert "".join("".join(lines).split()) == "".join(said.split())
    assert all(width(line, D(8), bold=bold) <= room for line in lines)


def test_lines_break_at_blanks_and_within_a_word_only_when_it_is_wider_than_the_room() -> None:
    assert wrapped("Transporte de materiales", D(40), D(8)) == ("Transporte de materiales",)
    assert wrapped("Transporte de materiales", D(30), D(8)) == ("Transporte de", "materiales")
    assert len(wrapped("W" * 20, D(30), D(8))) == 2
    assert wrapped("", D(30), D(8)) == ()


def test_a_mark_stays_with_its_letter() -> None:
    assert all(line[0] == "e" for line in wrapped("e\u0301" * 30, D(20), D(8)))


def test_widths_are_never_less_than_the_fonts() -> None:
    """Of some letters of each width, in thousandths of an em of DejaVu Sans."""
    for letter, advance in {
        "i": 278,
        "l": 278,
        "0": 636,
        "m": 974,
        "W": 989,
        "Ñ": 748,
        "@": 1000,
        "%": 950,
        "e": 615,
        "M": 863,
    }.items():
        assert width(letter, D(1000)) / D("0.3528") >= advance
