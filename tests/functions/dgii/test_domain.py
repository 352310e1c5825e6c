"""The submission machine: nothing that may have arrived is sent again before it was asked for, and every document ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.dgii import domain
from functions.dgii.alarms import Code
from functions.dgii.attempt import FINAL, Estado
from functions.dgii.decision import BLOCKED_FOR
from functions.dgii.domain import Step, decide, intend, next_step
from functions.dgii.observations import (
    Blocked,
    CannotAsk,
    Foreign,
    Judged,
    Lost,
    NotDone,
    NotFound,
    Received,
    Refused,
    TakenByAnother,
)
from functions.dgii.pace import Waits
from shared.dgii.answers import Estado as Codigo
from shared.dgii.answers import Mensaje, Outcome
from tests.functions.dgii.world import ACCEPTED, START, USED, World, submission

PATIENCE = timedelta(minutes=15)
QUARANTINE = Waits(PATIENCE)
FAULTS = st.lists(st.sampled_from(["ok", "lost before", "lost after", "not done"]), max_size=12)
OBSERVATIONS = [
    Received("t"),
    Judged(ACCEPTED),
    Judged(USED),
    NotFound(),
    CannotAsk(),
    TakenByAnother(),
    Foreign("x"),
    Lost("x"),
    NotDone("x"),
    Refused(Outcome(Codigo.RECHAZADO, (Mensaje("0", "x"),))),
    Blocked("x"),
]


@settings(max_examples=300, deadline=None)
@given(
    faults=FAULTS,
    lag=st.integers(0, 14),
    in_process=st.integers(0, 5),
    crash_at=st.none() | st.integers(0, 6),
)
def test_whatever_is_lost_or_killed_the_document_arrives_once_and_is_accepted(
    faults: list[str], lag: int, in_process: int, crash_at: int | None
) -> None:
    world = World(iter(faults), timedelta(minutes=lag), in_process)
    end = world.run(QUARANTINE, crash_at=crash_at)
    assert end.estado is Estado.ACEPTADO
    assert len(world.arrivals) == 1
    assert world.announced[-1] == "accepted"


def test_without_the_quarantine_the_same_world_sees_the_document_twice() -> None:
    """The zero above means something: take the guard away and it is not zero."""
    world = World(iter(["lost after"]), timedelta(minutes=10))
    world.run(Waits(timedelta()))
    assert len(world.arrivals) > 1


def test_without_asking_first_a_killed_worker_sends_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The zero above means something: send again at once and the document is there twice."""
    monkeypatch.setattr(domain, "recover", lambda s: submission() if s.estado is Estado.ENVIANDO else s)
    world = World(iter([]))
    world.run(QUARANTINE, crash_at=0)
    assert len(world.arrivals) == 2


@pytest.mark.parametrize("estado", sorted(FINAL))
@pytest.mark.parametrize("seen", OBSERVATIONS, ids=lambda seen: type(seen).__name__)
def test_a_final_state_is_never_left(estado: Estado, seen: domain.Observation) -> None:
    held = submission(estado=estado)
    decision = decide(held, seen, START, QUARANTINE)
    assert (decision.submission, decision.announce, decision.again) == (held, None, None)
    assert next_step(held) is None


@pytest.mark.parametrize(
    ("codigo", "estado", "event"),
    [
        (Codigo.ACEPTADO, Estado.ACEPTADO, "accepted"),
        (Codigo.ACEPTADO_CONDICIONAL, Estado.ACEPTADO_CONDICIONAL, "accepted-conditionally"),
        (Codigo.RECHAZADO, Estado.RECHAZADO, "rejected"),
    ],
)
def test_a_verdict_is_kept_with_its_words_and_announced(codigo: Codigo, estado: Estado, event: str) -> None:
    remarks = (Mensaje("156", "x"),)
    held = submission(estado=Estado.ENVIADO, track_id="t", posts=1)
    decision = decide(held, Judged(Outcome(codigo, remarks, False)), START, QUARANTINE)
    moved = decision.submission
    assert (moved.estado, moved.mensajes, moved.secuencia_utilizada, moved.track_id) == (estado, remarks, False, "t")
    assert decision.announce is not None
    assert decision.announce.type.endswith(f".{event}.v1")
    assert decision.again is None


def test_what_did_not_leave_is_sent_again_and_what_may_have_left_is_asked_for() -> None:
    sending = intend(submission(), START)
    again = decide(sending, NotDone("refused", 7), START, QUARANTINE)
    assert (again.submission.estado, again.submission.posts, again.again) == (Estado.PENDIENTE, 0, timedelta(seconds=7))
    lost = decide(sending, Lost("timeout"), START, QUARANTINE)
    assert (lost.submission.posts, next_step(lost.submission)) == (1, Step.QUERY)
    died = domain.recover(sending)
    assert next_step(died) is Step.QUERY
    # An outage while asking must not turn the question into a sending.
    assert next_step(decide(died, NotDone("down"), START, QUARANTINE).submission) is Step.QUERY


def test_a_missing_document_goes_again_only_after_two_looks_and_the_quarantine() -> None:
    held = submission(estado=Estado.DESCONOCIDO, posts=1, posted_at=START)
    early = decide(held, NotFound(), START + timedelta(minutes=14), QUARANTINE).submission
    assert next_step(early) is Step.QUERY
    one_look = decide(held, NotFound(), START + timedelta(hours=1), QUARANTINE).submission
    assert next_step(one_look) is Step.QUERY
    assert next_step(decide(early, NotFound(), START + PATIENCE, QUARANTINE).submission) is Step.SEND


