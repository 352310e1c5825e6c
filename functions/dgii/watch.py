"""Is DGII there: told once when an environment stops answering and once when it is back, by calls and by its status service."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.dgii import outages
from functions.dgii.breaker import OPEN_SECONDS, Turn
from functions.dgii.gateway import Authority
from functions.dgii.outages import MAINTENANCE, STATUS, UNANSWERED, Outage
from shared.db.engine import Transaction
from shared.db.seal import PLATFORM
from shared.dgii.failures import AuthorityUnavailable
from shared.dgii.services import ServiceState, Window
from shared.ecf.types import Environment
from shared.events.authority import OutageEnded, OutageStarted
from shared.flow.work import Job
from shared.http.shell import Shell
from shared.http.work import LEASE

log = logging.getLogger(__name__)

SERVICES, DRAIN = "services", "drain"
DRAINED_AGAIN = timedelta(seconds=OPEN_SECONDS)
DRAINS = 3
"""A process that has not noticed yet puts off what it is given once more; its breaker lets a probe through within half a minute."""
EVERY = timedelta(minutes=5)
_RECEPTION = "recepc"


def ensure(shell: Shell[Authority]) -> None:
    """The look at the status service is a job for ever, where there is a key for it."""
    if shell.outside.status is not None:
        with shell.transaction(PLATFORM) as tx:
            shell.work.add(tx, SERVICES, SERVICES)


def tell(shell: Shell[Authority], environment: str) -> None:
    """What the calls of this process showed, told if it is news to all."""
    turn = shell.outside.breaker.take_turn(environment)
    if turn is None:
        return
    now = datetime.now(UTC)
    with shell.transaction(PLATFORM) as tx:
        if turn is Turn.DOWN:
            _began(shell, tx, outages.start(tx, environment, UNANSWERED, now))
        else:
            _ended(shell, tx, outages.end(tx, environment, [UNANSWERED], now))


def look(shell: Shell[Authority], job: Job) -> None:
    """Ask the status service, keep what it says, and tell of outages it begins or ends; where it is silent, nothing is known."""
    status = shell.outside.status
    if status is None:
        with shell.transaction(PLATFORM) as tx:
            shell.work.finish(tx, job)
        return
    try:
        states, windows = status.services(), status.windows()
    except AuthorityUnavailable as error:
        log.warning("the status service does not answer", extra={"facts": error.facts})
        with shell.transaction(PLATFORM) as tx:
            shell.work.postpone(tx, job, EVERY)
        return
    now = datetime.now(UTC)
    with shell.transaction(PLATFORM) as tx:
        for environment in Environment:
            own = Said([s for s in states if s.environment is environment], [w for w in windows if w.environment is environment])
            outages.note(tx, environment, own.states, own.windows, now)
            if cause := own.cause(now):
                _began(shell, tx, outages.start(tx, environment, cause, now))
            else:
                _ended(shell, tx, outages.end(tx, environment, [MAINTENANCE, STATUS], now))
        shell.work.postpone(tx, job, _until_next(windows, now))


@dataclass(frozen=True)
class Said:
    """What the status service says of one environment."""

    states: list[ServiceState]
    windows: list[Window]

    def cause(self, now: datetime) -> str | None:
        """Why documents cannot be sent now: an announced window, or a reception that is down."""
        if any(w.start <= now < w.end for w in self.windows):
            return MAINTENANCE
        down = any(not s.disponible and s.servicio.lower().startswith(_RECEPTION) for s in self.states)
        return STATUS if down else None


def _until_next(windows: tuple[Window, ...], now: datetime) -> timedelta:
    """To the next edge of a window, if it comes before the usual look."""
    edges = [edge - now for w in windows for edge in (w.start, w.end) if edge > now]
    return min([EVERY, *edges])


def _began(shell: Shell[Authority], tx: Transaction, outage: Outage | None) -> None:
    if outage is not None:
        event = OutageStarted(environment=outage.environment, cause=outage.cause, started_at=outage.started_at.isoformat())
        shell.announce(tx, event, subject=outage.id)


def _ended(shell: Shell[Authority], tx: Transaction, outage: Outage | None) -> None:
    if outage is not None and outage.ended_at is not None:
        event = OutageEnded(
            environment=outage.environment,
            cause=outage.cause,
            started_at=outage.started_at.isoformat(),
            ended_at=outage.ended_at.isoformat(),
        )
        shell.announce(tx, event, subject=outage.id, sequence=2)
        shell.work.add(tx, DRAIN, outage.id, {"environment": outage.environment})


def drain(shell: Shell[Authority], job: Job) -> None:
    """After an outage: nobody waits for the end of a pause that was made while nothing could be sent."""
    with shell.transaction(PLATFORM) as tx:
        moved = outages.drain(tx, job.payload["environment"], lease=LEASE)
        if moved and job.attempts < DRAINS:
            shell.work.postpone(tx, job, DRAINED_AGAIN)
        else:
            shell.work.finish(tx, job)
