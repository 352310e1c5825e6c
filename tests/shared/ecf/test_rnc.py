"""Check digits of RNC and cédula, with python-stdnum as second opinion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.do import cedula, rnc

from shared.ecf.rnc import plausible


@pytest.mark.parametrize("number", ["131880681", "131880738", "00199999996"])
def test_numbers_of_dgiis_own_examples_pass(number: str) -> None:
    assert plausible(number)


@pytest.mark.parametrize(
    "number", ["131880600", "00199999995", "", "13188068", "1318806811", "13188068A", "१31880681", "001-9999999-6"]
)
def test_anything_else_does_not(number: str) -> None:
    assert not plausible(number)


@given(st.integers(0, 10**8 - 1))
def test_exactly_one_digit_fits_an_rnc_and_stdnum_agrees(first: int) -> None:
    stem = f"{first:08d}"
    (fit,) = [digit for digit in "0123456789" if plausible(stem + digit)]
    assert rnc.calc_check_digit(stem) == fit


@given(st.integers(0, 10**10 - 1))
def test_exactly_one_digit_fits_a_cedula_and_stdnum_agrees(first: int) -> None:
    stem = f"{first:010d}"
    (fit,) = [digit for digit in "0123456789" if plausible(stem + digit)]
    assert cedula.is_valid(stem + fit) or stem.startswith("000")
