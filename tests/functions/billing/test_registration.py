"""A range that is refused is told in the company's log, once a minute, and in words for who watches."""

import json
import logging

import pytest

from tests.functions.billing.test_ledger_doors import a_range
from tests.house import House

GOOD = {"tipo_ecf": 31, "desde": 100, "hasta": 199, "vencimiento": "2028-12-31"}


@pytest.fixture(scope="module")
def tenant(house: House) -> str:
    made = house.company(certificate=False, ranges=False)
    a_range(house, made, 1, 100, tipo_ecf=31)
    return made


def refused(house: House, tenant: str, body: dict[str, object]) -> int:
    return int(house.client("billing").post("/tenant/sequences", json=body, headers=house.token(tenant)).status_code)


def told(house: House, tenant: str) -> list[dict[str, object]]:
    with house.database("billing").transaction(tenant) as tx:
        rows = tx.rows("SELECT subject, data FROM flow.outbox WHERE type = 'do.getupnet.sequence.refused.v1' ORDER BY seq")
    assert {row.subject for row in rows} <= {"a-user"}
    return [json.loads(row.data) for row in rows]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({}, 409, "sequence-overlaps"),
        ({"vencimiento": "2020-12-31"}, 422, "past"),
        ({"tipo_ecf": 42}, 422, "tipo-ecf"),
        ({"rnc_emisor": "131880681"}, 422, "rnc-other"),
        ({"hasta": 1}, 422, "range-order"),
    ],
)
def test_a_refused_range_is_told_with_what_was_wanted_and_why(
    house: House, tenant: str, caplog: pytest.LogCaptureFixture, changes: dict[str, object], status: int, code: str
) -> None:
    asked, before = GOOD | changes, len(told(house, tenant))
    with caplog.at_level(logging.WARNING):
        assert [refused(house, tenant, asked) for _ in range(2)] == [status, status]
    (fact,) = told(house, tenant)[before:]
    assert fact == {"sucursal": None, "rnc_emisor": None} | asked | {"codes": [code], "by": "a-user"}
    assert [record.message for record in caplog.records if record.name.endswith("registration")] == ["a range was refused"] * 2


def test_a_range_that_is_taken_is_told_as_no_refusal(house: House, tenant: str) -> None:
    before = told(house, tenant)
    assert refused(house, tenant, GOOD | {"desde": 101}) == 201
    assert told(house, tenant) == before
