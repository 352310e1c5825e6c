"""Ranges that will soon give no number are told of, each reason once, at the emission that crosses a tenth or in the morning."""

from datetime import date, timedelta

import pytest

from functions.billing.forecast import Outlook, reasons
from functions.billing.handlers import JOBS
from shared.http.work import run_due
from tests.functions.billing.bodies import CONSUMO, FACTURA
from tests.functions.billing.test_ledger_doors import a_range, announced, post
from tests.house import House

TODAY, FAR = date(2026, 11, 24), date(2028, 12, 31)


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (Outlook(1000, 100, 0, FAR), {}),
        (Outlook(1000, 99, 0, FAR), {"remaining": None}),
        (Outlook(1000, 0, 0, TODAY), {"remaining": None}),
        (Outlook(1000, 700, 1400, FAR), {"exhaustion": 7}),
        (Outlook(1000, 800, 1400, FAR), {}),
        (Outlook(1000, 799, 1400, FAR), {"exhaustion": 7}),
        (Outlook(1000, 500, 0, TODAY + timedelta(days=30)), {"expiry": 30}),
        (Outlook(1000, 500, 0, TODAY + timedelta(days=31)), {}),
        (Outlook(10, 0, 14, TODAY), {"remaining": None, "exhaustion": 0}),
    ],
)
def test_a_range_runs_low_for_what_is_left_by_its_rate_or_by_its_date(seen: Outlook, found: dict[str, int | None]) -> None:
    assert reasons(seen, TODAY) == found


def reasons_told(house: House, tenant: str) -> list[str]:
    with house.database("billing").transaction(tenant) as tx:
        rows = tx.rows("SELECT CAST(data AS json) ->> 'reason' AS reason FROM flow.outbox WHERE type ~ 'running-low' ORDER BY seq")
    return [row.reason for row in rows]


def the_morning_comes(house: House, tenant: str) -> int:
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = 'forecast' AND state = 'pending'")
    return run_due(house.shell("billing"), JOBS, jobs=10, seconds=5)


def test_the_emission_that_leaves_less_than_a_tenth_tells_it_once(house: House) -> None:
    tenant = house.company(ranges=False)
    sequence = a_range(house, tenant, 1, 20)
    post(house, tenant, f"/{sequence}/leases", {"holder": "CAJA", "count": 17, "until": "2099-01-01T00:00:00-04:00"})
    house.emit(tenant, CONSUMO)
    assert announced(house, tenant) == []
    for _ in range(2):
        house.emit(tenant, CONSUMO)
    assert announced(house, tenant) == [("running-low", sequence)]
    assert reasons_told(house, tenant) == ["remaining"]


@pytest.mark.parametrize(("tipo", "body"), [(31, FACTURA), (32, CONSUMO)])
def test_each_morning_finds_what_is_new_and_ends_with_the_range(house: House, tipo: int, body: dict[str, object]) -> None:
    tenant = house.company(ranges=False)
    soon = (date.today() + timedelta(days=20)).isoformat()  # noqa: DTZ011 - a day more or less is the same here
    house.register_range(tenant, tipo, 1, 10, soon)
    house.settle()
    assert the_morning_comes(house, tenant) == 1
    assert reasons_told(house, tenant) == ["expiry"]
    for _ in range(5):
        assert house.emit(tenant, body).status_code == 201
    the_morning_comes(house, tenant)
    the_morning_comes(house, tenant)
    assert reasons_told(house, tenant) == ["expiry"]
    for _ in range(3):
        house.emit(tenant, body)
    the_morning_comes(house, tenant)
    assert reasons_told(house, tenant) == ["expiry", "exhaustion"]
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.sequences SET vencimiento = '2020-01-01'")
    assert [the_morning_comes(house, tenant), the_morning_comes(house, tenant)] == [1, 0]
