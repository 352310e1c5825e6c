"""REL-06: facts that come in the wrong order and days late move a document where it belongs, once."""

from datetime import timedelta

from shared.events.catalogue import EcfAccepted, EcfOutcome, EcfOutcomeUnknown, EcfRejected, EcfSubmitted
from tests.data.facts import delivered, example, signed
from tests.flows.following import await_state
from tests.functions.billing.bodies import FACTURA
from tests.house import House

OLD = timedelta(days=8)


def tell(house: House, tenant: str, made: dict[str, str], kind: type[EcfOutcome], age: timedelta = timedelta()) -> None:
    """What dgii says of this document, to everybody who listens, that long ago."""
    fact = example(kind, invoice_id=made["id"], encf=made["encf"], monto_total="1180.00")
    headers, body = delivered(signed(house.keys["dgii"], fact, tenant=tenant, subject=made["id"], age=age))
    assert house.broker.post(headers, body) == 202
    assert {attempt.status for attempt in house.broker.settle()} == {204}


def estado(house: House, tenant: str, made: dict[str, str]) -> str:
    answer = house.client("billing").get(f"/tenant/invoices/{made['id']}", headers=house.token(tenant))
    return str(answer.json()["estado"])


def charges(house: House, tenant: str) -> int:
    return len(house.client("plans").get("/tenant/plans/charges", headers=house.token(tenant)).json()["items"])


def test_accepted_before_submitted_and_days_late_is_accepted_and_charged_once(house: House) -> None:
    tenant = house.company()
    made = house.emit(tenant, FACTURA).json()
    tell(house, tenant, made, EcfAccepted, OLD)
    assert estado(house, tenant, made) == "aceptado"
    for late in (EcfSubmitted, EcfOutcomeUnknown, EcfRejected):
        tell(house, tenant, made, late, OLD)
        assert estado(house, tenant, made) == "aceptado"
    await_state(house, tenant, made["id"], "aceptado")
    tell(house, tenant, made, EcfAccepted)
    assert (estado(house, tenant, made), charges(house, tenant)) == ("aceptado", 1)
