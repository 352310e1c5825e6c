"""Leases of numbers: cut from the front, their holder's alone, and back before anything fresh when they end."""

import pytest

from functions.billing.ranges import LeaseTooLarge, SequenceExhausted
from tests.functions.billing.ledgers import Ledger
from tests.house import House


@pytest.fixture
def ledger(house: House) -> Ledger:
    return Ledger.fresh(house)


def test_a_lease_is_the_next_numbers_and_nobody_else_issues_them(ledger: Ledger) -> None:
    sequence = ledger.register(1, 20)
    assert ledger.take() == 1
    lease, first, last = ledger.lend(sequence, 3)
    assert (first, last) == (2, 4)
    assert [ledger.take() for _ in range(2)] == [5, 6]
    assert [ledger.take(lease=lease) for _ in range(4)] == [2, 3, 4, None]
    assert ledger.refusal(lease=lease) == "lease-exhausted"
    assert ledger.gaps(sequence) == []


@pytest.mark.parametrize("returned", [True, False])
def test_the_tail_of_a_lease_that_ended_goes_out_before_fresh_numbers(ledger: Ledger, returned: bool) -> None:
    sequence = ledger.register(1, 20)
    lease, _, _ = ledger.lend(sequence, 5)
    assert [ledger.take(lease=lease), ledger.take()] == [1, 6]
    assert ledger.gaps(sequence) == [(2, 5, "arrendado")]
    ledger.end_lease(sequence, lease, returned=returned)
    assert ledger.take(lease=lease) is None
    assert ledger.refusal(lease=lease) == "lease-over"
    assert ledger.gaps(sequence) == [(2, 5, "devuelto")]
    assert [ledger.take() for _ in range(5)] == [2, 3, 4, 5, 7]
    assert ledger.gaps(sequence) == []


def test_a_number_that_came_back_from_a_lease_is_its_holders_while_it_lasts(ledger: Ledger) -> None:
    sequence = ledger.register(1, 20)
    lease, _, _ = ledger.lend(sequence, 2)
    assert [ledger.take(lease=lease), ledger.take(lease=lease)] == [1, 2]
    ledger.give_back(sequence, 1)
    assert ledger.take() == 3
    assert ledger.take(lease=lease) == 1
    ledger.give_back(sequence, 2)
    ledger.end_lease(sequence, lease, returned=True)
    assert ledger.take() == 2


def test_more_than_there_is_cannot_be_lent(ledger: Ledger) -> None:
    sequence = ledger.register(1, 5)
    ledger.take()
    with pytest.raises(LeaseTooLarge) as refusal:
        ledger.lend(sequence, 5)
    assert refusal.value.facts == {"room": 4}
    ledger.lend(sequence, 4)
    with pytest.raises(SequenceExhausted):
        ledger.lend(sequence, 1)
    assert ledger.refusal() == "sequence-exhausted"
