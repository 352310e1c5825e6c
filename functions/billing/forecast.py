"""Which ranges will soon give no number: looked at once a day for each range, and at the emission that leaves less than a tenth.

Each reason is told once a range. The daily look is durable work, as everything that must not be forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from functions.billing import sequences
from functions.billing.gateway import Outside
from shared.db.engine import Record, Transaction
from shared.ecf.clock import SANTO_DOMINGO, fiscal_day
from shared.events.sequences import SequenceRunningLow
from shared.flow.work import Job
from shared.http.shell import Shell

FORECAST = "forecast"
"""The kind of the work row that looks at a range every morning."""

MORNING = time(6, 30)
RATED_DAYS = 14
SOON = timedelta(days=7)
BEFORE_EXPIRY = timedelta(days=30)


@dataclass(frozen=True)
class Outlook:
    """`issued` is how many numbers the last RATED_DAYS took."""

    size: int
    remaining: int
    issued: int
    vencimiento: date


def reasons(seen: Outlook, today: date) -> dict[str, int | None]:
    """Why the range runs low: the days that are left, where the reason is one of days."""
    found: dict[str, int | None] = {}
    if seen.remaining * 10 < seen.size:
        found["remaining"] = None
    if seen.issued:
        days = seen.remaining * RATED_DAYS // seen.issued
        if days <= SOON.days:
            found["exhaustion"] = days
    if seen.remaining and seen.vencimiento - today <= BEFORE_EXPIRY:
        found["expiry"] = max((seen.vencimiento - today).days, 0)
    return found


def schedule(shell: Shell[Outside], tx: Transaction, sequence_id: str) -> None:
    """Look at a new range tomorrow morning, and then every day."""
    now = datetime.now(UTC)
    shell.work.add(tx, FORECAST, sequence_id, delay=_next_morning(now) - now)


def crossed(shell: Shell[Outside], tx: Transaction, sequence_id: str, today: date) -> None:
    """An emission took the number that leaves less than a tenth."""
    row = sequences.find(tx, sequence_id, today=today)
    if row is not None:
        _tell(shell, tx, row, {"remaining": None})


def look(shell: Shell[Outside], job: Job) -> None:
    """The daily look; the last one is at a range that has passed or has nothing left."""
    now = datetime.now(UTC)
    today = fiscal_day(now)
    with shell.transaction(job.tenant) as tx:
        row = sequences.find(tx, job.key, today=today)
        if row is None or row.estado == "vencida":
            shell.work.finish(tx, job)
            return
        issued = sequences.issued_since(tx, row.id, now - timedelta(days=RATED_DAYS))
        outlook = Outlook(row.hasta - row.desde + 1, int(row.remaining), issued, row.vencimiento)
        _tell(shell, tx, row, reasons(outlook, today))
        if outlook.remaining:
            shell.work.postpone(tx, job, _next_morning(now) - now)
        else:
            shell.work.finish(tx, job)


def _tell(shell: Shell[Outside], tx: Transaction, row: Record, found: Mapping[str, int | None]) -> None:
    for reason, days in found.items():
        version = sequences.warn(tx, row.id, reason)
        if version is None:
            continue
        told = SequenceRunningLow(
            sequence_id=row.id,
            tipo_ecf=row.tipo_ecf,
            sucursal=row.sucursal,
            reason=reason,
            remaining=int(row.remaining),
            days_left=days,
            vencimiento=row.vencimiento.isoformat(),
        )
        shell.announce(tx, told, subject=row.id, sequence=version)


def _next_morning(now: datetime) -> datetime:
    local = now.astimezone(SANTO_DOMINGO)
    return datetime.combine(local.date() + timedelta(days=1), MORNING, SANTO_DOMINGO)
