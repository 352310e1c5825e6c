"""The ledger against a model: whatever happens in whatever order, each number is in one state, and none has got lost."""

import os
from collections import Counter
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.functions.billing.ledgers import Ledger
from tests.house import House

FULL = os.environ.get("FULL_FIGURES") == "1"
EFFORT = settings(max_examples=100 if FULL else 6, stateful_step_count=40 if FULL else 20, deadline=None)
SIZE = 24
FIRST = 101


class Numbers(RuleBasedStateMachine):
    """One range; `model` says where each number is: libre, numerado, sin_usar, a state of a voiding, or the id of an open lease."""

    house: ClassVar[House]

    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger.fresh(self.house)
        self.sequence = self.ledger.register(FIRST, FIRST + SIZE - 1)
        self.model = dict.fromkeys(range(FIRST, FIRST + SIZE), "libre")
        self.fresh = FIRST
        self.leases: dict[str, range] = {}
        self.voidings: dict[str, range] = {}
        self.before: dict[str, dict[int, str]] = {}

    def of_lease(self, number: int) -> str | None:
        return next((lease for lease, held in self.leases.items() if number in held), None)

    def expected(self, lease: str | None) -> int | None:
        """What came back first, then what a lease left, then a fresh one; of a lease only its own."""
        back = [n for n, where in self.model.items() if where == "sin_usar" and self.of_lease(n) == lease]
        if lease is not None:
            return min(back, default=None) or min((n for n, where in self.model.items() if where == lease), default=None)
        free = [n for n, where in self.model.items() if where == "libre"]
        return min(back, default=None) or min(free, default=None)

    def room(self) -> int:
        """How many fresh numbers stand in a row."""
        return next((n for n in range(self.fresh, FIRST + SIZE) if self.model[n] != "libre"), FIRST + SIZE) - self.fresh

    @rule()
    def issue(self) -> None:
        expected = self.expected(None)
        assert self.ledger.take() == expected
        if expected is not None:
            self.model[expected] = "numerado"
            self.fresh = max(self.fresh, expected + 1)
            self.step_on()

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def issue_of_a_lease(self, data: Any) -> None:
        lease = data.draw(st.sampled_from(sorted(self.leases)))
        expected = self.expected(lease)
        assert self.ledger.take(lease=lease) == expected
        if expected is not None:
            self.model[expected] = "numerado"

    @precondition(lambda self: "numerado" in self.model.values())
    @rule(data=st.data())
    def give_back(self, data: Any) -> None:
        number = data.draw(st.sampled_from([n for n, where in self.model.items() if where == "numerado"]))
        self.ledger.give_back(self.sequence, number)
        self.model[number] = "sin_usar"

    @precondition(lambda self: self.room())
    @rule(data=st.data())
    def lend(self, data: Any) -> None:
        count = data.draw(st.integers(1, min(5, self.room())))
        lease, first, last = self.ledger.lend(self.sequence, count)
        assert (first, last) == (self.fresh, self.fresh + count - 1)
        self.fresh += count
        self.step_on()
        self.leases[lease] = range(first, last + 1)
        self.model |= dict.fromkeys(self.leases[lease], lease)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), returned=st.booleans())
    def end(self, data: Any, returned: bool) -> None:
        lease = data.draw(st.sampled_from(sorted(self.leases)))
        self.ledger.end_lease(self.sequence, lease, returned=returned)
        del self.leases[lease]
        self.model = {n: "libre" if where == lease else where for n, where in self.model.items()}

    @precondition(lambda self: {"libre", "sin_usar"} & set(self.model.values()))
    @rule(data=st.data())
    def void(self, data: Any) -> None:
        """Any stretch of numbers that nobody holds."""
        free = [n for n, where in self.model.items() if where in ("libre", "sin_usar") and self.of_lease(n) is None]
        if free:
            first = data.draw(st.sampled_from(free))
            last = first + data.draw(st.integers(0, 3))
            held = [n for n in range(first, last + 1) if n in free]
            last = next((n - 1 for n in range(first, last + 1) if n not in held), last)
            voiding = self.ledger.hold(first, last)
            self.voidings[voiding] = range(first, last + 1)
            self.before[voiding] = {n: self.model[n] for n in self.voidings[voiding]}
            self.model |= dict.fromkeys(self.voidings[voiding], "en_anulacion")
            self.step_on()

    @precondition(lambda self: self.voidings)
    @rule(data=st.data(), estado=st.sampled_from(["anulado", "no_anulado", "libre"]))
    def settle(self, data: Any, estado: str) -> None:
        voiding = data.draw(st.sampled_from(sorted(self.voidings)))
        self.ledger.settle(voiding, estado)
        for n in self.voidings.pop(voiding):
            self.model[n] = self.before[voiding][n] if estado == "libre" else estado

    def step_on(self) -> None:
        """The first fresh number is none that a voiding holds or held."""
        taken = ("en_anulacion", "anulado", "no_anulado")
        while self.model.get(self.fresh) in taken:
            self.fresh += 1

    @invariant()
    def every_number_is_in_one_state(self) -> None:
        said = {n: "arrendado" if where in self.leases else where for n, where in self.model.items()}
        assert self.ledger.counts(self.sequence) == dict(Counter(said.values()))
        assert {n: self.ledger.state(n) for n in (FIRST, self.fresh - 1, FIRST + SIZE - 1) if n >= FIRST} == {
            n: said[n] for n in (FIRST, self.fresh - 1, FIRST + SIZE - 1) if n >= FIRST
        }

    @invariant()
    def a_gap_is_lent_or_came_back(self) -> None:
        found = {n: estado for low, high, estado in self.ledger.gaps(self.sequence) for n in range(low, high + 1)}
        documents = self.ledger.documents(self.sequence)
        holes = {n: where for n, where in self.model.items() if n < self.fresh and n not in documents}
        said = {n: "arrendado" if where in self.leases else where for n, where in holes.items()}
        assert found == {n: "devuelto" if where == "libre" else where for n, where in said.items()}


def test_any_order_of_events_leaves_each_number_in_one_state_and_no_gap(house: House) -> None:
    Numbers.house = house
    run_state_machine_as_test(Numbers, settings=EFFORT)


def test_a_number_that_gets_lost_is_listed(house: House) -> None:
    """The mutant: a number taken without a document, which the zero above must be able to see."""
    ledger = Ledger.fresh(house)
    sequence = ledger.register(1, 9)
    for _ in range(3):
        ledger.take()
    ledger.act(lambda tx: tx.rows("UPDATE billing.sequences SET next = next + 2"))
    ledger.take()
    assert ledger.gaps(sequence) == [(4, 5, "sin_explicar")]
    assert ledger.state(4) == "sin_explicar"
    assert sum(ledger.counts(sequence).values()) == 7


@pytest.mark.parametrize("number", [0, 10])
def test_a_number_outside_every_range_has_no_state(house: House, number: int) -> None:
    ledger = Ledger.fresh(house)
    ledger.register(1, 9)
    assert ledger.state(number) is None
