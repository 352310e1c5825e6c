"""The fee: never below the minimum, never falling as the amount rises, rounded half up once."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.plans.domain import Plan

MONEY = st.decimals(0, Decimal("9999999999999999.99"), places=2)
PLANS = st.builds(
    Plan,
    name=st.just("p"),
    kind=st.just("PORCENTAJE"),
    percentage=st.decimals(0, 100, places=4),
    minimum=st.decimals(0, 1000, places=2),
)


@given(PLANS, MONEY)
def test_a_fee_is_the_exact_share_half_up_or_the_minimum(plan: Plan, total: Decimal) -> None:
    exact = Fraction(total) * Fraction(plan.percentage) / 100
    cents = int(exact * 100 + Fraction(1, 2))
    assert plan.fee(total) == max(Decimal(cents) / 100, plan.minimum)
    assert plan.fee(total).as_tuple().exponent == -2


@given(PLANS, MONEY)
def test_a_fee_is_never_below_the_minimum_and_the_same_for_a_credit(plan: Plan, total: Decimal) -> None:
    assert plan.fee(total) >= plan.minimum
    assert plan.fee(-total) == plan.fee(total)


@given(PLANS, MONEY, MONEY)
def test_more_never_costs_less(plan: Plan, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert plan.fee(low) <= plan.fee(high)


@pytest.mark.parametrize(
    ("total", "fee"),
    [("0", "2.00"), ("1999.99", "2.00"), ("2004.99", "2.00"), ("2005.00", "2.01"), ("2015.00", "2.02"), ("1000000", "1000.00")],
)
def test_the_standard_plan(total: str, fee: str) -> None:
    plan = Plan("estandar", "PORCENTAJE", Decimal("0.1000"), Decimal("2.00"))
    assert plan.fee(Decimal(total)) == Decimal(fee)
    assert Decimal(fee) == max((Decimal(total) / 1000).quantize(Decimal("0.01"), ROUND_HALF_UP), plan.minimum)
