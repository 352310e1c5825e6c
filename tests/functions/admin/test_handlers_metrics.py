"""Figures for platform people: companies by state, what DGII said and when, what waits; nothing of it names a company."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from shared.db.seal import PLATFORM
from shared.events.catalogue import EcfAccepted, EcfAcceptedConditionally, EcfOutcomeUnknown, EcfRejected
from shared.identity.permissions import Permission
from tests.data.facts import delivered, example, signed
from tests.house import House


def metrics(house: House) -> dict[str, Any]:
    answer = house.client("admin").get("/admin/metrics", headers=house.token(PLATFORM))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def tell(house: House, tenant: str, kind: Any, *, days_ago: int = 0, twice: bool = False) -> None:
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    headers, body = delivered(signed(house.keys["dgii"], example(kind, observed_at=at), tenant=tenant))
    for _ in range(1 + twice):
        assert house.client("admin").post("/events", content=body, headers=headers).status_code == 204


def test_verdicts_are_counted_once_by_day(fresh: House) -> None:
    one, two = fresh.company(certificate=False, ranges=False), fresh.company(certificate=False, ranges=False)
    tell(fresh, one, EcfAccepted, twice=True)
    tell(fresh, two, EcfAccepted)
    tell(fresh, one, EcfAcceptedConditionally, days_ago=1)
    tell(fresh, one, EcfOutcomeUnknown, days_ago=29)
    tell(fresh, two, EcfRejected, days_ago=30)
    found = metrics(fresh)
    assert found["today"] == {"aceptado": 2, "aceptado_condicional": 0, "rechazado": 0, "desconocido": 0}
    assert found["last_30_days"] == {"aceptado": 2, "aceptado_condicional": 1, "rechazado": 0, "desconocido": 1}


def test_companies_are_counted_by_environment_and_state(fresh: House) -> None:
    companies = [fresh.company(certificate=False, ranges=False) for _ in range(3)]
    path = f"/admin/companies/{companies[0]}/suspend"
    fresh.client("admin").post(path, json={"reason": "de prueba"}, headers=fresh.token(PLATFORM))
    assert metrics(fresh)["companies"] == [
        {"environment": "testecf", "estado": "activa", "companies": 2},
        {"environment": "testecf", "estado": "suspendida", "companies": 1},
    ]


def test_what_is_due_and_what_is_dead_is_counted_by_function(fresh: House) -> None:
    tenant = fresh.company(certificate=False, ranges=False)
    shell = fresh.shell("billing")
    with shell.transaction(tenant) as tx:
        shell.work.add(tx, "finish", "one")
        shell.work.add(tx, "finish", "two")
        tx.rows("UPDATE flow.work SET state = 'dead' WHERE key = 'two'")
    with fresh.database("relay").transaction(PLATFORM) as tx:
        tx.rows(
            "INSERT INTO relay.dead_letters (id, company, event_source, event_id, type, destination, headers, body) VALUES "
            "(gen_random_uuid(), :t, 's', 'i', 't', 'http://plans.getupnet-app.svc.cluster.local/events', '{}', '')",
            t=tenant,
        )
    found = {row["function"]: row for row in metrics(fresh)["backlog"]}
    assert found["billing"] == {"function": "billing", "due": 1, "dead": 1, "letters": 0}
    assert found["plans"]["letters"] == 1
    assert tenant not in str(found)


def test_only_the_platforms_own_context_reads_what_waits(house: House) -> None:
    tenant = house.company(certificate=False, ranges=False)
    database = house.database("admin")
    with pytest.raises(ProgrammingError, match="not the platform"), database.transaction(tenant) as tx:
        tx.rows("SELECT * FROM flow.backlog()")
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        house.database("billing").transaction(PLATFORM) as tx,
    ):
        tx.rows("SELECT * FROM flow.backlog()")


def test_figures_are_for_those_who_may_read_them(house: House) -> None:
    for headers, status in (
        (house.token(PLATFORM, Permission.COMPANIES_READ), 403),
        (house.token(PLATFORM, Permission.METRICS_READ), 200),
        ({}, 401),
    ):
        assert house.client("admin").get("/admin/metrics", headers=headers).status_code == status
