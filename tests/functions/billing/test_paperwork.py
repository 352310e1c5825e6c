"""The clock of a contingency with paper: told before and after its last days, and ended by the e-CF that DGII accepts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.billing.handlers import JOBS
from shared.events.catalogue import EcfAccepted, EcfAcceptedConditionally, EcfRejected
from shared.events.event import Event
from shared.http.work import run_due
from tests.data.facts import delivered, example, signed
from tests.functions.billing.bodies import FACTURA
from tests.functions.billing.test_contingency_doors import PATH, TODAY, call, declared, paper, replacing
from tests.house import House


@pytest.fixture
def tenant(house: House) -> str:
    return house.company()


def facts(house: House, tenant: str, name: str) -> list[dict[str, Any]]:
    with house.database("billing").transaction(tenant) as tx:
        rows = tx.rows("SELECT data FROM flow.outbox WHERE type = :type ORDER BY seq", type=f"do.getupnet.contingency.{name}.v1")
    return [json.loads(row.data) for row in rows]


def told(house: House, tenant: str) -> list[tuple[str, str, int]]:
    return [(fact["deadline"], fact["phase"], fact["pending"]) for fact in facts(house, tenant, "due")]


def days_pass(house: House, tenant: str, days: int) -> None:
    """So many days ago it all began, and the look that is due is taken."""
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.contingencies SET started_at = started_at - make_interval(days => :d)", d=days)
        tx.rows("UPDATE billing.contingencies SET ended_at = ended_at - make_interval(days => :d)", d=days)
        tx.rows(
            "UPDATE flow.work SET due_at = due_at - make_interval(days => :d) WHERE kind = 'contingency_due' AND state = 'pending'",
            d=days,
        )
    run_due(house.shell("billing"), JOBS, jobs=10, seconds=5)


def judged(house: House, tenant: str, invoice: dict[str, Any], kind: type[Event] = EcfAccepted, **more: object) -> None:
    named = {name: invoice[name] for name in ("encf", "tipo_ecf", "monto_total")}
    event = example(kind, invoice_id=invoice["id"], observed_at=datetime.now(UTC).isoformat(), **named, **more)
    headers, body = delivered(signed(house.keys["dgii"], event, tenant=tenant, subject=invoice["id"]))
    assert house.client("billing").post("/events", content=body, headers=headers).status_code == 204


def shown(house: House, tenant: str, made: dict[str, Any]) -> dict[str, Any]:
    return dict(call(house, tenant, "GET", f"{PATH}/{made['id']}").json())


def test_the_last_day_of_paper_is_told_before_and_after_and_then_no_more(house: House, tenant: str) -> None:
    declared(house, tenant)
    for passing, so_far in ((11, []), (2, ["near"]), (2, ["near"]), (2, ["near", "passed"]), (9, ["near", "passed"])):
        days_pass(house, tenant, passing)
        assert told(house, tenant) == [("paper", phase, 0) for phase in so_far]


def test_what_is_not_replaced_is_told_before_and_after_its_last_day(house: House, tenant: str) -> None:
    made = declared(house, tenant)
    call(house, tenant, "POST", f"{PATH}/{made['id']}/papers", {"items": [paper("B0100000001"), paper("B0100000002")]})
    call(house, tenant, "POST", f"{PATH}/{made['id']}/end")
    house.emit(tenant, replacing("B0100000001"))
    days_pass(house, tenant, 24)
    assert told(house, tenant) == []
    days_pass(house, tenant, 2)
    days_pass(house, tenant, 5)
    assert told(house, tenant) == [("replacement", "near", 1), ("replacement", "passed", 1)]


def test_nobody_is_told_where_nothing_is_left_to_replace(house: House, tenant: str) -> None:
    made = declared(house, tenant)
    call(house, tenant, "POST", f"{PATH}/{made['id']}/papers", {"items": [paper("B0100000001")]})
    call(house, tenant, "POST", f"{PATH}/{made['id']}/end")
    house.emit(tenant, replacing("B0100000001"))
    days_pass(house, tenant, 26)
    days_pass(house, tenant, 10)
    assert told(house, tenant) == []


def test_a_contingency_without_connection_has_no_such_days(house: House, tenant: str) -> None:
    declared(house, tenant, tipo="sin_conexion")
    days_pass(house, tenant, 16)
    assert told(house, tenant) == []


@pytest.mark.parametrize("kind", [EcfAccepted, EcfAcceptedConditionally])
def test_the_first_e_cf_that_dgii_accepts_ends_a_total_contingency(house: House, tenant: str, kind: type[Event]) -> None:
    before = house.emit(tenant, FACTURA).json()
    made = declared(house, tenant)
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.invoices SET fecha_hora_firma = fecha_hora_firma - interval '1 hour'")
        tx.rows("UPDATE billing.contingencies SET started_at = started_at - interval '1 minute'")
    judged(house, tenant, before, kind)
    assert shown(house, tenant, made)["ended_at"] is None, "it was signed before"
    after = house.emit(tenant, FACTURA).json()
    judged(house, tenant, after, kind)
    ended = shown(house, tenant, made)
    assert ended["ended_at"] is not None
    assert ended["replace_until"] == (TODAY + timedelta(days=30)).isoformat()
    judged(house, tenant, house.emit(tenant, FACTURA).json(), kind)
    (fact,) = facts(house, tenant, "finished")
    assert (fact["by"], fact["encf"], fact["pending"]) == ("dgii", after["encf"], 0)


def test_neither_a_rejection_nor_a_branchs_contingency_is_ended_by_documents(house: House, tenant: str) -> None:
    made = declared(house, tenant)
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.contingencies SET started_at = started_at - interval '1 minute'")
    judged(house, tenant, house.emit(tenant, FACTURA).json(), EcfRejected, secuencia_utilizada=True)
    assert shown(house, tenant, made)["ended_at"] is None
    call(house, tenant, "POST", f"{PATH}/{made['id']}/end")
    branch = declared(house, tenant, sucursal="NORTE", started_at=(datetime.now(UTC) - timedelta(minutes=5)).isoformat())
    judged(house, tenant, house.emit(tenant, FACTURA).json())
    assert shown(house, tenant, branch)["ended_at"] is None
