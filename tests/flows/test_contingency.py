"""DGII goes away and comes back: documents are signed, printed under their legend and held, and arrive as they were signed."""

import io
import time
from datetime import datetime
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from functions.dgii.breaker import OPEN_SECONDS, OPENS_AFTER
from functions.ri.words import LEGENDS, Modalidad
from shared.db.seal import PLATFORM
from shared.http.work import run_due
from tests.flows.following import await_state, facts_of, jobs_of
from tests.functions.billing.bodies import CONSUMO, FACTURA
from tests.functions.ri.case import bare, flat
from tests.house import House

AWAY = {"environment": "testecf", "rnc": "*", "service": "*", "name": "reset_before", "value": ""}


def get(house: House, tenant: str, path: str) -> httpx.Response:
    function = "ri" if path.startswith("/tenant/ri/") else "billing"
    return house.client(function).get(path, headers=house.token(tenant))


def invoice(house: House, tenant: str, made: dict[str, Any], part: str = "") -> Any:
    return get(house, tenant, f"/tenant/invoices/{made['id']}{part}")


def behave(house: House, path: str, body: object) -> None:
    assert httpx.post(f"{house.address('sandbox')}/sandbox/behaviours{path}", json=body).status_code < 300


def work(house: House) -> None:
    """One round of deliveries and of what is due."""
    house.settle()
    for name in ("dgii", "billing"):
        run_due(house.shell(name), jobs_of(name), jobs=20, seconds=20)
    house.settle()


def told(house: House, tenant: str, made: dict[str, Any]) -> list[str]:
    return [e.type.split(".")[-2] for e in facts_of(house, tenant) if e.subject == made["id"] and ".ecf." in e.type]


@pytest.fixture
def away(fresh: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose DGII cuts every connection; nobody sleeps between two tries."""
    monkeypatch.setattr(fresh.shell("dgii").outside, "pause", lambda seconds: None)
    behave(fresh, "", AWAY)
    return fresh


def back(house: House, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """DGII answers again, the breaker's pause is over, and one document is tried."""
    behave(house, "/reset", {"environment": "testecf"})
    monkeypatch.setattr(house.shell("dgii").outside.breaker, "clock", lambda: time.monotonic() + OPEN_SECONDS)
    with house.database("dgii").transaction(tenant) as tx:
        first = tx.rows("SELECT min(key) AS key FROM flow.work WHERE state = 'pending'")[0].key
        tx.rows("UPDATE flow.work SET due_at = now() WHERE key = :key", key=first)


def test_documents_of_an_outage_are_held_printed_and_accepted_as_they_were_signed(
    away: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, tenant = away, away.company()
    before = [house.emit(tenant, body).json() for body in (FACTURA, CONSUMO, FACTURA, FACTURA)]
    assert {made["estado"] for made in before} == {"firmado"}
    work(house)
    assert house.shell("dgii").outside.breaker._side("testecf").failures >= OPENS_AFTER
    work(house)
    during = house.emit(tenant, FACTURA).json()
    made = [*before, during]

    held = [invoice(house, tenant, one).json() for one in made]
    assert {(one["estado"], one["modalidad"], one["regimen"]) for one in held} == {("en_contingencia", "contingencia", 1)}
    assert (during["estado"], during["modalidad"]) == ("en_contingencia", "contingencia")
    standing = get(house, tenant, "/tenant/contingencies/standing").json()
    assert (standing["outage"]["cause"], standing["held"]) == ("unanswered", 5)
    assert standing["nearest"] == min(one["remitir_hasta"] for one in held)
    house.settle()
    for one in made:
        printed = get(house, tenant, f"/tenant/ri/{one['id']}")
        assert bare(LEGENDS[Modalidad.CONTINGENCIA]) in flat(PdfReader(io.BytesIO(printed.content)))
    bytes_signed = [invoice(house, tenant, one, "/xml").content for one in made]

    back(house, tenant, monkeypatch)
    for one in made:
        await_state(house, tenant, one["id"], "aceptado")
    assert [invoice(house, tenant, one, "/xml").content for one in made] == bytes_signed
    after = [invoice(house, tenant, one).json() for one in made]
    assert [one["encf"] for one in after] == [one["encf"] for one in made]
    assert {(one["modalidad"], one["regimen"]) for one in after} == {("contingencia", 1)}
    assert told(house, tenant, before[0]) == ["signed", "held", "submitted", "accepted"]
    assert told(house, tenant, during) == ["signed", "submitted", "accepted"]
    trail = invoice(house, tenant, during, "/trail").json()["items"]
    states = list(dict.fromkeys(step["estado"] for step in trail))
    assert states == ["numerado", "firmado", "en_contingencia", "enviado", "aceptado"]
    (reason,) = [step["detail"] for step in trail if step["step"] == "held"]
    assert (reason["cause"], reason["regimen"]) == ("unanswered", 1)
    assert datetime.fromisoformat(reason["remitir_hasta"]) == datetime.fromisoformat(held[-1]["remitir_hasta"])
    outages = [e.type.split(".")[-2] for e in facts_of(house, PLATFORM) if ".dgii.outage-" in e.type]
    assert outages == ["outage-started", "outage-ended"]
    assert get(house, tenant, "/tenant/contingencies/standing").json() == {
        "outage": None,
        "contingencies": [],
        "held": 0,
        "nearest": None,
    }
    assert house.emit(tenant, FACTURA).json()["modalidad"] == "normal"
