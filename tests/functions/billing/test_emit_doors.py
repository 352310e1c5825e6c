"""The rules that documents are checked with, as a list."""

from typing import Any

import pytest

from shared.ecf.codes import table
from shared.identity.permissions import Permission
from tests.functions.billing.batches import get
from tests.house import House


@pytest.fixture(scope="module")
def tenant(house: House) -> str:
    return house.company(certificate=False, ranges=False)


def rules(house: House, tenant: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(house, tenant, f"/tenant/emit/rules{query}")["items"]
    return found


def test_the_whole_catalogue_is_listed_in_order(house: House, tenant: str) -> None:
    listed = rules(house, tenant)
    assert [rule["code"] for rule in listed] == list(table())
    assert all(rule["detail"] and rule["source"] for rule in listed)


def test_rules_are_found_by_type_verdict_and_words(house: House, tenant: str) -> None:
    of_34 = rules(house, tenant, "?tipo=34")
    assert all(not rule["tipos"] or "34" in rule["tipos"] for rule in of_34)
    assert 0 < len(of_34) < len(table())
    assert {rule["verdict"] for rule in rules(house, tenant, "?verdict=aviso")} == {"aviso"}
    assert [rule["code"] for rule in rules(house, tenant, "?q=ecf-1084")] == ["ECF-1084"]
    assert "ECF-1084" in {rule["code"] for rule in rules(house, tenant, "?tipo=34&verdict=rechazado&q=SALDO")}
    assert rules(house, tenant, "?q=nada+de+esto") == []


def test_a_verdict_that_does_not_exist_and_a_token_that_may_not_are_refused(house: House, tenant: str) -> None:
    client = house.client("billing")
    assert client.get("/tenant/emit/rules?verdict=quizas", headers=house.token(tenant)).status_code == 422
    denied = client.get("/tenant/emit/rules", headers=house.token(tenant, Permission.INVOICES_READ))
    assert denied.status_code == 403
