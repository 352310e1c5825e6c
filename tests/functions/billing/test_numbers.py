"""Which number comes next, by the real statements: its order, under eight writers, and at midnight."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from functions.billing import numbers
from functions.billing.ranges import Number, SequenceOverlaps, Wanted
from shared.db.engine import Transaction
from tests.functions.billing.ledgers import FAR, TODAY, Ledger
from tests.house import House

FULL = os.environ.get("FULL_FIGURES") == "1"


@pytest.fixture
def ledger(house: House) -> Ledger:
    return Ledger.fresh(house)


def test_the_range_that_expires_first_is_used_first_then_the_lowest(ledger: Ledger) -> None:
    ledger.register(500, 501, FAR)
    ledger.register(300, 300, FAR)
    ledger.register(900, 901, TODAY)
    assert [ledger.take() for _ in range(6)] == [900, 901, 300, 500, 501, None]
    assert ledger.refusal() == "sequence-exhausted"


def test_a_branchs_own_range_comes_first_and_nobody_elses_is_touched(ledger: Ledger) -> None:
    ledger.register(1, 2, TODAY)
    ledger.register(11, 11, FAR, sucursal="NORTE")
    ledger.register(21, 21, FAR, sucursal="SUR")
    assert [ledger.take(sucursal="NORTE") for _ in range(4)] == [11, 1, 2, None]
    assert ledger.take() is None
    assert ledger.take(sucursal="SUR") == 21


def test_a_number_that_came_back_goes_out_before_a_fresh_one(ledger: Ledger) -> None:
    sequence = ledger.register(1, 9)
    assert [ledger.take() for _ in range(3)] == [1, 2, 3]
    ledger.give_back(sequence, 2)
    assert [ledger.take() for _ in range(2)] == [2, 4]


def test_a_range_ends_with_its_last_day(ledger: Ledger) -> None:
    ledger.register(1, 99, TODAY)
    assert ledger.take() == 1
    ledger.today = TODAY + timedelta(days=1)
    assert [ledger.take() for _ in range(3)] == [None, None, None]
    assert ledger.refusal() == "sequence-expired"


def test_overlapping_ranges_are_refused_and_adjoining_ones_are_not(ledger: Ledger) -> None:
    ledger.register(10, 20)
    for desde, hasta in ((1, 10), (20, 30), (12, 13), (1, 99), (10, 20)):
        with pytest.raises(SequenceOverlaps):
            ledger.register(desde, hasta)
    ledger.register(1, 9)
    ledger.register(21, 30)
    ledger.register(10, 20, tipo=33)


SIZES = [1, 3, 2, 40, 1, 7, 5, 1] * (8 if FULL else 1)


def _in_a_row(ledger: Ledger) -> list[int]:
    """Ranges with holes between them; every number they hold."""
    held, start = [], 1
    for size in SIZES:
        ledger.register(start, start + size - 1)
        held += range(start, start + size)
        start += size + 5
    return held


def _issued_by_eight(ledger: Ledger) -> list[int]:
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda _: list(iter(ledger.take, None)), range(8))
        return sorted(number for lane in found for number in lane)


def test_eight_writers_switch_ranges_without_a_gap_or_a_double(house: House) -> None:
    ledger = Ledger.fresh(house, writers=8)
    assert _in_a_row(ledger) == _issued_by_eight(ledger)


def test_the_eight_writers_see_a_number_that_is_read_before_it_is_taken(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant, which the unique key of invoices stops as the second wall."""
    step = "UPDATE billing.sequences SET next = :n + 1 WHERE id = CAST(:id AS uuid)"

    def read_then_step(tx: Transaction, wanted: Wanted, **_: object) -> tuple[bool, Number | None]:
        number = numbers.coming(tx, wanted)
        if number is not None:
            tx.rows(step, n=number.secuencia, id=number.sequence_id)
        return True, number

    ledger = Ledger.fresh(house, writers=8)
    _in_a_row(ledger)
    monkeypatch.setattr(numbers, "take", read_then_step)
    with pytest.raises(DatabaseError, match="invoices_tenant_id_rnc_emisor_tipo_ecf_secuencia_intento_key"):
        _issued_by_eight(ledger)
