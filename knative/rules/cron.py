"""When a PingSource fires (R50): cron as Knative's scheduler reads it, Sunday only as 0, day of month OR day of week."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from knative.embedded.state import NAMESPACE
from knative.rules.manifests import Ping

_NAMED = {"yearly": "0 0 1 1 *", "annually": "0 0 1 1 *", "monthly": "0 0 1 * *", "weekly": "0 0 * * 0",
          "daily": "0 0 * * *", "midnight": "0 0 * * *", "hourly": "0 * * * *"}  # fmt: skip
_RANGES = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = {4: _MONTHS, 5: ("sun", "mon", "tue", "wed", "thu", "fri", "sat")}
_YEARS_AHEAD = 5


def ping(source: Ping, now: datetime) -> tuple[dict[str, str], bytes]:
    """Headers and body of the event that a PingSource posts when it fires."""
    path = f"/apis/v1/namespaces/{NAMESPACE}/pingsources/{source.name}"
    attributes = {"specversion": "1.0", "id": str(uuid.uuid4()), "type": "dev.knative.sources.ping", "source": path}
    attributes |= {"time": f"{now:%Y-%m-%dT%H:%M:%SZ}", **dict(source.extensions)}
    return {**{f"ce-{name}": value for name, value in attributes.items()}, "content-type": "application/json"}, source.data.encode()


PING_RETRIED = frozenset({404, 413, 425, 429, 502, 503, 504})
"""What makes a PingSource try again, five times at the most; anything else and the tick is lost."""


class Cron:
    """A schedule in a zone; ValueError when Knative would refuse it."""

    def __init__(self, text: str, zone: str = "UTC") -> None:
        if text.startswith("@"):
            text = _NAMED.get(text[1:], text)
        fields = text.split()
        if len(fields) not in (5, 6):
            raise ValueError(f"{text!r}: five fields, or six with seconds, or one of @{', @'.join(_NAMED)}")
        fields = ["0", *fields] if len(fields) == 5 else fields
        self._second, self._minute, self._hour, self._day, self._month, self._weekday = (
            _field(field, n) for n, field in enumerate(fields)
        )
        self._either = not {part for field in (fields[3], fields[5]) for part in field.split(",")} & {"*", "?", "*/1"}
        self._zone = ZoneInfo(zone)

    def after(self, moment: datetime) -> datetime | None:
        """The first time later than `moment`, in UTC; none within five years means never."""
        day = moment.astimezone(self._zone).date()
        for offset in range(366 * _YEARS_AHEAD):
            date = day + timedelta(days=offset)
            if date.month in self._month and self._fits(date.day, date.isoweekday() % 7):
                found = [at for at in self._times(datetime(date.year, date.month, date.day)) if at > moment]  # noqa: DTZ001
                if found:
                    return min(found)
        return None

    def _fits(self, day: int, weekday: int) -> bool:
        hits = (day in self._day, weekday in self._weekday)
        return any(hits) if self._either else all(hits)

    def _times(self, midnight: datetime) -> list[datetime]:
        # A wall time in a spring gap does not come back from UTC as it went; one in an autumn overlap is two moments.
        times = set()
        for wall in (midnight.replace(hour=h, minute=m, second=s) for h in self._hour for m in self._minute for s in self._second):
            for fold in (0, 1):
                at = wall.replace(tzinfo=self._zone, fold=fold).astimezone(UTC)
                if at.astimezone(self._zone).replace(tzinfo=None, fold=0) == wall:
                    times.add(at)
        return list(times)


def _field(text: str, n: int) -> frozenset[int]:
    low, high = _RANGES[n]
    found: set[int] = set()
    for part in text.lower().split(","):
        match = re.fullmatch(r"(\*|\?|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/([0-9]+))?", part)
        if not match:
            raise ValueError(f"{text!r} is no cron field")
        first = _number(match[2], n) if match[2] else low
        last = _number(match[3], n) if match[3] else high if match[4] or not match[2] else first
        step = int(match[4] or 1)
        if not low <= first <= last <= high or not step:
            raise ValueError(f"{text!r} is beyond {low}-{high}")
        found |= set(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, n: int) -> int:
    names = _NAMES.get(n, ())
    if text in names:
        return names.index(text) + _RANGES[n][0]
    if not text.isdigit():
        raise ValueError(f"{text!r} is no number")
    return int(text)