def test_a_used_number_is_asked_for_before_it_is_believed() -> None:
    polled = submission(estado=Estado.ENVIADO, track_id="t2", posts=2)
    asked = decide(polled, Judged(USED), START, QUARANTINE)
    assert (asked.submission.estado, asked.submission.collided) == (Estado.DESCONOCIDO, True)
    # An accepted one wins: it was ours, sent before.
    assert decide(asked.submission, Judged(ACCEPTED, "t1"), START, QUARANTINE).submission.estado is Estado.ACEPTADO
    # Ours was sent once and another document has the number: a rejection, the number is spent.
    once = submission(estado=Estado.DESCONOCIDO, posts=1, collided=True, mensajes=USED.mensajes, secuencia_utilizada=True)
    rejected = decide(once, TakenByAnother(), START, QUARANTINE).submission
    assert (rejected.estado, rejected.secuencia_utilizada) == (Estado.RECHAZADO, True)
    # Sent more than once and not found: people must look.
    assert decide(asked.submission, CannotAsk(), START, QUARANTINE).bury
    assert decide(replace(asked.submission, misses=1), NotFound(), START, QUARANTINE).bury


def test_004_sends_the_same_bytes_again_and_gives_up_at_last() -> None:
    broken = Judged(Outcome(Codigo.RECHAZADO, (Mensaje("004", "Ha ocurrido un error"),), False))
    held, tries = submission(estado=Estado.ENVIADO, track_id="t", posts=1), 0
    while not (decision := decide(held, broken, START, QUARANTINE)).bury:
        assert next_step(decision.submission) is Step.SEND
        held, tries = intend(decision.submission, START), tries + 1
    assert tries == domain.MOST_TRANSIENT


def test_dg06_in_process_is_asked_for_ever_more_slowly_alarms_once_a_day_late_and_is_never_sent_again() -> None:
    waiting, delays, alarms, now = submission(estado=Estado.ENVIADO, track_id="t", posts=1, posted_at=START), [], [], START
    for _ in range(200):
        decision = decide(waiting, Judged(Outcome(Codigo.EN_PROCESO)), now, QUARANTINE)
        waiting, alarms = decision.submission, [*alarms, *([decision.alarm.code] if decision.alarm else [])]
        assert decision.again is not None
        assert next_step(waiting) is Step.POLL
        delays.append(decision.again)
        now += decision.again
    assert delays == sorted(delays)
    assert delays[-1] == timedelta(minutes=10)
    assert now - START > timedelta(hours=24)
    assert (alarms, waiting.overdue, waiting.posts) == ([Code.EN_PROCESO_VENCIDO], True, 1)


def test_dg08_anothers_answer_and_an_empty_receipt_move_nothing_and_alarm_once() -> None:
    held = submission(estado=Estado.ENVIADO, track_id="t", posts=1)
    first = decide(held, Foreign("101000000"), START, QUARANTINE)
    assert (first.submission.estado, first.submission.track_id, first.announce) == (Estado.ENVIADO, "t", None)
    assert first.alarm is not None
    assert first.alarm.code is Code.RESPUESTA_AJENA
    assert decide(first.submission, Foreign("101000000"), START, QUARANTINE).alarm is None
    empty = decide(intend(submission(), START), Lost("no trackId", Code.TRACK_ID_VACIO), START, QUARANTINE)
    assert (empty.submission.estado, empty.submission.track_id) == (Estado.DESCONOCIDO, None)
    assert empty.alarm is not None


def test_dg09_another_verdict_than_the_one_held_is_a_contradiction_and_the_same_is_none() -> None:
    held = submission(estado=Estado.ACEPTADO, track_id="t", posts=1)
    assert domain.contradiction(held, Judged(ACCEPTED)) is None
    assert domain.contradiction(held, Judged(Outcome(Codigo.EN_PROCESO))) is None
    told = domain.contradiction(held, Judged(USED))
    assert told is not None
    assert (told.code, "1209" in told.detail) == (Code.VEREDICTO_CONTRADICHO, True)
    conditional = domain.contradiction(held, Judged(Outcome(Codigo.ACEPTADO_CONDICIONAL)))
    assert conditional is not None


@pytest.mark.parametrize("posts", [1, 2])
@pytest.mark.parametrize("collided", [True, False])
def test_dg10_a_number_spent_by_others_is_said_so_that_its_range_stops(posts: int, collided: bool) -> None:
    held = submission(estado=Estado.DESCONOCIDO, posts=posts, collided=collided)
    decision = decide(held, TakenByAnother(), START, QUARANTINE)
    assert (decision.submission.estado, decision.submission.secuencia_utilizada, decision.foreign) == (Estado.RECHAZADO, True, True)


def test_dg10_a_number_that_is_used_and_nowhere_ours_was_spent_by_others() -> None:
    """Its only trackId is that of our own rejection: the other one came another way."""
    held = submission(estado=Estado.DESCONOCIDO, posts=1, collided=True, mensajes=USED.mensajes, secuencia_utilizada=True)
    again = decide(held, Judged(USED, "t"), START, QUARANTINE)
    assert again.submission.estado is Estado.DESCONOCIDO
    assert decide(again.submission, Judged(USED, "t"), START, QUARANTINE).foreign


def test_a_tenants_configuration_stops_its_document_and_not_the_number() -> None:
    decision = decide(intend(submission(), START), Blocked("no delegado"), START, QUARANTINE)
    assert (decision.submission.estado, decision.again, decision.blocked) == (Estado.PENDIENTE, BLOCKED_FOR, True)
    said = Outcome(Codigo.RECHAZADO, (Mensaje("0", "La firma del XML no es válida"),))
    refused = decide(intend(submission(), START), Refused(said), START, QUARANTINE).submission
    assert (refused.estado, refused.secuencia_utilizada) == (Estado.RECHAZADO, None)
