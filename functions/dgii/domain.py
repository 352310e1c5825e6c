"""The submission: what to do next with a signed document, and what DGII's answer makes of it.

pendiente ─► enviando ─► enviado ─► en_proceso ─► aceptado | aceptado_condicional | rechazado
                │ lost answer                       (final)
                └─► desconocido ─► asked for until found, or sent again: the same bytes, after the quarantine

`pendiente` and never sent may become `retirado` (final) instead: `withdrawal.py`.

| step                         | fact announced               |
|------------------------------|------------------------------|
| a trackId came               | ecf.submitted                |
| a final verdict              | ecf.accepted, …-conditionally, ecf.rejected |
| an answer was lost           | ecf.outcome_unknown          |
| what cannot be, or not end   | submission.alarmed           |
| a number spent by others     | sequence.foreign-use         |
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from functions.dgii.alarms import Alarm, Code
from functions.dgii.attempt import FINAL, Estado, Submission
from functions.dgii.decision import RECEIVED, Decision, alarmed, blocked, overdue, spent_by_others, stop
from functions.dgii.observations import (
    Blocked,
    CannotAsk,
    Foreign,
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
from functions.dgii.pace import Waits, next_look, next_query, quarantine_of
from shared.dgii.answers import Estado as Codigo
from shared.dgii.answers import Outcome
from shared.errors import Conflict
from shared.events import catalogue
from shared.flow.work import backoff

MOST_TRANSIENT = 30
MOST_FOREIGN = 6
"""Answers about others, one after the other, to the same trackId."""
LONGEST_BACKOFF = timedelta(minutes=5)


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


def decide(submission: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    """What one observation makes of a submission. Terminal states are never left."""
    if submission.estado in FINAL:
        return Decision(submission)
    rule: Callable[[Submission, Observation, datetime, Waits], Decision] = _RULES[type(seen)]
    return overdue(rule(submission, seen, now, waits), now)


def contradiction(held: Submission, seen: Observation) -> Alarm | None:
    """A final verdict, and DGII now says another one: what was said first stands, and people must look."""
    if isinstance(seen, Foreign):
        return Alarm(Code.RESPUESTA_AJENA, seen.detail)
    if not isinstance(seen, Judged) or not seen.outcome.final or _VERDICTS[seen.outcome.estado][0] is held.estado:
        return None
    words = " ".join(f"{m.codigo} {m.valor}" for m in seen.outcome.mensajes)
    return Alarm(Code.VEREDICTO_CONTRADICHO, f"{held.estado.value}, now {seen.outcome.estado.name.lower()}: {words}")


def _received(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    assert isinstance(seen, Received | FoundInProcess)
    estado = Estado.ENVIADO if isinstance(seen, Received) else Estado.EN_PROCESO
    moved = replace(s, estado=estado, track_id=seen.track_id, polls=0, misses=0, failures=0, alarmed=None)
    first = waits.first_look if isinstance(seen, Received) else next_look(_elapsed(s, now), 1)
    return Decision(moved, catalogue.EcfSubmitted, again=first)


def _judged(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    assert isinstance(seen, Judged)
    outcome = seen.outcome
    if outcome.transient:
        return _transient(s, outcome)
    if outcome.undelegated:
        return _undelegated(s, outcome)
    if outcome.number_was_used and s.collided:
        return _collision_unexplained(replace(s, misses=s.misses + 1))
    if outcome.number_was_used:
        # Ours may be the one that arrived: only the consulta by security code can tell.
        collided = replace(_said(s, outcome), estado=Estado.DESCONOCIDO, collided=True, misses=0)
        return Decision(collided, catalogue.EcfOutcomeUnknown, again=timedelta(seconds=1))
    if not outcome.final:
        polls = s.polls + 1
        estado = Estado.EN_PROCESO if outcome.estado is Codigo.EN_PROCESO else s.estado
        return Decision(replace(s, estado=estado, polls=polls, misses=0), again=next_look(_elapsed(s, now), polls))
    estado, event = _VERDICTS[outcome.estado]
    track_id = seen.track_id or s.track_id
    return Decision(replace(_said(s, outcome), estado=estado, track_id=track_id), event)


def _transient(s: Submission, outcome: Outcome) -> Decision:
    """004: DGII failed inside and gave the number back, so the same bytes go again."""
    transients = s.transients + 1
    if transients > MOST_TRANSIENT:
        return stop(replace(_said(s, outcome), estado=Estado.DESCONOCIDO), "DGII keeps failing on this document")
    moved = replace(s, estado=Estado.PENDIENTE, track_id=None, transients=transients)
    return Decision(moved, again=backoff(transients, first=timedelta(seconds=2)))


def _undelegated(s: Submission, outcome: Outcome) -> Decision:
    """The issuer does not let its signer act, and the number came back: once it does, the same bytes are good."""
    return blocked(replace(s, estado=Estado.PENDIENTE, track_id=None, failures=s.failures + 1), outcome.words)


def _not_found(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    misses = s.misses + 1
    moved = replace(s, estado=Estado.DESCONOCIDO, misses=misses)
    if s.collided:
        return _collision_unexplained(moved)
    quarantine = quarantine_of(s.posts, waits.quarantine)
    if misses >= 2 and _elapsed(s, now) >= quarantine:
        return Decision(replace(moved, estado=Estado.PENDIENTE), again=timedelta())
    return Decision(moved, again=next_query(misses, quarantine))


def _collision_unexplained(s: Submission) -> Decision:
    """The number is spent and not by our bytes, as far as DGII can say."""
    if s.misses < 2:
        return Decision(s, again=timedelta(seconds=30))
    if s.posts == 1:
        return spent_by_others(s, "no consulta finds our document")
    return stop(s, "the number was used and no consulta finds our document")


def _cannot_ask(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    if s.collided and s.posts > 1:
        return stop(s, "the first sending arrived; look at the portal for its state")
    return _not_found(s, seen, now, waits)


def _taken(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    return spent_by_others(s, "it is accepted for a document with another security code")


def _lost(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    assert isinstance(seen, Lost)
    sent = s.estado is Estado.ENVIANDO
    moved = replace(s, estado=Estado.DESCONOCIDO, track_id=None, misses=0 if sent else s.misses)
    again = next_query(moved.misses, waits.quarantine)
    decision = Decision(moved, catalogue.EcfOutcomeUnknown if moved.estado is not s.estado else None, again=again)
    return alarmed(decision, Alarm(seen.alarm, seen.reason)) if seen.alarm else decision


def _not_done(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    assert isinstance(seen, NotDone)
    failures = s.failures + 1
    delay = backoff(min(failures, 20), cap=LONGEST_BACKOFF)
    if seen.retry_after is not None:
        delay = timedelta(seconds=seen.retry_after)
    return Decision(_unsent(replace(s, failures=failures)), again=delay)


def _blocked(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    assert isinstance(seen, Blocked)
    return blocked(_unsent(replace(s, failures=s.failures + 1)), seen.reason)


def _foreign(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    """Nothing is known by it; a trackId that keeps speaking of others is given up, and the document asked for by its number."""
    assert isinstance(seen, Foreign)
    if s.estado in RECEIVED and s.misses + 1 == MOST_FOREIGN:
        asked_for = replace(s, estado=Estado.DESCONOCIDO, track_id=None, misses=0, failures=0)
        return Decision(asked_for, catalogue.EcfOutcomeUnknown, again=next_query(0, waits.quarantine))
    failures = s.failures + 1
    moved = replace(s, failures=failures, misses=s.misses + 1 if s.estado in RECEIVED else s.misses)
    return alarmed(Decision(moved, again=backoff(min(failures, 20), cap=LONGEST_BACKOFF)), Alarm(Code.RESPUESTA_AJENA, seen.detail))


def _unsent(s: Submission) -> Submission:
    """Take the intent back when the step was a sending: nothing left."""
    return replace(s, estado=Estado.PENDIENTE, posts=s.posts - 1) if s.estado is Estado.ENVIANDO else s


def _refused(s: Submission, seen: Observation, now: datetime, waits: Waits) -> Decision:
    assert isinstance(seen, Refused)
    return _judged(s, Judged(seen.outcome), now, waits)


_RULES: dict[type, Callable[[Submission, Observation, datetime, Waits], Decision]] = {
    Received: _received,
    FoundInProcess: _received,
    Judged: _judged,
    NotFound: _not_found,
    CannotAsk: _cannot_ask,
    TakenByAnother: _taken,
    Lost: _lost,
    NotDone: _not_done,
    Foreign: _foreign,
    Refused: _refused,
    Blocked: _blocked,
}


def _said(s: Submission, outcome: Outcome) -> Submission:
    return replace(s, mensajes=outcome.mensajes, secuencia_utilizada=outcome.secuencia_utilizada)


def _elapsed(s: Submission, now: datetime) -> timedelta:
    return now - (s.posted_at or s.created_at)
