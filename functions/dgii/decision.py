"""What becomes of a submission after one observation: where it is now, what is announced, when somebody looks again. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.dgii.alarms import Alarm, Code
from functions.dgii.attempt import FINAL, Estado, Submission
from shared.events import catalogue

OVERDUE = timedelta(hours=24)
BLOCKED_FOR = timedelta(minutes=30)
RECEIVED = frozenset({Estado.ENVIADO, Estado.EN_PROCESO})


@dataclass(frozen=True)
class Decision:
    """The submission as it is now, what to announce, and when to come back: a delay, or None with the job done or buried.

    `foreign`: the number was spent by somebody else. `alarm` is for people. `blocked`: DGII refuses the signer, whatever it sends.
    """

    submission: Submission
    announce: type[catalogue.EcfOutcome] | None = None
    again: timedelta | None = None
    bury: str | None = None
    foreign: bool = False
    alarm: Alarm | None = None
    blocked: bool = False


def spent_by_others(s: Submission, detail: str) -> Decision:
    """Whoever spent the number was not us, and may have its neighbours too."""
    rejected = replace(s, estado=Estado.RECHAZADO, secuencia_utilizada=True)
    return Decision(rejected, catalogue.EcfRejected, foreign=True, alarm=Alarm(Code.USO_AJENO, detail))


def stop(s: Submission, reason: str) -> Decision:
    """Nothing that a machine may do is left."""
    return Decision(s, catalogue.EcfOutcomeUnknown, bury=reason, alarm=Alarm(Code.ENVIO_DETENIDO, reason))


def blocked(s: Submission, reason: str) -> Decision:
    """Only people can help."""
    return Decision(s, again=BLOCKED_FOR, alarm=Alarm(Code.FIRMANTE_BLOQUEADO, reason), blocked=True)


def alarmed(decision: Decision, alarm: Alarm) -> Decision:
    """With the alarm, unless it stands."""
    s = decision.submission
    if s.alarmed == alarm.code:
        return decision
    return replace(decision, submission=replace(s, alarmed=alarm.code.value), alarm=alarm)


def overdue(decision: Decision, now: datetime) -> Decision:
    """What went to DGII has no verdict a day later: people are told, once."""
    s = decision.submission
    told = s.estado in FINAL or s.overdue or decision.bury or decision.alarm
    if told or not s.posts or now - s.created_at < OVERDUE:
        return decision
    code = Code.EN_PROCESO_VENCIDO if s.estado in RECEIVED else Code.SIN_VEREDICTO
    return replace(decision, submission=replace(s, overdue=True), alarm=Alarm(code, "a day without a verdict"))
