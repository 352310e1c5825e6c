"""When a document that does not go to DGII at once must be there: the clocks of contingency and of deferred sending. Pure.

| how it was issued                        | regimen | clock, from the signature | told before |
|------------------------------------------|---------|---------------------------|-------------|
| contingencia, DGII cannot be reached     | 1       | 72 hours                  | 12 hours    |
| contingencia, DGII says that it is down  | 3       | 15 working days           | 2 of them   |
| envio_diferido, for authorised issuers   |         | 24 hours                  | 4 hours     |

Regime 2 is paper, which has no signature: `contingency.py`. Sources: IT §19, Decreto 587-24 arts. 39 to 43.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from functions.billing import workdays
from shared.ecf.clock import SANTO_DOMINGO, fiscal_day

UNCONNECTED, AUTHORITY_DOWN = 1, 3
"""The two regimes of contingency in which documents are signed as ever and sent later."""

DECLARED = "declared"
"""The cause of a contingency that a company declared; DGII's outages have theirs."""

LOST_HOURS = timedelta(hours=72)
_LOST_NOTICE = timedelta(hours=12)
_DEFERRED_HOURS, _DEFERRED_NOTICE = timedelta(hours=24), timedelta(hours=4)
_DOWN_DAYS, _DOWN_NOTICE_DAYS = 15, 2
_LAST_SECOND = time(23, 59, 59)
_OURS_TO_KNOW = frozenset({DECLARED, "unanswered"})


class Modalidad(StrEnum):
    NORMAL = "normal"
    CONTINGENCIA = "contingencia"
    ENVIO_DIFERIDO = "envio_diferido"


class Phase(StrEnum):
    """What is told of a deadline, each once a document."""

    NEAR = "near"
    PASSED = "passed"


@dataclass(frozen=True)
class Terms:
    """How a document goes to DGII when not at once, until when, and from when on people are told that it has not."""

    modalidad: Modalidad
    regimen: int | None
    remitir_hasta: datetime
    remind_at: datetime


def regime_of(cause: str) -> int:
    """Silence is a lost connection, ours for all we know; only DGII's own word makes it DGII's outage."""
    return UNCONNECTED if cause in _OURS_TO_KNOW else AUTHORITY_DOWN


def terms(regimen: int, signed_at: datetime) -> Terms:
    """Of a document in contingency that was signed then."""
    if regimen == UNCONNECTED:
        return _hours(Modalidad.CONTINGENCIA, regimen, signed_at, LOST_HOURS, _LOST_NOTICE)
    last = workdays.after(fiscal_day(signed_at), _DOWN_DAYS)
    return Terms(Modalidad.CONTINGENCIA, regimen, _end(last), _end(workdays.before(last, _DOWN_NOTICE_DAYS)))


def deferred(signed_at: datetime) -> Terms:
    """Of a document with IndicadorEnvioDiferido."""
    return _hours(Modalidad.ENVIO_DIFERIDO, None, signed_at, _DEFERRED_HOURS, _DEFERRED_NOTICE)


def _hours(modalidad: Modalidad, regimen: int | None, signed_at: datetime, clock: timedelta, notice: timedelta) -> Terms:
    return Terms(modalidad, regimen, signed_at + clock, signed_at + clock - notice)


def _end(day: date) -> datetime:
    return datetime.combine(day, _LAST_SECOND, SANTO_DOMINGO)
