"""Paper in a contingency: declared, registered, replaced once each, and never forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.ecf.clock import fiscal_day
from tests.functions.billing.batches import set_state
from tests.functions.billing.bodies import FACTURA
from tests.house import House

PATH = "/tenant/contingencies"
TODAY = fiscal_day(datetime.now(UTC))


@pytest.fixture
def tenant(house: House) -> str:
    return house.company()


def call(house: House, tenant: str, method: str, path: str, body: object = None) -> httpx.Response:
    return house.client("billing").request(method, path, json=body, headers=house.token(tenant))


def declared(house: House, tenant: str, **more: object) -> dict[str, Any]:
    made = call(house, tenant, "POST", PATH, {"motivo": "Avería del servidor de la tienda"} | more)
    assert made.status_code == 201, made.text
    return dict(made.json())


def paper(ncf: str, day: date = TODAY, **more: object) -> dict[str, Any]:
    return {"ncf": ncf, "fecha_emision": day.isoformat(), "monto_total": "1180.00", "rnc_comprador": "131880681"} | more


def registered(house: House, tenant: str, *papers: dict[str, Any]) -> dict[str, Any]:
    """A contingency with these papers."""
    made = declared(house, tenant)
    answer = call(house, tenant, "POST", f"{PATH}/{made['id']}/papers", {"items": list(papers)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def replacing(ncf: str) -> dict[str, Any]:
    reference = {"ncf_modificado": ncf, "fecha_ncf_modificado": f"{TODAY:%d-%m-%Y}", "codigo_modificacion": 4}
    return FACTURA | {"informacion_referencia": reference}


def test_a_contingency_says_its_last_days(house: House, tenant: str) -> None:
    made = declared(house, tenant)
    assert (made["paper_until"], made["replace_until"]) == ((TODAY + timedelta(days=15)).isoformat(), None)
    ended = call(house, tenant, "POST", f"{PATH}/{made['id']}/end").json()
    assert (ended["paper_until"], ended["replace_until"]) == (TODAY.isoformat(), (TODAY + timedelta(days=30)).isoformat())
    again = call(house, tenant, "POST", f"{PATH}/{made['id']}/end")
    assert (again.status_code, again.json()["type"]) == (409, "urn:getupnet:contingency-ended")


def test_one_contingency_of_a_scope_is_open_at_a_time_even_when_many_declare_it(house: House, tenant: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: call(house, tenant, "POST", PATH, {"motivo": "Sin energía"}), range(6)))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409, 409, 409]
    assert call(house, tenant, "POST", PATH, {"motivo": "Sin energía", "sucursal": "Santiago"}).status_code == 201
    assert len(call(house, tenant, "GET", PATH).json()["items"]) == 2


@pytest.mark.parametrize("hours", [1, -46 * 24], ids=["the future", "too long ago"])
def test_a_start_that_cannot_be_is_refused_by_name(house: House, tenant: str, hours: int) -> None:
    start = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    answer = call(house, tenant, "POST", PATH, {"motivo": "Avería", "started_at": start})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/started_at")


def test_papers_are_registered_once_and_the_same_again_changes_nothing(house: House, tenant: str) -> None:
    made = registered(house, tenant, paper("B0100000001"), paper("B0100000002"))
    path = f"{PATH}/{made['id']}/papers"
    again = call(house, tenant, "POST", path, {"items": [paper("B0100000002"), paper("B0200000001", rnc_comprador=None)]}).json()
    assert (again["registered"], again["replaced"]) == (3, 0)
    other = call(house, tenant, "POST", path, {"items": [paper("B0100000003"), paper("B0100000002", monto_total="1.00")]})
    assert (other.status_code, other.json()["type"]) == (409, "urn:getupnet:paper-differs")
    assert "B0100000002" in other.json()["detail"]
    first = call(house, tenant, "GET", f"{path}?limit=2").json()
    rest = call(house, tenant, "GET", f"{path}?limit=2&cursor={first['next']}").json()
    assert [p["ncf"] for p in first["items"] + rest["items"]] == ["B0100000001", "B0100000002", "B0200000001"]
    assert rest["next"] is None


def test_papers_that_the_contingency_cannot_hold_are_all_named(house: House, tenant: str) -> None:
    made = declared(house, tenant)
    wrong = [
        paper("E310000000001"),
        paper("B9900000001"),
        paper("B0100000001", TODAY - timedelta(days=1)),
        paper("B0100000002"),
    ] * 2
    answer = call(house, tenant, "POST", f"{PATH}/{made['id']}/papers", {"items": wrong})
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert answer.status_code == 422
    assert pointers[:3] == ["/items/0/ncf", "/items/1/ncf", "/items/2/fecha_emision"]
    assert "/items/7/ncf" in pointers, "twice in the list"
    assert call(house, tenant, "GET", f"{PATH}/{made['id']}").json()["registered"] == 0


def test_an_e_cf_replaces_its_paper_once(house: House, tenant: str) -> None:
    made = registered(house, tenant, paper("B0100000001"), paper("B0100000002"))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: house.emit(tenant, replacing("B0100000001")), range(4)))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    refused = next(a for a in answers if a.status_code == 409).json()
    emitted = next(a for a in answers if a.status_code == 201).json()
    assert (refused["type"], emitted["encf"] in refused["detail"]) == ("urn:getupnet:paper-replaced", True)
    assert call(house, tenant, "GET", f"{PATH}/{made['id']}").json()["replaced"] == 1
    pending = call(house, tenant, "GET", f"{PATH}/{made['id']}/papers?pending=true").json()["items"]
    assert [p["ncf"] for p in pending] == ["B0100000002"]


def test_a_paper_whose_e_cf_dgii_refused_is_pending_again(house: House, tenant: str) -> None:
    made = registered(house, tenant, paper("B0100000001"))
    emitted = house.emit(tenant, replacing("B0100000001")).json()
    set_state(house, tenant, emitted["id"], "rechazado")
    assert call(house, tenant, "GET", f"{PATH}/{made['id']}").json()["replaced"] == 0
    assert house.emit(tenant, replacing("B0100000001")).status_code == 201


def test_a_paper_that_is_not_registered_here_may_be_replaced_too(house: House, tenant: str) -> None:
    assert house.emit(tenant, replacing("B0100000077")).status_code == 201


def test_another_company_sees_and_ends_nothing(house: House, tenant: str) -> None:
    made = registered(house, tenant, paper("B0100000001"))
    stranger = house.company(ranges=False, certificate=False)
    for method, path in (("GET", ""), ("POST", "/end"), ("GET", "/papers")):
        assert call(house, stranger, method, f"{PATH}/{made['id']}{path}").status_code == 404
    assert call(house, stranger, "GET", PATH).json()["items"] == []


def test_declaring_and_ending_are_facts(house: House, tenant: str) -> None:
    made = declared(house, tenant)
    call(house, tenant, "POST", f"{PATH}/{made['id']}/end")
    with house.database("billing").transaction(tenant) as tx:
        types = [row.type for row in tx.rows("SELECT type FROM flow.outbox WHERE subject = :id ORDER BY seq", id=made["id"])]
    assert types == ["do.getupnet.contingency.declared.v1", "do.getupnet.contingency.finished.v1"]
