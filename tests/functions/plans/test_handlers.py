"""An accepted document is charged exactly once, whatever the broker does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from shared.db.ids import uuid7
from shared.events.catalogue import CompanyCreated, EcfAccepted, EcfAcceptedConditionally, EcfRejected
from shared.events.envelope import Envelope
from shared.identity.tokens import issue_service_token
from tests.data.facts import delivered, example, signed
from tests.house import House


@pytest.fixture
def tenant(house: House) -> str:
    made = uuid7()
    assert deliver(house, signed(house.keys["admin"], example(CompanyCreated), tenant=made, subject=made)) == 204
    return made


def deliver(house: House, envelope: Envelope) -> int:
    headers, body = delivered(envelope)
    return house.client("plans").post("/events", content=body, headers=headers).status_code


def accepted(house: House, tenant: str, kind: Any = EcfAccepted, **given: object) -> Envelope:
    return signed(house.keys["dgii"], example(kind, **given), tenant=tenant)


def charges(house: House, tenant: str, query: str = "") -> Any:
    return house.client("plans").get(f"/tenant/plans/charges{query}", headers=house.token(tenant)).json()


def announced(house: House, tenant: str) -> int:
    with house.database("plans").transaction(tenant) as tx:
        return len(tx.rows("SELECT 1 FROM flow.outbox WHERE type LIKE '%charge.recorded%'"))


def test_an_accepted_document_is_charged_and_the_charge_told(house: House, tenant: str) -> None:
    envelope = accepted(house, tenant, monto_total="5000.00")
    assert deliver(house, envelope) == 204
    (charge,) = charges(house, tenant)["items"]
    assert (charge["base"], charge["fee"], charge["plan"]) == ("5000.00", "5.00", "estandar")
    assert announced(house, tenant) == 1


def test_redelivery_at_once_charges_once(house: House, tenant: str) -> None:
    envelope = accepted(house, tenant)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: deliver(house, envelope), range(12))) == {204}
    assert len(charges(house, tenant)["items"]) == announced(house, tenant) == 1


def test_a_second_fact_about_the_same_invoice_charges_nothing_more(house: House, tenant: str) -> None:
    invoice = uuid7()
    assert deliver(house, accepted(house, tenant, invoice_id=invoice)) == 204
    assert deliver(house, accepted(house, tenant, EcfAcceptedConditionally, invoice_id=invoice)) == 204
    assert len(charges(house, tenant)["items"]) == announced(house, tenant) == 1


def test_a_document_accepted_with_remarks_is_charged_and_a_rejected_one_is_not_asked_about(house: House, tenant: str) -> None:
    assert deliver(house, accepted(house, tenant, EcfAcceptedConditionally)) == 204
    assert deliver(house, accepted(house, tenant, EcfRejected)) == 422
    assert len(charges(house, tenant)["items"]) == 1


def test_a_company_that_is_not_known_yet_means_again_and_then_works(house: House) -> None:
    tenant = uuid7()
    envelope = accepted(house, tenant)
    assert deliver(house, envelope) == 503
    deliver(house, signed(house.keys["admin"], example(CompanyCreated), tenant=tenant, subject=tenant))
    assert deliver(house, envelope) == 204
    assert len(charges(house, tenant)["items"]) == 1


def test_another_tenant_sees_and_is_charged_nothing(house: House, tenant: str) -> None:
    deliver(house, accepted(house, tenant))
    other = uuid7()
    deliver(house, signed(house.keys["admin"], example(CompanyCreated), tenant=other, subject=other))
    assert charges(house, other)["items"] == []
    assert deliver(house, replace(accepted(house, tenant), tenant=other)) == 422, "the signature holds the tenant"


def test_the_preview_says_what_the_charge_will_be(house: House, tenant: str) -> None:
    answer = house.client("plans").post("/tenant/plans/preview", json={"monto_total": "123456.78"}, headers=house.token(tenant))
    deliver(house, accepted(house, tenant, monto_total="123456.78"))
    assert answer.json()["fee"] == charges(house, tenant)["items"][0]["fee"] == "123.46"
    current = house.client("plans").get("/tenant/plans/current", headers=house.token(tenant)).json()
    assert (current["plan"], current["percentage"], current["minimum"]) == ("estandar", "0.1000", "2.00")


@pytest.mark.parametrize("amount", ["-1", "1.234", "NaN", "1e5", "", "01", "1,000.00", " 1"])
def test_an_amount_of_another_form_is_refused(house: House, tenant: str, amount: str) -> None:
    answer = house.client("plans").post("/tenant/plans/preview", json={"monto_total": amount}, headers=house.token(tenant))
    assert answer.status_code == 422


def test_a_plan_nobody_sells_is_poison(house: House) -> None:
    tenant = uuid7()
    assert deliver(house, signed(house.keys["admin"], example(CompanyCreated, plan="oro"), tenant=tenant)) == 422


def test_charges_are_listed_by_page_and_by_invoice(house: House, tenant: str) -> None:
    invoices = [uuid7() for _ in range(3)]
    for invoice in invoices:
        deliver(house, accepted(house, tenant, invoice_id=invoice))
    page = charges(house, tenant, "?limit=2")
    rest = charges(house, tenant, f"?limit=2&cursor={page['next']}")
    assert [c["invoice_id"] for c in page["items"] + rest["items"]] == invoices[::-1]
    assert [c["invoice_id"] for c in charges(house, tenant, f"?invoice_id={invoices[0]}")["items"]] == invoices[:1]
    answer = house.client("plans").get("/tenant/plans/charges?invoice_id=x", headers=house.token(tenant))
    assert answer.status_code == 422


def test_billing_asks_what_a_document_would_cost_and_no_other_function_may(house: House, tenant: str) -> None:
    body = b'{"monto_total": "5000.00"}'

    def ask(caller: str) -> Any:
        token = issue_service_token(house.keys[caller], audience="plans", tenant=tenant, purpose="fee", body=body)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return house.client("plans").post("/plans/fee", content=body, headers=headers)

    assert ask("billing").json() == {"plan": "estandar", "base": "5000.00", "fee": "5.00"}
    assert ask("dgii").status_code == 401
