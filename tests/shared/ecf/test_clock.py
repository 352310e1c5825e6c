"""Fiscal days: the day of Santo Domingo, four hours behind UTC in every month."""

from datetime import date, datetime

import pytest

from shared.ecf.clock import fiscal_day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-25T03:59:59+00:00", date(2026, 11, 24)),
        ("2026-11-25T04:00:00+00:00", date(2026, 11, 25)),
        ("2028-02-29T23:59:59-04:00", date(2028, 2, 29)),
        ("2026-07-01T03:59:59+00:00", date(2026, 6, 30)),
    ],
)
def test_a_fiscal_day_ends_at_midnight_in_santo_domingo(moment: str, day: date) -> None:
    assert fiscal_day(datetime.fromisoformat(moment)) == day
