"""Deadlines of documents that are sent later, as values: whatever the zone they were signed in, over the year's end too."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.billing import remission, workdays
from functions.billing.remission import AUTHORITY_DOWN, UNCONNECTED, Modalidad, Terms
from shared.ecf.clock import SANTO_DOMINGO, fiscal_day

START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 1050 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


def every(signed_at: datetime) -> list[Terms]:
    return [remission.terms(UNCONNECTED, signed_at), remission.terms(AUTHORITY_DOWN, signed_at), remission.deferred(signed_at)]


@given(moments, zones)
def test_the_zone_of_the_signature_moves_no_deadline(signed_at: datetime, zone: timezone) -> None:
    assert every(signed_at.astimezone(zone)) == every(signed_at)


@given(moments, moments)
def test_who_signs_later_is_never_due_earlier(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert all(a.remitir_hasta <= b.remitir_hasta for a, b in zip(every(first), every(second), strict=True))


@given(moments)
def test_people_are_told_between_the_signature_and_the_deadline(signed_at: datetime) -> None:
    assert all(signed_at < terms.remind_at < terms.remitir_hasta for terms in every(signed_at))


@given(moments)
def test_the_clock_of_each_regime(signed_at: datetime) -> None:
    lost, down, deferred = every(signed_at)
    assert (lost.remitir_hasta - signed_at, deferred.remitir_hasta - signed_at) == (timedelta(hours=72), timedelta(hours=24))
    local = down.remitir_hasta.astimezone(SANTO_DOMINGO)
    assert local.date() == workdays.after(fiscal_day(signed_at), 15)
    assert (local.hour, local.minute, local.second) == (23, 59, 59)
    assert lost.remitir_hasta - lost.remind_at == timedelta(hours=12)
    assert deferred.remitir_hasta - deferred.remind_at == timedelta(hours=4)
    assert workdays.after(fiscal_day(down.remind_at), 2) == fiscal_day(down.remitir_hasta)


def test_an_outage_of_dgii_over_the_years_end() -> None:
    """Signed on 31 December at 11 in the evening, which is the next year in UTC."""
    signed_at = datetime(2027, 1, 1, 3, tzinfo=UTC)
    assert fiscal_day(remission.terms(AUTHORITY_DOWN, signed_at).remitir_hasta).isoformat() == "2027-01-27"


@pytest.mark.parametrize(("cause", "regimen"), [("unanswered", 1), ("declared", 1), ("maintenance", 3), ("status", 3)])
def test_only_dgiis_own_word_makes_it_dgiis_outage(cause: str, regimen: int) -> None:
    assert remission.regime_of(cause) == regimen
    assert remission.terms(regimen, datetime(2026, 11, 24, tzinfo=UTC)).modalidad is Modalidad.CONTINGENCIA
