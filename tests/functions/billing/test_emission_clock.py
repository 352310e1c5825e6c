"""CLK: the clock of a process jumps, forwards, backwards and in mid-run; numbers go on, nothing raises, dates stay Dominican."""

import time
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import NoReturn, Self

import pytest

from functions.billing import emission
from functions.billing.domain import LEASE
from shared.db import ids
from shared.db.ids import uuid7
from shared.ecf.clock import SANTO_DOMINGO
from tests.functions.billing.bodies import FACTURA
from tests.house import House

MICROSECOND, MINUTE, HOUR = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1)


class Clock:
    """What billing takes for the time while it emits, and what its ids are made of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta()
        clock = self

        class Shifted(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return cls.fromtimestamp((datetime.now(UTC) + clock.ahead).timestamp(), tz)

        monkeypatch.setattr(emission, "datetime", Shifted)
        monkeypatch.setattr(
            ids, "time", SimpleNamespace(time_ns=lambda: time.time_ns() + clock.ahead // timedelta(microseconds=1) * 1000)
        )

    def set(self, moment: datetime) -> None:
        self.ahead = moment - datetime.now(UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def tenant(house: House) -> str:
    """Its certificate has been in force for some hours on every clock here."""
    made = house.company()
    house.emit(made, FACTURA)
    with house.database("billing").transaction(made) as tx:
        tx.rows("UPDATE billing.certificates SET active_from = active_from - interval '1 day'")
    return made


@pytest.mark.parametrize("jump", [5 * MINUTE, -5 * MINUTE, HOUR, -HOUR, -10 * MINUTE], ids=str)
def test_a_clock_that_jumps_in_mid_run_costs_no_number_and_no_document(
    house: House, tenant: str, clock: Clock, jump: timedelta
) -> None:
    before = house.emit(tenant, FACTURA)
    clock.ahead = jump
    answers = [before, *(house.emit(tenant, FACTURA) for _ in range(2))]
    assert [answer.status_code for answer in answers] == [201] * 3
    invoices = [answer.json() for answer in answers]
    assert [invoice["encf"] for invoice in invoices] == ["E310000000002", "E310000000003", "E310000000004"]
    moved = [datetime.fromisoformat(invoice["fecha_hora_firma"]) for invoice in invoices]
    assert abs(moved[1] - moved[0] - jump) < MINUTE
    listed = house.client("billing").get("/tenant/invoices", headers=house.token(tenant)).json()["items"]
    assert {invoice["encf"] for invoice in listed} >= {invoice["encf"] for invoice in invoices}


def test_what_a_process_that_was_an_hour_ahead_left_behind_waits_for_its_lease_and_no_hour(
    house: House, tenant: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, shell = uuid7(), house.shell("billing")
    clock.ahead = HOUR
    with monkeypatch.context() as dying:
        dying.setattr(emission, "_sign_and_store", _die)
        assert house.emit(tenant, FACTURA, key=key).status_code == 500
    clock.ahead = timedelta()
    waits = house.emit(tenant, FACTURA, key=key)
    assert (waits.status_code, 0 < int(waits.headers["Retry-After"]) <= LEASE.total_seconds()) == (409, True)
    with shell.transaction(tenant) as tx:
        tx.rows("UPDATE billing.idempotency SET lease_until = lease_until - CAST(:lease AS interval)", lease=f"{LEASE.seconds} s")
    continued = house.emit(tenant, FACTURA, key=key)
    assert (continued.status_code, continued.json()["estado"]) == (201, "firmado")


def _die(*_: object) -> NoReturn:
    raise RuntimeError("the process ends here")


def test_a_document_signed_around_midnight_bears_the_day_of_santo_domingo(house: House, tenant: str, clock: Clock) -> None:
    tomorrow = datetime.now(SANTO_DOMINGO).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, datetime.min.time(), SANTO_DOMINGO)
    days = []
    for moment in (midnight - 2 * MINUTE, midnight + timedelta(seconds=1)):
        clock.set(moment)
        xml = house.client("billing").get(
            f"/tenant/invoices/{house.emit(tenant, FACTURA).json()['id']}/xml", headers=house.token(tenant)
        )
        days.append(xml.text.split("<FechaHoraFirma>")[1][:10])
    assert days == [f"{tomorrow - timedelta(days=1):%d-%m-%Y}", f"{tomorrow:%d-%m-%Y}"]
