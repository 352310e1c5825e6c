"""What is fetched from a function is of the kind that was asked for, or it is no answer of that function."""

import pytest

from shared.db.ids import uuid7
from shared.identity.callee import Callee, CalleeUnavailable
from tests.house import House


def test_an_answer_of_another_kind_is_none(house: House) -> None:
    plans = Callee("plans", house.address("plans"), house.keys["billing"])
    sent = {"tenant": house.company(certificate=False, ranges=False), "purpose": "fee"}
    house.settle()
    assert b'"fee"' in plans.fetch("/plans/fee", {"monto_total": "1.00"}, media="application/json", **sent)
    with pytest.raises(CalleeUnavailable):
        plans.fetch("/plans/fee", {"monto_total": "1.00"}, media="application/pdf", **sent)


def test_nobody_there_is_no_answer(house: House) -> None:
    nowhere = Callee("ri", "http://127.0.0.1:1", house.keys["billing"])
    with pytest.raises(CalleeUnavailable):
        nowhere.fetch("/ri/statement", {}, tenant=uuid7(), purpose="statement", media="application/pdf")
