"""However often and however concurrently one event comes, its effect happens once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from shared.db.ids import uuid7
from shared.events.catalogue import ChargeRecorded
from shared.events.envelope import Envelope
from shared.flow.inbox import first_time
from tests.data.facts import example, signed
from tests.house import House


@pytest.fixture
def envelope(house: House) -> Envelope:
    return signed(house.keys["plans"], example(ChargeRecorded), tenant=uuid7())


def test_the_first_time_is_told_from_a_duplicate(house: House, envelope: Envelope) -> None:
    database = house.database("billing")
    answers = []
    for _ in range(3):
        with database.transaction(envelope.tenant) as tx:
            answers.append(first_time(tx, "billing", envelope))
    assert answers == [True, False, False]


def test_a_transaction_that_failed_has_not_seen_the_event(house: House, envelope: Envelope) -> None:
    def fail() -> None:
        with house.database("billing").transaction(envelope.tenant) as tx:
            assert first_time(tx, "billing", envelope)
            raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            fail()


def test_consumers_sources_ids_and_tenants_are_told_apart(house: House, envelope: Envelope) -> None:
    other = uuid7()
    for function, one in (
        ("billing", envelope),
        ("sign", envelope),
        ("billing", replace(envelope, id=uuid7())),
        ("billing", replace(envelope, source="/functions/admin")),
        ("billing", replace(envelope, tenant=other)),
    ):
        with house.database(function).transaction(one.tenant) as tx:
            assert first_time(tx, function, one)


def test_copies_at_once_have_exactly_one_effect(house: House, envelope: Envelope) -> None:
    databases = [house.database("plans") for _ in range(8)]
    charge = example(ChargeRecorded)

    def handle(n: int) -> bool:
        with databases[n].transaction(envelope.tenant) as tx:
            if not first_time(tx, "plans", envelope):
                return False
            tx.rows("SELECT pg_sleep(0.05)")
            tx.rows(
                "INSERT INTO plans.charges (tenant_id, id, invoice_id, encf, plan, base, fee)"
                " VALUES (:t, CAST(:id AS uuid), CAST(:invoice AS uuid), 'x', 'x', 1, 1)",
                t=envelope.tenant,
                id=uuid7(),
                invoice=uuid7(),
            )
            return True

    with ThreadPoolExecutor(8) as pool:
        firsts = list(pool.map(handle, range(8)))
    assert charge
    assert sorted(firsts) == [False] * 7 + [True]
    with databases[0].transaction(envelope.tenant) as tx:
        assert len(tx.rows("SELECT 1 FROM plans.charges")) == 1
    for database in databases:
        database.close()
