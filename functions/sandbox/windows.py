"""Maintenance windows as DGII's status service prints them: `9:00 AM-12:00 PM`, Dominican time, on days `06-08-2020`.

One that ends before it begins goes on after midnight, and its day is the one on which it begins.
"""

from datetime import UTC, date, datetime, time, timedelta

from shared.ecf.clock import SANTO_DOMINGO, fiscal_day

AMBIENTES = {"testecf": "PreCertificacion", "certecf": "Certificacion", "ecf": "Produccion"}
NUMBERS = {"1": "testecf", "2": "ecf", "3": "certecf"}
ALL_DAY = "12:00 AM-11:59 PM"


def is_down(window: str, now: datetime) -> bool:
    """Whether `now` lies in a window `from-to`, or `from-to on dd-mm-yyyy`; an empty one is always."""
    if not window:
        return True
    start, end, day = _parts(window)
    local = now.astimezone(SANTO_DOMINGO)
    today, clock = local.date(), local.time()
    if start <= end:
        return day in (None, today) and start <= clock <= end
    return (day in (None, today) and clock >= start) or (day in (None, today - timedelta(days=1)) and clock <= end)


def is_over(window: str, now: datetime) -> bool:
    """Whether it was on a day, and has ended."""
    start, end, day = _parts(window) if window else (time(), time(), None)
    if day is None:
        return False
    last = datetime.combine(day + timedelta(days=start > end), end, SANTO_DOMINGO)
    return now > last


def listed(environment: str, window: str, now: datetime) -> dict[str, object]:
    """One entry of `obtenerventanasmantenimiento`."""
    hours, _, _ = (window or ALL_DAY).partition(" on ")
    start, _, end = hours.partition("-")
    day = _parts(window)[2] if window else None
    shown = day or fiscal_day(now)
    return {"ambiente": AMBIENTES[environment], "horaInicio": start, "horaFin": end, "dias": [f"{shown:%d-%m-%Y}"]}


def _parts(window: str) -> tuple[time, time, date | None]:
    """ValueError for what is no window: `9:00 AM-12:00 PM`, or the same with ` on 06-08-2026`."""
    hours, _, day = window.partition(" on ")
    start, _, end = hours.partition("-")
    return _hour(start), _hour(end), _day(day) if day else None


def _hour(text: str) -> time:
    return datetime.strptime(text.strip(), "%I:%M %p").replace(tzinfo=UTC).time()


def _day(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%Y").replace(tzinfo=UTC).date()


def fault_of(window: str) -> str | None:
    """Why this is no window, in words."""
    try:
        if window:
            _parts(window)
    except ValueError:
        return f"{window!r} is no window: 9:00 AM-12:00 PM, or 9:00 AM-12:00 PM on 24-12-2026"
    return None
