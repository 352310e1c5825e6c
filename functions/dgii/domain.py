"""The submission: what to do next with a signed document, and what DGII's answer makes of it.

pendiente ─► enviando ─► enviado ─► en_proceso ─► aceptado | aceptado_condicional | rechazado
                │ lost answer                       (final)
                └─► desconocido ─► asked for until found, or sent again: the same bytes, after the quarantine

| step                         | fact announced               |
|------------------------------|------------------------------|
| a trackId came               | ecf.submitted                |
| a final verdict              | ecf.accepted, …-conditionally, ecf.rejected |
| an answer was lost           | ecf.outcome_unknown          |
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from functions.dgii.observations import (
    Blocked,
    CannotAsk,
    FoundInProcess,
    Judged,
    Lost,
    NotDone,
    NotFound,
    Observation,
    Received,
    Refused,
    TakenByAnother,
)
from shared.dgii.answers import Estado as Codigo
from shared.dgii.answers import Mensaje, Outcome
from shared.errors import Conflict
from shared.events import catalogue
from shared.flow.work import backoff

MOST_TRANSIENT = 30
OVERDUE = timedelta(hours=24)
BLOCKED_FOR = timedelta(minutes=30)
_POLLS = (0.25, 0.5, 1.0, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
_LONGEST = timedelta(minutes=10)
_FIRST_QUERIES = (5.0, 25.0)


class Estado(StrEnum):
    PENDIENTE = "pendiente"
    ENVIANDO = "enviando"
    ENVIADO = "enviado"
    EN_PROCESO = "en_proceso"
    ACEPTADO = "aceptado"
    ACEPTADO_CONDICIONAL = "aceptado_condicional"
    RECHAZADO = "rechazado"
    DESCONOCIDO = "desconocido"


FINAL = frozenset({Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL, Estado.RECHAZADO})
_VERDICTS = {
    Codigo.ACEPTADO: (Estado.ACEPTADO, catalogue.EcfAccepted),
    Codigo.ACEPTADO_CONDICIONAL: (Estado.ACEPTADO_CONDICIONAL, catalogue.EcfAcceptedConditionally),
    Codigo.RECHAZADO: (Estado.RECHAZADO, catalogue.EcfRejected),
}


class OtherBytesForNumber(Conflict):
    """An attempt at this number already has other bytes: one document a number and attempt, ever."""

    slug = "other-bytes-for-number"


class SubmissionMoved(Conflict):
    """Somebody else took the submission further since it was read; what this worker learnt must not be recorded."""

    slug = "submission-moved"


class Step(StrEnum):
    """What to do with the outside."""

    SEND = "send"
    QUERY = "query"
    POLL = "poll"


@dataclass(frozen=True)
class Submission:
    """One attempt to bring one document to DGII. `xml` are the bytes that travel: the e-CF, or the RFCE of a small consumo."""

    encf: str
    intento: int
    invoice_id: str
    environment: str
    channel: str
    rnc_emisor: str
    rnc_comprador: str
    tipo_ecf: int
    monto_total: str
    codigo_seguridad: str
    certificate_id: str
    sha256: str
    xml: bytes
    created_at: datetime
    version: int = 1
    estado: Estado = Estado.PENDIENTE
    track_id: str | None = None
    mensajes: tuple[Mensaje, ...] = ()
    secuencia_utilizada: bool | None = None
    posts: int = 0
    polls: int = 0
    misses: int = 0
    failures: int = 0
    transients: int = 0
    overdue: bool = False
    collided: bool = False
    posted_at: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.encf}:{self.intento}"

    @property
    def filename(self) -> str:
        return f"{self.rnc_emisor}{self.encf}.xml"


@dataclass(frozen=True)
class Decision:
    """The submission as it is now, what to announce, and when to come back: a delay, or None with the job done or buried.

    `foreign`: the number was spent by somebody else before our only sending of it.
    """

    submission: Submission
    announce: type[catalogue.EcfOutcome] | None = None
    again: timedelta | None = None
    bury: str | None = None
    foreign: bool = False


def next_step(submission: Submission) -> Step | None:
    """None when it is final; what may have arrived is asked for before it is sent again."""
    if submission.estado in FINAL:
        return None
    if submission.estado is Estado.PENDIENTE:
        return Step.SEND
    if submission.estado in (Estado.ENVIANDO, Estado.DESCONOCIDO):
        return Step.QUERY
    return Step.POLL


def intend(submission: Submission, now: datetime) -> Submission:
    """Recorded before the first byte leaves."""
    return replace(submission, estado=Estado.ENVIANDO, posts=submission.posts + 1, posted_at=now, misses=0)


def recover(submission: Submission) -> Submission:
    """A claimed `enviando` means that somebody died between intent and record: nothing is known about the sending."""
    return replace(submission, estado=Estado.DESCONOCIDO) if submission.estado is Estado.ENVIANDO else submission


def decide(submission: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    """What one observation makes of a submission. Terminal states are never left."""
    if submission.estado in FINAL:
        return Decision(submission)
    rule: Callable[[Submission, Observation, datetime, timedelta], Decision] = _RULES[type(seen)]
    return rule(submission, seen, now, quarantine)


def _received(s: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    assert isinstance(seen, Received | FoundInProcess)
    estado = Estado.ENVIADO if isinstance(seen, Received) else Estado.EN_PROCESO
    moved = replace(s, estado=estado, track_id=seen.track_id, polls=0, failures=0)
    return Decision(moved, catalogue.EcfSubmitted, again=_poll_delay(0))


def _judged(s: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    assert isinstance(seen, Judged)
    outcome = seen.outcome
    if outcome.transient:
        return _transient(s, outcome)
    if outcome.number_was_used and not s.collided:
        # Ours may be the one that arrived: only the consulta by security code can tell.
        collided = replace(_said(s, outcome), estado=Estado.DESCONOCIDO, collided=True, misses=0)
        return Decision(collided, catalogue.EcfOutcomeUnknown, again=timedelta(seconds=1))
    if not outcome.final:
        polls = s.polls + 1
        estado = Estado.EN_PROCESO if outcome.estado is Codigo.EN_PROCESO else s.estado
        overdue = now - s.created_at >= OVERDUE
        alert = catalogue.EcfOutcomeUnknown if overdue and not s.overdue else None
        return Decision(replace(s, estado=estado, polls=polls, overdue=overdue), alert, again=_poll_delay(polls))
    estado, event = _VERDICTS[outcome.estado]
    track_id = seen.track_id or s.track_id
    return Decision(replace(_said(s, outcome), estado=estado, track_id=track_id), event)


def _transient(s: Submission, outcome: Outcome) -> Decision:
    """004: DGII failed inside and gave the number back, so the same bytes go again."""
    transients = s.transients + 1
    if transients > MOST_TRANSIENT:
        unknown = replace(_said(s, outcome), estado=Estado.DESCONOCIDO)
        return Decision(unknown, catalogue.EcfOutcomeUnknown, bury="DGII keeps failing on this document")
    moved = replace(s, estado=Estado.PENDIENTE, track_id=None, transients=transients)
    return Decision(moved, again=backoff(transients, first=timedelta(seconds=2)))


def _not_found(s: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    misses = s.misses + 1
    moved = replace(s, estado=Estado.DESCONOCIDO, misses=misses)
    if s.collided:
        return _collision_unexplained(moved)
    waited = now - (s.posted_at or s.created_at)
    if misses >= 2 and waited >= quarantine:
        return Decision(replace(moved, estado=Estado.PENDIENTE), again=timedelta())
    return Decision(moved, again=_query_delay(misses, quarantine))


def _collision_unexplained(s: Submission) -> Decision:
    """The number is spent and not by our bytes, as far as DGII can say."""
    if s.misses < 2:
        return Decision(s, again=timedelta(seconds=30))
    if s.posts == 1:
        return Decision(replace(s, estado=Estado.RECHAZADO), catalogue.EcfRejected, foreign=True)
    return Decision(s, catalogue.EcfOutcomeUnknown, bury="the number was used and no consulta finds our document")


def _cannot_ask(s: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    if s.collided and s.posts > 1:
        return Decision(s, catalogue.EcfOutcomeUnknown, bury="the first sending arrived; look at the portal for its state")
    return _not_found(s, seen, now, quarantine)


def _taken(s: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    if s.collided and s.posts == 1:
        return Decision(replace(s, estado=Estado.RECHAZADO), catalogue.EcfRejected, foreign=True)
    unknown = replace(s, estado=Estado.DESCONOCIDO)
    return Decision(unknown, catalogue.EcfOutcomeUnknown, bury="the number is accepted for another document")


def _lost(s: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    moved = replace(s, estado=Estado.DESCONOCIDO, misses=0)
    return Decision(moved, catalogue.EcfOutcomeUnknown, again=_query_delay(0, quarantine))


def _not_done(s: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    assert isinstance(seen, NotDone)
    failures = s.failures + 1
    delay = backoff(min(failures, 20), cap=timedelta(minutes=5))
    if seen.retry_after is not None:
        delay = timedelta(seconds=seen.retry_after)
    return Decision(_unsent(replace(s, failures=failures)), again=delay)


def _blocked(s: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    return Decision(_unsent(s), again=BLOCKED_FOR)


def _unsent(s: Submission) -> Submission:
    """Take the intent back when the step was a sending: nothing left."""
    return replace(s, estado=Estado.PENDIENTE, posts=s.posts - 1) if s.estado is Estado.ENVIANDO else s


def _refused(s: Submission, seen: Observation, now: datetime, quarantine: timedelta) -> Decision:
    assert isinstance(seen, Refused)
    outcome = Outcome(Codigo.RECHAZADO, (Mensaje("0", seen.reason),))
    return _judged(s, Judged(outcome), now, quarantine)


_RULES: dict[type, Callable[[Submission, Observation, datetime, timedelta], Decision]] = {
    Received: _received,
    FoundInProcess: _received,
    Judged: _judged,
    NotFound: _not_found,
    CannotAsk: _cannot_ask,
    TakenByAnother: _taken,
    Lost: _lost,
    NotDone: _not_done,
    Refused: _refused,
    Blocked: _blocked,
}


def _said(s: Submission, outcome: Outcome) -> Submission:
    return replace(s, mensajes=outcome.mensajes, secuencia_utilizada=outcome.secuencia_utilizada)


def _poll_delay(polls: int) -> timedelta:
    return timedelta(seconds=_POLLS[polls]) if polls < len(_POLLS) else _LONGEST


def _query_delay(misses: int, quarantine: timedelta) -> timedelta:
    """Two early looks, then three a quarantine (protocol: 5, 10, 15 minutes)."""
    if misses < len(_FIRST_QUERIES):
        return min(timedelta(seconds=_FIRST_QUERIES[misses]), max(quarantine / 3, timedelta(milliseconds=50)))
    return max(quarantine / 3, timedelta(milliseconds=50))
