"""A fact is announced if and only if the transaction that made it true commits."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event as listening

from shared.db.engine import Database, Transaction
from shared.db.ids import uuid7
from shared.events.catalogue import ChargeRecorded, WorkDue
from shared.events.envelope import open_envelope
from shared.flow.outbox import Announcer
from shared.telemetry.traces import current_trace_id, span
from tests.data.facts import delivered, example
from tests.house import House


@pytest.fixture
def database(house: House) -> Database:
    return house.database("plans")


@pytest.fixture
def announcer(house: House) -> Announcer:
    return Announcer(house.keys["plans"])


def stored(database: Database, tenant: str) -> Sequence[Any]:
    with database.transaction(tenant) as tx:
        return tx.rows("SELECT *, id::text AS text_id FROM flow.outbox ORDER BY seq")


def test_it_exists_after_the_commit_and_not_after_a_failure(database: Database, announcer: Announcer) -> None:
    kept, lost = uuid7(), uuid7()
    with database.transaction(kept) as tx:
        announcer.announce(tx, example(ChargeRecorded), subject="s")

    def fail(tx: Transaction) -> None:
        announcer.announce(tx, example(ChargeRecorded), subject="s")
        raise RuntimeError

    with pytest.raises(RuntimeError), database.transaction(lost) as tx:
        fail(tx)
    assert (len(stored(database, kept)), len(stored(database, lost))) == (1, 0)


def test_many_facts_are_one_statement_in_the_order_they_were_told(database: Database, announcer: Announcer) -> None:
    statements: list[str] = []
    listening.listen(database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    tenant = uuid7()
    with database.transaction(tenant) as tx:
        told = [announcer.announce(tx, example(ChargeRecorded), subject=f"s{n}", sequence=n) for n in range(50)]
    assert len(statements) == 1
    rows = stored(database, tenant)
    assert [r.text_id for r in rows] == [e.id for e in told]
    assert [(r.subject, r.sequence) for r in rows] == [(f"s{n}", n) for n in range(50)]


def test_what_is_stored_is_what_was_signed(house: House, database: Database, announcer: Announcer) -> None:
    tenant = uuid7()
    with database.transaction(tenant) as tx:
        told = announcer.announce(tx, example(ChargeRecorded, plan='ñ "{},\\ NULL'), subject="s", sequence=3)
    (row,) = stored(database, tenant)
    assert (row.data, row.sig, row.recorded_at, row.source) == (told.data, told.sig, told.time, "/functions/plans")
    assert (row.tenant_id, row.partitionkey, row.sent_at, row.sealed) == (tenant, f"{tenant}:s", None, False)
    assert open_envelope(*delivered(told), house.public_keys)[0] == told


def test_a_function_tells_only_its_own_facts(database: Database, house: House) -> None:
    with pytest.raises(ValueError, match="does not announce"), database.transaction(uuid7()) as tx:
        Announcer(house.keys["billing"]).announce(tx, example(ChargeRecorded), subject="s")


def test_a_wake_up_is_signed_and_stored_nowhere(house: House) -> None:
    made = Announcer(house.keys["relay"]).envelope(WorkDue(count=1), tenant="platform", subject="dgii")
    assert open_envelope(*delivered(made), house.public_keys)[1] == WorkDue(count=1)


def test_a_fact_carries_the_trace_it_was_told_in(database: Database, announcer: Announcer) -> None:
    with span("a test"), database.transaction(uuid7()) as tx:
        trace = current_trace_id()
        assert trace is not None
        assert announcer.announce(tx, example(ChargeRecorded), subject="s").traceparent.startswith(f"00-{trace}-")
