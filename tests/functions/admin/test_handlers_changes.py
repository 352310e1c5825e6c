"""What is registered: a number that looks wrong, a production company and its test company, contact data that change."""

from typing import Any

import pytest

from shared.db.seal import PLATFORM
from shared.events.companies import CompanyChanged
from tests.data.facts import delivered, example, signed
from tests.functions.admin.test_handlers import body, create
from tests.functions.billing.bodies import FACTURA
from tests.house import House, a_rnc


def wrong_rnc() -> str:
    good = a_rnc()
    return good[:8] + str((int(good[8]) + 1) % 10)


def test_a_check_digit_that_fails_is_refused_until_it_is_confirmed_and_then_warned_about(house: House) -> None:
    sent = body(rnc=wrong_rnc())
    refused = create(house, sent)
    assert (refused.status_code, [e["pointer"] for e in refused.json()["errors"]]) == (422, ["/rnc"])
    assert "confirm_rnc" in refused.json()["errors"][0]["detail"]
    made = create(house, sent | {"confirm_rnc": True})
    assert (made.status_code, [w["code"] for w in made.json()["warnings"]]) == (201, ["rnc-check-digit"])
    assert create(house, body()).json()["warnings"] == []


@pytest.mark.parametrize("environment", ["testecf", "certecf"])
def test_a_production_company_names_its_test_company(house: House, environment: str) -> None:
    rnc = a_rnc()
    test = create(house, body(rnc=rnc, environment=environment)).json()["id"]
    made = create(house, body(rnc=rnc, environment="ecf", linked_to=test))
    assert (made.status_code, made.json()["linked_to"]) == (201, test)
    other = create(house, body(environment="ecf", linked_to=test))
    assert [e["pointer"] for e in other.json()["errors"]] == ["/linked_to"]


def patch(house: House, company: str, **sent: Any) -> Any:
    answer = house.client("admin").patch(f"/admin/companies/{company}", json=sent, headers=house.token(PLATFORM))
    house.settle()
    return answer


def test_what_changes_is_printed_on_the_next_document_and_named_at_log_in(house: House) -> None:
    tenant = house.company()
    answer = patch(house, tenant, razon_social="NUEVO NOMBRE SRL", telefono="809-555-0199")
    assert (answer.status_code, answer.json()["razon_social"], answer.json()["direccion"]) == (
        200,
        "NUEVO NOMBRE SRL",
        "Calle Primera 1",
    )
    invoice = house.emit(tenant, FACTURA).json()
    path = f"/tenant/invoices/{invoice['id']}/xml"
    xml = house.client("billing").get(path, headers=house.token(tenant)).text
    assert "<RazonSocialEmisor>NUEVO NOMBRE SRL</RazonSocialEmisor>" in xml
    assert "809-555-0199" in xml
    with house.database("auth").transaction(PLATFORM) as tx:
        (row,) = tx.rows("SELECT razon_social FROM auth.companies WHERE id = :t", t=tenant)
    assert row.razon_social == "NUEVO NOMBRE SRL"
    assert patch(house, tenant, telefono=None).json()["telefono"] is None


def test_a_change_that_changes_nothing_announces_nothing(fresh: House) -> None:
    tenant = fresh.company(certificate=False, ranges=False)
    assert patch(fresh, tenant).status_code == 200
    answer = fresh.client("admin").patch(
        f"/admin/companies/{tenant}", json={"direccion": "Calle Primera 1"}, headers=fresh.token(PLATFORM)
    )
    assert answer.status_code == 200
    assert fresh.settle() == []


@pytest.mark.parametrize(
    "sent", [{"razon_social": None}, {"direccion": None}, {"rnc": "131880681"}, {"environment": "ecf"}, {"telefono": "1"}]
)
def test_what_cannot_change_is_refused(house: House, sent: dict[str, Any]) -> None:
    tenant = house.company(certificate=False, ranges=False)
    assert patch(house, tenant, **sent).status_code == 422


def test_an_older_change_that_comes_late_is_forgotten(house: House) -> None:
    tenant = house.company(certificate=False, ranges=False)
    for sequence, name in ((3, "TERCERA"), (2, "SEGUNDA")):
        fact = example(CompanyChanged, razon_social=name)
        headers, content = delivered(signed(house.keys["admin"], fact, tenant=tenant, subject=tenant, sequence=sequence))
        for function in ("billing", "auth"):
            assert house.client(function).post("/events", content=content, headers=headers).status_code == 204
    with house.database("billing").transaction(tenant) as tx:
        (row,) = tx.rows("SELECT emisor->>'razon_social_emisor' AS name FROM billing.companies")
    assert row.name == "TERCERA"
    with house.database("auth").transaction(tenant) as tx:
        (row,) = tx.rows("SELECT razon_social AS name FROM auth.companies WHERE id = :t", t=tenant)
    assert row.name == "TERCERA"
