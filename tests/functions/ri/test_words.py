"""Amounts keep their digits."""

from hypothesis import given
from hypothesis import strategies as st

from functions.ri.words import grouped


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,4})?", fullmatch=True))
def test_grouping_keeps_every_digit(number: str) -> None:
    made = grouped(number)
    assert made.replace(",", "") == number
    assert all(len(group) == 3 for group in made.lstrip("-").partition(".")[0].split(",")[1:])
