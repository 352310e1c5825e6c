"""Windows of maintenance in DGII's spelling and time."""

from datetime import UTC, datetime

import pytest

from functions.sandbox.windows import fault_of, is_down, is_over, listed

NINE = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)  # 9:30 AM in Santo Domingo


def test_a_window_is_dominican_time_with_both_ends() -> None:
    assert is_down("9:00 AM-12:00 PM", NINE)
    assert not is_down("10:00 AM-12:00 PM", NINE)
    assert is_down("9:30 AM-9:30 AM on 24-11-2026", NINE)
    assert not is_down("9:00 AM-12:00 PM on 25-11-2026", NINE)
    assert is_down("", NINE)


@pytest.mark.parametrize(
    ("utc", "window", "down"),
    [
        ("2026-11-24T01:59", "10:00 PM-2:00 AM", False),
        ("2026-11-24T02:30", "10:00 PM-2:00 AM", True),
        ("2026-11-24T05:30", "10:00 PM-2:00 AM", True),
        ("2026-11-24T06:30", "10:00 PM-2:00 AM", False),
        ("2026-11-24T02:30", "10:00 PM-2:00 AM on 23-11-2026", True),
        ("2026-11-24T05:30", "10:00 PM-2:00 AM on 23-11-2026", True),
        ("2026-11-24T05:30", "10:00 PM-2:00 AM on 24-11-2026", False),
        ("2026-11-25T02:30", "10:00 PM-2:00 AM on 23-11-2026", False),
    ],
)
def test_a_window_goes_on_after_midnight(utc: str, window: str, down: bool) -> None:
    assert is_down(window, datetime.fromisoformat(f"{utc}+00:00")) is down


def test_a_window_of_one_day_is_over_once_it_has_ended() -> None:
    assert is_over("8:00 AM-9:00 AM on 24-11-2026", NINE)
    assert not is_over("8:00 AM-9:31 AM on 24-11-2026", NINE)
    assert not is_over("10:00 PM-9:00 AM on 24-11-2026", NINE)
    assert is_over("10:00 PM-9:00 AM on 23-11-2026", NINE)
    assert not is_over("8:00 AM-9:00 AM", NINE)
    assert not is_over("", NINE)


def test_it_is_listed_as_the_status_service_prints_it() -> None:
    assert listed("testecf", "9:00 AM-12:00 PM on 06-08-2026", NINE) == {
        "ambiente": "PreCertificacion",
        "horaInicio": "9:00 AM",
        "horaFin": "12:00 PM",
        "dias": ["06-08-2026"],
    }
    assert listed("ecf", "", NINE)["dias"] == ["24-11-2026"]


def test_what_is_no_window_is_said() -> None:
    assert fault_of("9 to 12")
    assert fault_of("9:00 AM-12:00 PM on tomorrow")
    assert fault_of("9:00 AM-12:00 PM") is None
    assert fault_of("") is None
