"""A note against its original, when the original is the tenant's own invoice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.functions.billing.batches import a_company_with_notes, an_original, set_state
from tests.functions.billing.bodies import FACTURA, altered, credit, debit
from tests.house import House


@pytest.fixture(scope="module")
def tenant(house: House) -> str:
    return a_company_with_notes(house)


def codes(answer: httpx.Response) -> set[str]:
    return {error["code"] for error in answer.json().get("errors", [])}


def warnings(answer: httpx.Response) -> dict[str, str]:
    return {aviso["code"]: aviso["verdict"] for aviso in answer.json()["avisos"]}


def test_a_note_within_the_balance_is_emitted_and_remembers_what_it_modifies(house: House, tenant: str) -> None:
    original = an_original(house, tenant)
    answer = house.emit(tenant, credit(original["encf"], original["fecha"]))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["ncf_modificado"], answer.json()["monto_total"]) == (original["encf"], "590.00")
    assert not any(code.startswith("ECF-108") for code in warnings(answer))


def test_credits_together_may_not_pass_the_balance(house: House, tenant: str) -> None:
    original = an_original(house, tenant)
    first = house.emit(tenant, credit(original["encf"], original["fecha"]))
    second = house.emit(tenant, credit(original["encf"], original["fecha"], "2"))
    assert (first.status_code, second.status_code, codes(second)) == (201, 422, {"ECF-1084"})
    set_state(house, tenant, first.json()["id"], "rechazado")
    assert house.emit(tenant, credit(original["encf"], original["fecha"], "2")).status_code == 201


def test_a_debit_gives_room_once_it_is_accepted(house: House, tenant: str) -> None:
    original = an_original(house, tenant)
    noted = house.emit(tenant, debit(original["encf"], original["fecha"]))
    assert noted.status_code == 201, noted.text
    assert codes(house.emit(tenant, credit(original["encf"], original["fecha"], "3"))) == {"ECF-1084"}
    set_state(house, tenant, noted.json()["id"], "aceptado")
    assert house.emit(tenant, credit(original["encf"], original["fecha"], "3")).status_code == 201


def test_after_an_annulment_there_are_no_more_notes(house: House, tenant: str) -> None:
    original = an_original(house, tenant)
    assert house.emit(tenant, credit(original["encf"], original["fecha"], "2", codigo=1)).status_code == 201
    assert "ECF-1085" in codes(house.emit(tenant, debit(original["encf"], original["fecha"])))


def test_many_credits_at_once_never_pass_the_balance(house: House, tenant: str) -> None:
    original = an_original(house, tenant)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: house.emit(tenant, credit(original["encf"], original["fecha"])), range(6)))
    assert sorted(a.status_code for a in answers) == [201, 201, 422, 422, 422, 422]


def test_the_buyer_and_the_date_are_those_of_the_original(house: House, tenant: str) -> None:
    original = an_original(house, tenant)
    note = credit(original["encf"], "01-01-2026")
    answer = house.emit(tenant, altered(note, "/comprador/rnc_comprador", "131880738"))
    assert {"ECF-1082", "ECF-1083"} <= codes(answer)


def test_an_original_without_a_verdict_is_a_warning_and_a_rejected_one_refuses(house: House, tenant: str) -> None:
    original = an_original(house, tenant, "enviado")
    answer = house.emit(tenant, credit(original["encf"], original["fecha"]))
    assert (answer.status_code, warnings(answer)["ECF-1081"]) == (201, "aviso")
    set_state(house, tenant, original["id"], "rechazado")
    assert codes(house.emit(tenant, credit(original["encf"], original["fecha"]))) == {"ECF-1081"}


def test_an_original_that_is_not_ours_is_not_judged(house: House, tenant: str) -> None:
    other = an_original(house, a_company_with_notes(house))
    unknown = "E310000000999"
    for encf in (unknown, "B0100000001"):
        answer = house.emit(tenant, credit(encf, other["fecha"], "50"))
        assert answer.status_code == 201, answer.text


def test_a_refused_note_takes_no_number(house: House, tenant: str) -> None:
    original = an_original(house, tenant)

    def ranges() -> Any:
        return house.client("billing").get("/tenant/sequences", headers=house.token(tenant)).json()["items"]

    before = ranges()
    assert house.emit(tenant, credit(original["encf"], original["fecha"], "3")).status_code == 422
    assert ranges() == before


def test_an_invoice_keeps_the_schema_it_was_checked_with(house: House, tenant: str) -> None:
    made = house.emit(tenant, FACTURA).json()
    assert made["schema_version"] == "1.0"
    assert len(made["schema_sha256"]) == 64
    original = an_original(house, tenant)
    note = house.emit(tenant, credit(original["encf"], original["fecha"])).json()
    assert note["schema_sha256"] != made["schema_sha256"]
