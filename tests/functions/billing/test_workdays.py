"""Working days as the Dominican calendar has them, in the years that matter first."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.billing import workdays

# Ministerio de Trabajo's calendars: fixed days, and those that Ley 139-97 moves to a Monday (Reyes, Duarte, Trabajo, Constitución).
FREE = [
    "2026-01-01",
    "2026-01-05",
    "2026-01-21",
    "2026-01-26",
    "2026-02-27",
    "2026-04-03",
    "2026-05-04",
    "2026-06-04",
    "2026-09-24",
    "2026-11-09",
    "2026-12-25",
    "2027-01-01",
    "2027-01-04",
    "2027-01-21",
    "2027-01-25",
    "2027-03-26",
    "2027-05-27",
    "2027-08-16",
    "2027-09-24",
    "2028-01-10",
    "2028-01-21",
    "2028-01-24",
    "2028-04-14",
    "2028-05-01",
    "2028-06-15",
    "2028-08-16",
    "2028-11-06",
    "2028-12-25",
]
WORKED = ["2026-01-06", "2026-05-01", "2026-11-06", "2027-01-06", "2027-01-26", "2028-01-06", "2028-01-26", "2026-11-24"]
days = st.dates(date(2026, 1, 1), date(2028, 11, 30))


@pytest.mark.parametrize("day", FREE)
def test_a_holiday_is_none(day: str) -> None:
    assert not workdays.is_working(date.fromisoformat(day))


@pytest.mark.parametrize("day", WORKED)
def test_the_day_that_a_moved_holiday_left_is_worked(day: str) -> None:
    assert workdays.is_working(date.fromisoformat(day))


def test_fifteen_of_them_over_christmas_and_new_year() -> None:
    assert workdays.after(date(2026, 12, 18), 15) == date(2027, 1, 13), "without 25 December, 1 January and 4 January (Reyes)"


@given(days, st.integers(1, 20))
def test_so_many_of_them_lie_between(day: date, count: int) -> None:
    end = workdays.after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(map(workdays.is_working, between)) == count
    assert workdays.is_working(end)


@given(days.filter(workdays.is_working), st.integers(1, 20))
def test_there_and_back_is_the_same_day(day: date, count: int) -> None:
    assert workdays.before(workdays.after(day, count), count) == day
