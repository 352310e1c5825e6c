"""The event door answers 204, 503, 500 or 422, in at most 512 bytes, and an effect happens once (security D-29)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import Conflict, InvalidInput, NotFound, TooMany, Unavailable
from shared.events.catalogue import ChargeRecorded, CompanyCreated, WorkDue
from shared.events.envelope import Envelope
from shared.events.event import Event
from shared.flow.work import Job
from shared.http.shell import Shell
from shared.telemetry.traces import current_trace_id
from tests.data.facts import delivered, example, signed
from tests.house import House
from tests.shared.http.rooms import room

LONG = "ñ€" * 600
FAULTS: dict[str, Exception] = {
    "again": Unavailable(reason=LONG),
    "conflict": Conflict(),
    "poison": InvalidInput(reason=LONG),
    "gone": NotFound(),
    "many": TooMany(),
    "bug": RuntimeError("secret " + LONG),
}
seen: list[str | None] = []
worked: list[str] = []


def handle(shell: Shell[Any], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
    tx.rows("INSERT INTO plans.subscriptions (tenant_id, plan) VALUES (:t, :p)", t=tx.tenant, p="estandar")
    seen.append(current_trace_id())
    if event.plan == "work":
        shell.work.add(tx, "a-kind", event.rnc)
    if event.plan in FAULTS:
        raise FAULTS[event.plan]


def work(shell: Shell[Any], job: Job) -> None:
    worked.append(job.key)
    with shell.transaction(job.tenant) as tx:
        shell.work.finish(tx, job)


@pytest.fixture
def client(fresh: House) -> Iterator[TestClient]:
    seen.clear()
    worked.clear()
    with room(fresh, events={CompanyCreated: handle}, jobs={"a-kind": work}) as made:
        yield made


def send(client: TestClient, house: House, plan: str = "estandar", event: Event | None = None, **change: Any) -> tuple[int, bytes]:
    event = event or example(CompanyCreated, plan=plan)
    envelope = signed(house.keys[event.emitter], event, tenant=change.pop("tenant", uuid7()))
    return post(client, replace(envelope, **change))


def post(client: TestClient, envelope: Envelope) -> tuple[int, bytes]:
    headers, body = delivered(envelope)
    answer = client.post("/events", content=body, headers=headers)
    assert len(answer.content) <= 512
    assert not [name for name in answer.headers if name.startswith("ce-")]
    return answer.status_code, answer.content


def subscriptions(house: House, tenant: str) -> int:
    with house.database("plans").transaction(tenant) as tx:
        return len(tx.rows("SELECT 1 FROM plans.subscriptions"))


def test_an_event_is_done_once_and_its_copies_are_told_the_same(fresh: House, client: TestClient) -> None:
    envelope = signed(fresh.keys["admin"], example(CompanyCreated), tenant=uuid7())
    assert [post(client, envelope) for _ in range(3)] == [(204, b"")] * 3
    assert len(seen) == 1
    assert seen[0] == envelope.traceparent.split("-")[1]


def test_an_event_eight_days_old_is_done_once_like_any_other(fresh: House, client: TestClient) -> None:
    """REL-06."""
    envelope = signed(fresh.keys["admin"], example(CompanyCreated), tenant=uuid7(), age=timedelta(days=8))
    assert [post(client, envelope) for _ in range(2)] == [(204, b"")] * 2
    assert (len(seen), subscriptions(fresh, envelope.tenant)) == (1, 1)


def test_copies_at_once_have_one_effect(fresh: House, client: TestClient) -> None:
    envelopes = [signed(fresh.keys["admin"], example(CompanyCreated), tenant=uuid7()) for _ in range(10)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda e: post(client, e), envelopes * 4))
    assert set(answers) == {(204, b"")}
    assert len(seen) == 10


@pytest.mark.parametrize(
    ("plan", "status"), [("again", 503), ("conflict", 422), ("poison", 422), ("gone", 422), ("many", 422), ("bug", 500)]
)
def test_a_fault_is_again_poison_or_unexpected_and_leaves_nothing(fresh: House, client: TestClient, plan: str, status: int) -> None:
    tenant = uuid7()
    envelope = signed(fresh.keys["admin"], example(CompanyCreated, plan=plan), tenant=tenant)
    for _ in range(2):
        answered, body = post(client, envelope)
        assert answered == status
        assert b"secret" not in body
    assert len(seen) == 2, "it was tried again"
    assert subscriptions(fresh, tenant) == 0


@pytest.mark.parametrize(
    "change",
    [{"sig": "AAAA"}, {"source": "/functions/plans"}, {"type": "do.getupnet.x.y.v1"}, {"tenant": "another"}, {"data": "{}"}],
)
def test_a_forged_event_is_poison(fresh: House, client: TestClient, change: dict[str, Any]) -> None:
    envelope = signed(fresh.keys["admin"], example(CompanyCreated), tenant=uuid7())
    assert post(client, replace(envelope, **change))[0] == 422
    assert seen == []


def test_a_fact_that_nobody_asked_for_is_poison(fresh: House, client: TestClient) -> None:
    assert send(client, fresh, event=example(ChargeRecorded))[0] == 422


def test_a_body_without_end_is_poison(client: TestClient) -> None:
    answer = client.post("/events", content=b"x" * 3_000_000, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert len(answer.content) <= 512


def add_work(house: House, *keys: str) -> None:
    shell = house.database("plans")
    for key in keys:
        with shell.transaction(uuid7()) as tx:
            tx.rows(
                "WITH t AS (INSERT INTO flow.turns (function, tenant_id) VALUES ('plans', :t)) INSERT INTO flow.work"
                " (tenant_id, function, kind, key, due_at, traceparent) VALUES (:t, 'plans', 'a-kind', :k, now(), 'x')",
                t=tx.tenant,
                k=key,
            )


def test_a_wake_up_works_everything_that_is_due(fresh: House, client: TestClient) -> None:
    add_work(fresh, "one", "two", "three")
    assert send(client, fresh, event=WorkDue(count=3), tenant=PLATFORM) == (204, b"")
    assert sorted(worked) == ["one", "three", "two"]


def test_an_event_that_adds_work_has_it_worked_at_once(fresh: House, client: TestClient) -> None:
    assert send(client, fresh, "work")[0] == 204
    assert worked == ["131880738"]


def test_a_database_that_is_away_means_again(fresh: House, client: TestClient) -> None:
    app: Any = client.app
    app.state.shell.database._url = app.state.shell.database._url.rsplit("/", 1)[0].rsplit(":", 1)[0] + ":1/x"
    app.state.shell.database.close()
    app.state.shell.database._engine = None
    assert send(client, fresh)[0] == 503
