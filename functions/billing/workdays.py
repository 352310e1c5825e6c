"""Dominican working days: Monday to Friday, without the holidays as Ley 139-97 moves them."""

from datetime import date, timedelta
from functools import cache

_DAY = timedelta(days=1)
_SATURDAY = 5


@cache
def _holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # loaded with the first contingency that counts them

    return frozenset(country_holidays("DO", years=year))


def is_working(day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def after(day: date, count: int) -> date:
    """The `count`-th working day after `day`."""
    return _walk(day, count, _DAY)


def before(day: date, count: int) -> date:
    """The `count`-th working day before `day`."""
    return _walk(day, count, -_DAY)


def _walk(day: date, count: int, step: timedelta) -> date:
    while count:
        day += step
        count -= is_working(day)
    return day
