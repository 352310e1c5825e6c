"""When schedules fire, against what Knative's scheduler answered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knative.rules.cron import Cron, ping
from knative.rules.manifests import Ping

GOLDEN = Path(__file__).parents[4] / "shared/knative/golden/cron-next.txt"
START = datetime(2026, 3, 7, 23, 59, 30, tzinfo=UTC)
UNSUPPORTED = ("@every", "TZ=")
"""PingSource's webhook refuses the first; the zone has a field of its own instead of the second."""


def cases() -> list[tuple[str, str]]:
    if not GOLDEN.exists():
        return [pytest.param("", "", marks=pytest.mark.skip(reason="golden data of ../shared/knative is not here"))]  # type: ignore[list-item]
    return [(line[:43].strip(), line[43:].strip()) for line in GOLDEN.read_text().splitlines()]


@pytest.mark.parametrize(("text", "expected"), cases())
def test_the_next_three_times_are_those_of_knative(text: str, expected: str) -> None:
    zone, schedule = "UTC", text
    if text.startswith("CRON_TZ="):
        zone, _, schedule = text.removeprefix("CRON_TZ=").partition(" ")
    if expected.startswith("ERR") or text.startswith(UNSUPPORTED):
        with pytest.raises(ValueError):
            Cron(schedule, zone)
        return
    cron, moment, times = Cron(schedule, zone), START, []
    for _ in range(3):
        following = cron.after(moment)
        times.append(f"{following:%Y-%m-%dT%H:%M:%SZ}" if following else "0001-01-01T00:00:00Z")
        moment = following or moment
    assert " ".join(times) == expected


def test_santo_domingo_is_four_hours_behind_all_year() -> None:
    cron = Cron("0 2 * * *", "America/Santo_Domingo")
    for month in range(1, 13):
        following = cron.after(datetime(2026, month, 15, tzinfo=UTC))
        assert following is not None
        assert following.hour == 6


def test_a_stepped_star_restricts_a_day_and_a_plain_one_does_not() -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
    assert Cron("0 0 */10 * 3").after(moment) == moment + timedelta(days=2)
    assert Cron("0 0 * * 1").after(moment) == moment + timedelta(days=7)


def test_a_ping_is_a_new_event_each_time_with_its_extensions() -> None:
    source = Ping("sweep", "0 0 * * *", "UTC", '{"a":1}', (("jobname", "sweep"),))
    (headers, body), (again, _) = ping(source, START), ping(source, START)
    assert headers["ce-id"] != again["ce-id"]
    assert (headers["ce-type"], headers["ce-jobname"], body) == ("dev.knative.sources.ping", "sweep", b'{"a":1}')
    assert headers["ce-source"] == "/apis/v1/namespaces/getupnet-app/pingsources/sweep"
