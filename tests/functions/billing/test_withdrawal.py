"""A signed document is withdrawn while DGII cannot have it: never sent, never printed, its number voided and nobody else's."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.billing.handlers import JOBS
from functions.dgii import handlers
from functions.dgii.handlers import JOBS as DGII_JOBS
from shared.http.work import run_due
from tests.flows.following import await_state
from tests.functions.billing.batches import a_company_with_notes, get, set_state
from tests.functions.billing.bodies import CONSUMO, FACTURA, credit
from tests.functions.billing.test_ledger_doors import post
from tests.house import House, a_rnc


@pytest.fixture
def away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """DGII cannot be reached: whatever is signed stays here, and no worker waits beside it."""
    monkeypatch.setattr(handlers, "INLINE", timedelta())
    monkeypatch.setattr(house.shell("dgii").outside.breaker, "admits", lambda environment: False)


def withdraw(house: House, tenant: str, invoice: dict[str, Any]) -> httpx.Response:
    path = f"/tenant/invoices/{invoice['id']}/withdraw"
    answer = house.client("billing").post(path, headers=house.token(tenant))
    house.settle()
    return answer


def stuck(house: House, tenant: str, body: object = FACTURA) -> dict[str, Any]:
    made: dict[str, Any] = house.emit(tenant, body).json()
    house.settle()
    return made


def shown(house: House, tenant: str, invoice: dict[str, Any]) -> tuple[str, str]:
    """Its state and its last step."""
    steps = get(house, tenant, f"/tenant/invoices/{invoice['id']}/trail")["items"]
    return get(house, tenant, f"/tenant/invoices/{invoice['id']}")["estado"], steps[-1]["step"]


def test_what_was_never_sent_is_withdrawn_and_never_is(house: House, away: None, monkeypatch: pytest.MonkeyPatch) -> None:
    rnc = a_rnc()
    tenant = house.company(rnc)
    made = stuck(house, tenant)
    house.client("ri").put("/tenant/ri/printing", json={"before_acceptance": True}, headers=house.token(tenant))
    assert withdraw(house, tenant, made).status_code == 202
    assert shown(house, tenant, made) == ("sin_usar", "retired")
    printed = house.client("ri").get(f"/tenant/ri/{made['id']}", headers=house.token(tenant))
    assert (printed.status_code, printed.json()["type"]) == (409, "urn:getupnet:withdrawn-has-no-form")
    monkeypatch.undo()
    after = house.emit(tenant, FACTURA).json()
    await_state(house, tenant, after["id"], "aceptado")
    with house.database("dgii").transaction(tenant) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() WHERE state = 'pending' AND kind = 'submission'")
    run_due(house.shell("dgii"), DGII_JOBS, jobs=10, seconds=5)
    query = {"environment": "testecf", "rnc": rnc}
    arrived = httpx.get(f"{house.address('sandbox')}/sandbox/documents", params=query).json()
    assert [document["encf"] for document in arrived] == [after["encf"]] == ["E310000000002"]


def test_its_number_is_for_a_voiding_alone(house: House, away: None) -> None:
    tenant = house.company()
    made = stuck(house, tenant)
    asked = {"ranges": [{"tipo_ecf": 31, "desde": 1, "hasta": 1}]}
    assert post(house, tenant, "/voidings", asked).status_code == 422
    withdraw(house, tenant, made)
    assert stuck(house, tenant)["encf"] == "E310000000002"
    assert get(house, tenant, f"/tenant/sequences/numbers/{made['encf']}")["estado"] == "sin_usar"
    assert post(house, tenant, "/voidings", asked).status_code == 202
    assert get(house, tenant, f"/tenant/sequences/numbers/{made['encf']}")["estado"] == "en_anulacion"


def test_a_range_with_nothing_but_withdrawn_numbers_is_exhausted(house: House, away: None) -> None:
    tenant = house.company(ranges=False)
    house.register_range(tenant, 32, 1, 1)
    house.settle()
    withdraw(house, tenant, stuck(house, tenant, CONSUMO))
    assert house.emit(tenant, CONSUMO).json()["type"] == "urn:getupnet:sequence-exhausted"


def test_what_may_have_left_stays_and_its_verdict_is_waited_for(house: House, away: None) -> None:
    tenant = house.company()
    made = stuck(house, tenant)
    with house.database("dgii").transaction(tenant) as tx:
        tx.rows("UPDATE dgii.submissions SET estado = 'desconocido', posts = 1")
    assert withdraw(house, tenant, made).status_code == 202
    assert shown(house, tenant, made) == ("firmado", "withdrawal_refused")


def test_asking_twice_is_answered_twice_and_withdraws_once(house: House, away: None) -> None:
    tenant = house.company()
    made = stuck(house, tenant)
    path = f"/tenant/invoices/{made['id']}/withdraw"
    answers = [house.client("billing").post(path, headers=house.token(tenant)).status_code for _ in range(2)]
    house.settle()
    assert (answers, shown(house, tenant, made)) == ([202, 202], ("sin_usar", "retired"))
    assert withdraw(house, tenant, made).status_code == 409


@pytest.mark.parametrize("estado", ["numerado", "en_contingencia", "enviado", "aceptado", "rechazado"])
def test_only_a_signed_document_can_be_withdrawn(house: House, away: None, estado: str) -> None:
    tenant = house.company()
    made = stuck(house, tenant)
    set_state(house, tenant, made["id"], estado)
    answer = withdraw(house, tenant, made)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:not-withdrawable")


def test_a_note_goes_with_the_document_that_it_waits_for(house: House, away: None) -> None:
    tenant = a_company_with_notes(house)
    original = stuck(house, tenant)
    note = stuck(house, tenant, credit(original["encf"], original["fecha_emision"]))
    refused = withdraw(house, tenant, note)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:getupnet:waits-for-original")
    withdraw(house, tenant, original)
    run_due(house.shell("billing"), JOBS, jobs=20, seconds=10)
    assert shown(house, tenant, note) == ("sin_usar", "withdrawn")


def test_another_companys_document_does_not_exist(house: House, away: None) -> None:
    tenant, other = house.company(), house.company(certificate=False, ranges=False)
    made = stuck(house, tenant)
    assert withdraw(house, other, made).status_code == 404
    assert shown(house, tenant, made)[0] == "firmado"
