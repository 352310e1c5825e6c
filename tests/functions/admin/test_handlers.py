"""Companies: created once, ready when everybody knows them, listed page by page."""

import json
from typing import Any

import pytest

from functions.admin.domain import CONSUMERS
from shared.db.seal import PLATFORM
from shared.events.catalogue import CompanyCreated
from shared.identity.permissions import Permission
from tests.house import House, a_rnc


def body(**given: Any) -> dict[str, Any]:
    return {
        "rnc": a_rnc(),
        "environment": "testecf",
        "razon_social": "EMPRESA DE PRUEBA SRL",
        "direccion": "Calle Primera 1",
        "owner": {"email": "Duena@Example.com", "name": "Dueña"},
    } | given


def create(house: House, sent: dict[str, Any]) -> Any:
    headers = house.token(PLATFORM) | {"content-type": "application/json"}
    return house.client("admin").post("/admin/companies", content=json.dumps(sent), headers=headers)


def test_a_company_is_created_and_becomes_ready_as_its_consumers_take_it(fresh: House) -> None:
    sent = body()
    answer = create(fresh, sent)
    made = answer.json()
    assert answer.status_code == 201
    assert (made["rnc"], made["ready"], made["waiting_for"]) == (sent["rnc"], False, ["auth", "billing", "dgii", "plans", "sign"])
    path, headers = f"/admin/companies/{made['id']}", fresh.token(PLATFORM)
    assert fresh.client("admin").get(path, headers=headers).json()["ready"] is False
    taken = {a.function for a in fresh.settle() if a.outcome == "delivered" and a.type == CompanyCreated.type}
    assert taken == set(CONSUMERS)
    shown = fresh.client("admin").get(path, headers=headers).json()
    assert (shown["ready"], shown["waiting_for"]) == (True, [])


def test_an_rnc_is_taken_once_an_environment(house: House) -> None:
    sent = body()
    assert create(house, sent).status_code == 201
    answer = create(house, sent)
    assert (answer.status_code, answer.json()["type"], answer.json()["rnc"]) == (409, "urn:getupnet:company-exists", sent["rnc"])
    assert create(house, sent | {"environment": "certecf"}).status_code == 201


def test_a_refused_duplicate_announces_nothing(fresh: House) -> None:
    sent = body()
    create(fresh, sent)
    fresh.settle()
    create(fresh, sent)
    assert fresh.settle() == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"rnc": "1"}, "/rnc"),
        ({"rnc": "13188068\n"}, "/rnc"),
        ({"rnc": "١٣١٨٨٠٦٨١"}, "/rnc"),
        ({"environment": "prod"}, "/environment"),
        ({"razon_social": " "}, "/razon_social"),
        ({"owner": {"email": "x", "name": "y"}}, "/owner/email"),
        ({"id": "x"}, "/id"),
    ],
)
def test_bad_input_is_told_by_pointer(house: House, change: dict[str, Any], pointer: str) -> None:
    answer = create(house, body(**change))
    assert answer.status_code == 422, answer.text
    assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    "change",
    [{"razon_social": "A\u0000B"}, {"direccion": "A\ud800B"}, {"owner": {"email": "a@\u0000", "name": "y"}}],
)
def test_what_no_database_can_hold_is_bad_input_too(house: House, change: dict[str, Any]) -> None:
    assert create(house, body(**change)).json()["type"] == "urn:getupnet:invalid-input"


def test_companies_are_listed_newest_first_without_gap_or_double(fresh: House) -> None:
    made = [create(fresh, body()).json()["id"] for _ in range(5)]
    found, cursor = [], ""
    while True:
        page = fresh.client("admin").get(f"/admin/companies?limit=2{cursor}", headers=fresh.token(PLATFORM)).json()
        found += [c["id"] for c in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == made[::-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x"])
def test_a_page_that_cannot_be_is_refused(house: House, query: str) -> None:
    assert house.client("admin").get(f"/admin/companies?{query}", headers=house.token(PLATFORM)).status_code == 422


@pytest.mark.parametrize("company", ["nobody", "01a20bd3-0802-79a8-9d54-1c23f8a333fe", "'; --", "x" * 500])
def test_a_company_that_is_not_there_is_not_found(house: House, company: str) -> None:
    assert house.client("admin").get(f"/admin/companies/{company}", headers=house.token(PLATFORM)).status_code == 404


def test_only_the_platforms_people_may_enter(house: House) -> None:
    client, tenant = house.client("admin"), house.company(certificate=False, ranges=False)
    for headers, status in (
        ({}, 401),
        (house.token(tenant), 403),
        (house.token(tenant, Permission.COMPANIES_READ), 403),
        (house.token(PLATFORM, Permission.DEAD_LETTERS_READ), 403),
        (house.token(PLATFORM), 200),
    ):
        assert client.get("/admin/companies", headers=headers).status_code == status
