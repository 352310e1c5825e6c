"""Documents under an outage or a declared contingency: held once under the right clock, and told of before it and after it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.billing import holding, outages
from functions.billing.handlers import JOBS
from functions.billing.remission import Phase
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.events.authority import OutageEnded, OutageStarted
from shared.http.work import run_due
from tests.data.facts import delivered, example, signed
from tests.functions.billing.batches import a_company_with_notes, an_original, get, set_state
from tests.functions.billing.bodies import FACTURA, altered, credit
from tests.house import House

NOW = datetime.now(UTC)
STANDING = "/tenant/contingencies/standing"


def outage(house: House, subject: str, kind: type[OutageStarted | OutageEnded] = OutageStarted, cause: str = "unanswered") -> None:
    """The fact as dgii tells it."""
    times = {"started_at": NOW.isoformat()} | ({"ended_at": NOW.isoformat()} if kind is OutageEnded else {})
    event = example(kind, environment="testecf", cause=cause, **times)
    headers, body = delivered(signed(house.keys["dgii"], event, tenant=PLATFORM, subject=subject))
    assert house.client("billing").post("/events", content=body, headers=headers).status_code == 204


def declare(house: House, tenant: str, **more: object) -> dict[str, Any]:
    body = {"motivo": "Sin internet", "tipo": "sin_conexion"} | more
    made = house.client("billing").post("/tenant/contingencies", json=body, headers=house.token(tenant))
    assert made.status_code == 201, made.text
    return dict(made.json())


def work(house: House) -> None:
    run_due(house.shell("billing"), JOBS, jobs=50, seconds=20)


def show(house: House, tenant: str, made: dict[str, Any], part: str = "") -> Any:
    return get(house, tenant, f"/tenant/invoices/{made['id']}{part}")


def facts(house: House, tenant: str, name: str) -> list[str]:
    with house.database("billing").transaction(tenant) as tx:
        rows = tx.rows("SELECT data FROM flow.outbox WHERE type = :type ORDER BY seq", type=f"do.getupnet.{name}.v1")
        return [str(row.data) for row in rows]


def set_terms(house: House, tenant: str, made: dict[str, Any], **changes: datetime) -> None:
    """As if it had been signed at another time; its job is due."""
    assignments = ", ".join(f"{name} = :{name}" for name in changes)
    with house.database("billing").transaction(tenant) as tx:
        tx.rows(f"UPDATE billing.invoices SET {assignments} WHERE id = CAST(:id AS uuid)", id=made["id"], **changes)
        tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = 'remind' AND state = 'pending'")


@pytest.fixture
def tenant(fresh: House) -> str:
    return fresh.company()


@pytest.mark.parametrize(("cause", "regimen"), [("unanswered", 1), ("maintenance", 3), ("status", 3)])
def test_the_cause_of_an_outage_says_the_regime_of_what_is_signed_in_it(
    fresh: House, tenant: str, cause: str, regimen: int
) -> None:
    outage(fresh, uuid7(), cause=cause)
    made = fresh.emit(tenant, FACTURA).json()
    assert (made["estado"], made["modalidad"], made["regimen"]) == ("en_contingencia", "contingencia", regimen)
    signed_at, until = (datetime.fromisoformat(made[name]) for name in ("fecha_hora_firma", "remitir_hasta"))
    assert (until - signed_at == timedelta(hours=72)) == (regimen == 1)
    (told,) = facts(fresh, tenant, "ecf.signed")
    assert f'"regimen":{regimen}' in told.replace(" ", "")
    assert facts(fresh, tenant, "ecf.held") == [], "the first fact says it already"


def test_what_waited_when_an_outage_began_is_held_and_told_once(fresh: House, tenant: str) -> None:
    other = fresh.company()
    waiting = [(t, fresh.emit(t, FACTURA).json()) for t in (tenant, tenant, other)]
    sent = fresh.emit(tenant, FACTURA).json()
    set_state(fresh, tenant, sent["id"], "enviado")
    subject = uuid7()
    outage(fresh, subject)
    outage(fresh, subject)
    for _ in range(2):
        with fresh.database("billing").transaction(PLATFORM) as tx:
            tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = :kind AND state = 'pending'", kind=holding.HOLD)
        work(fresh)
    assert [show(fresh, t, made)["estado"] for t, made in waiting] == ["en_contingencia"] * 3
    assert (len(facts(fresh, tenant, "ecf.held")), len(facts(fresh, other, "ecf.held"))) == (2, 1)
    assert show(fresh, tenant, sent)["modalidad"] == "normal"


def test_the_end_of_an_outage_that_arrives_before_its_beginning_ends_it(fresh: House, tenant: str) -> None:
    subject = uuid7()
    outage(fresh, subject, OutageEnded)
    outage(fresh, subject)
    assert fresh.emit(tenant, FACTURA).json()["modalidad"] == "normal"
    assert get(fresh, tenant, STANDING)["outage"] is None


def test_an_outage_of_another_environment_holds_nothing(fresh: House, tenant: str) -> None:
    with fresh.shell("billing").transaction(PLATFORM) as tx:
        outages.remember(tx, uuid7(), example(OutageStarted, environment="ecf", cause="status", started_at=NOW.isoformat()))
    assert fresh.emit(tenant, FACTURA).json()["modalidad"] == "normal"


def test_a_company_without_connection_holds_what_waits_and_what_it_signs_until_it_ends_that(fresh: House, tenant: str) -> None:
    before = fresh.emit(tenant, FACTURA).json()
    made = declare(fresh, tenant)
    assert (made["tipo"], made["paper_until"], made["replace_until"]) == ("sin_conexion", None, None)
    work(fresh)
    during = fresh.emit(tenant, FACTURA).json()
    assert [show(fresh, tenant, one)["regimen"] for one in (before, during)] == [1, 1]
    (told,) = facts(fresh, tenant, "ecf.held")
    assert '"cause":"declared"' in told.replace(" ", "")
    seen = get(fresh, tenant, STANDING)
    assert ([c["id"] for c in seen["contingencies"]], seen["held"], seen["outage"]) == ([made["id"]], 2, None)
    ended = fresh.client("billing").post(f"/tenant/contingencies/{made['id']}/end", headers=fresh.token(tenant)).json()
    assert (ended["paper_until"], ended["replace_until"]) == (None, None)
    assert fresh.emit(tenant, FACTURA).json()["modalidad"] == "normal"


def test_paper_and_no_connection_are_two_contingencies_and_only_one_takes_paper(fresh: House, tenant: str) -> None:
    paper, lost = declare(fresh, tenant, tipo="papel"), declare(fresh, tenant)
    assert paper["paper_until"] is not None
    assert fresh.emit(tenant, FACTURA).json()["regimen"] == 1
    items = [{"ncf": "B0100000001", "fecha_emision": paper["started_at"][:10], "monto_total": "1.00"}]
    path = f"/tenant/contingencies/{lost['id']}/papers"
    refused = fresh.client("billing").post(path, json={"items": items}, headers=fresh.token(tenant))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:getupnet:contingency-has-no-paper")


def test_a_branch_without_connection_holds_its_own_documents_only(fresh: House, tenant: str) -> None:
    declare(fresh, tenant, sucursal="0002")
    own, other = (fresh.emit(tenant, altered(FACTURA, "/emisor", {"sucursal": branch})).json() for branch in ("0002", "0003"))
    assert (own["modalidad"], other["modalidad"]) == ("contingencia", "normal")


def test_the_shorter_clock_holds_when_both_stand(fresh: House, tenant: str) -> None:
    outage(fresh, uuid7(), cause="maintenance")
    declare(fresh, tenant)
    assert fresh.emit(tenant, FACTURA).json()["regimen"] == 1


def test_a_note_that_waits_for_its_original_is_held_when_it_goes_out(fresh: House) -> None:
    tenant = a_company_with_notes(fresh)
    original = an_original(fresh, tenant, "enviado")
    note = fresh.emit(tenant, credit(original["encf"], original["fecha"])).json()
    outage(fresh, uuid7())
    work(fresh)
    assert show(fresh, tenant, note)["estado"] == "firmado", "nobody has seen it, so its number may still come back"
    set_state(fresh, tenant, original["id"], "aceptado")
    with fresh.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = :kind AND state = 'pending'", kind=holding.RELEASE)
    work(fresh)
    assert show(fresh, tenant, note)["estado"] == "en_contingencia"
    assert facts(fresh, tenant, "ecf.signed")[-1].count('"regimen":1') == 1


def test_a_deadline_is_told_once_when_near_and_once_when_passed_and_the_trail_shows_both(fresh: House, tenant: str) -> None:
    outage(fresh, uuid7())
    made = [fresh.emit(tenant, FACTURA).json() for _ in range(3)]
    work(fresh)
    assert facts(fresh, tenant, "ecf.remission-due") == []
    for one in made:
        set_terms(fresh, tenant, one, remind_at=NOW - timedelta(minutes=1))
    for _ in range(2):
        work(fresh)
    (near,) = facts(fresh, tenant, "ecf.remission-due")
    assert (near.count(Phase.NEAR.value), near.count("E31")) == (1, 3), "three documents, one fact"
    for one in made:
        set_terms(fresh, tenant, one, remitir_hasta=NOW - timedelta(minutes=1))
    for _ in range(2):
        work(fresh)
    assert [Phase.PASSED.value in fact for fact in facts(fresh, tenant, "ecf.remission-due")] == [False, True]
    steps = [step["step"] for step in show(fresh, tenant, made[0], "/trail")["items"]]
    assert steps == ["numbered", "signed", "held", "remission_near", "remission_overdue"]


@pytest.mark.parametrize("estado", ["enviado", "aceptado", "rechazado"])
def test_nothing_is_told_of_what_dgii_has(fresh: House, tenant: str, estado: str) -> None:
    outage(fresh, uuid7())
    made = fresh.emit(tenant, FACTURA).json()
    set_state(fresh, tenant, made["id"], estado)
    set_terms(fresh, tenant, made, remind_at=NOW - timedelta(days=1), remitir_hasta=NOW - timedelta(hours=1))
    work(fresh)
    assert facts(fresh, tenant, "ecf.remission-due") == []
    assert get(fresh, tenant, STANDING) == get(fresh, tenant, STANDING) | {"held": 0, "nearest": None}
