"""The one rounding: half up, away from zero on the tie, never a minus on zero."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ecf.money import EXACT, rounded, written


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2.665", "2.67"),
        ("2.675", "2.68"),
        ("-2.665", "-2.67"),
        ("2.664999", "2.66"),
        ("0.005", "0.01"),
        ("-0.004", "0.00"),
        ("1E+3", "1000.00"),
    ],
)
def test_half_up(value: str, expected: str) -> None:
    assert written(Decimal(value)) == expected


def test_long_numbers_are_not_cut_before_they_are_rounded() -> None:
    with localcontext(EXACT):
        product = Decimal("1234567890123456.7891") * Decimal("9876543210987654.32")
    assert written(product) == "12193263113702179522127724442087.94"


@given(st.decimals(-(10**12), 10**12, places=6))
def test_the_rounding_moves_a_value_by_half_a_cent_at_most(value: Decimal) -> None:
    assert abs(rounded(value) - value) <= Decimal("0.005")
