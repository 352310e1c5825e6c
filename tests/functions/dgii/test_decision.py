"""What is told to people, and when: once while it stands, and never nothing for good."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.dgii import domain
from functions.dgii.alarms import Code
from functions.dgii.attempt import Estado, Submission
from functions.dgii.decision import BLOCKED_FOR, OVERDUE
from functions.dgii.domain import Step, decide, intend, next_step
from functions.dgii.observations import Blocked, Foreign, Judged, Lost, NotDone, NotFound, Observation
from functions.dgii.pace import Waits
from shared.dgii.answers import Estado as Codigo
from shared.dgii.answers import Mensaje, Outcome
from tests.functions.dgii.world import START, submission

QUARANTINE = Waits(timedelta(minutes=15))
UNDELEGATED = (Mensaje("0", "El RNC del certificado no está delegado para realizar transacciones para el RNC"),)


def alarms(held: Submission, *seen: Observation) -> list[Code]:
    """The alarms of observations one after the other."""
    found = []
    for one in seen:
        decision = decide(held, one, START, QUARANTINE)
        held = decision.submission
        found += [decision.alarm.code] if decision.alarm else []
    return found


@pytest.mark.parametrize(("seen", "code"), [(Blocked("x"), Code.FIRMANTE_BLOQUEADO), (Foreign("x"), Code.RESPUESTA_AJENA)])
def test_a_failure_before_it_does_not_swallow_an_alarm(seen: Observation, code: Code) -> None:
    sent = submission(estado=Estado.ENVIADO, track_id="t", posts=1)
    assert alarms(sent, NotDone("down"), seen) == [code]


def test_what_keeps_being_said_is_told_once_and_again_after_it_was_over() -> None:
    asked = submission(estado=Estado.DESCONOCIDO, posts=1)
    foreign = Lost("x", Code.TRACK_ID_AJENO)
    assert alarms(asked, foreign, foreign, foreign) == [Code.TRACK_ID_AJENO]
    assert decide(asked, foreign, START, QUARANTINE).announce is None, "nothing changed by it"


def test_a_query_that_met_anothers_trackid_goes_on_counting_its_misses() -> None:
    asked = submission(estado=Estado.DESCONOCIDO, posts=1, misses=2)
    assert decide(asked, Lost("x", Code.TRACK_ID_AJENO), START, QUARANTINE).submission.misses == 2


def test_a_trackid_that_speaks_only_of_others_is_given_up_and_the_number_asked_for() -> None:
    held = submission(estado=Estado.ENVIADO, track_id="t", posts=1)
    for _ in range(domain.MOST_FOREIGN - 1):
        held = decide(held, Foreign("101000000"), START, QUARANTINE).submission
        assert (held.estado, held.track_id) == (Estado.ENVIADO, "t")
    given_up = decide(held, Foreign("101000000"), START, QUARANTINE).submission
    assert (given_up.estado, given_up.track_id, next_step(given_up)) == (Estado.DESCONOCIDO, None, Step.QUERY)
    # One answer about ours in between and it begins anew.
    seen = decide(replace(held), Judged(Outcome(Codigo.EN_PROCESO)), START, QUARANTINE).submission
    assert decide(seen, Foreign("101000000"), START, QUARANTINE).submission.track_id == "t"


def test_a_day_of_lost_sendings_is_an_alarm_and_they_come_ever_more_rarely() -> None:
    held, now, told = submission(), START, []
    while now - START < timedelta(days=7):
        step = next_step(held)
        before = intend(held, now) if step is Step.SEND else held
        decision = decide(before, Lost("500") if step is Step.SEND else NotFound(), now, QUARANTINE)
        told += [(decision.alarm.code, now - START)] if decision.alarm else []
        assert decision.again is not None
        held, now = decision.submission, now + decision.again
    assert [code for code, _ in told] == [Code.SIN_VEREDICTO]
    assert OVERDUE <= told[0][1] <= OVERDUE + timedelta(hours=1)
    assert held.posts < 24 * 7 * 1.1, "about one an hour"


def test_what_never_left_is_not_late() -> None:
    """An outage of days is told as one, not by each document that waits for its end."""
    assert decide(submission(), NotDone("down"), START + 2 * OVERDUE, QUARANTINE).alarm is None


@pytest.mark.parametrize(("given_back", "estado"), [(False, Estado.PENDIENTE), (True, Estado.RECHAZADO), (None, Estado.RECHAZADO)])
def test_a_rejection_for_want_of_delegation_keeps_the_document_when_the_number_came_back(
    given_back: bool | None, estado: Estado
) -> None:
    held = submission(estado=Estado.ENVIADO, track_id="t", posts=1)
    decision = decide(held, Judged(Outcome(Codigo.RECHAZADO, UNDELEGATED, given_back)), START, QUARANTINE)
    assert decision.submission.estado is estado
    if estado is Estado.PENDIENTE:
        assert (decision.again, decision.blocked, next_step(decision.submission)) == (BLOCKED_FOR, True, Step.SEND)
