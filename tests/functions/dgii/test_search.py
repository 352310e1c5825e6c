"""Which of DGII's answers about a number are about our document."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from functions.dgii.observations import Foreign, FoundInProcess, Judged, NotDone, NotFound, Observation, TakenByAnother
from functions.dgii.search import Consultas, own, search
from shared.dgii.answers import Estado, Mensaje, Outcome, Tracking, Trackings
from shared.dgii.client import Dgii
from shared.ecf.clock import SANTO_DOMINGO
from tests.functions.dgii.world import START, USED, submission

T = TypeVar("T")
OURS = submission(estado="desconocido", posts=1)
CODE = OURS.codigo_seguridad
NOTHING = Outcome(Estado.NO_ENCONTRADO)
ACCEPTED = Outcome(Estado.ACEPTADO, secuencia_utilizada=True)
REJECTED = Outcome(Estado.RECHAZADO, (Mensaje("615", "x"),), True)


@dataclass
class Answers:
    """What DGII says: the trackIds of the number, the state by security code, the number's holder, a result by trackId."""

    track_ids: list[Tracking]
    coded: Outcome = NOTHING
    holder: Outcome = NOTHING
    results: dict[str, Outcome] = field(default_factory=dict)

    def said(self, **changes: object) -> Observation:
        s = submission(**({"estado": "desconocido", "posts": 1} | changes))
        return search(s, Consultas(Said(self), s))


@dataclass
class Said:
    """The answers as the client gives them."""

    answers: Answers

    def __call__(self, call: Callable[[Dgii, str], T]) -> T:
        return call(self, "token")  # type: ignore[arg-type]

    def track_ids(self, token: str, rnc: str, encf: str) -> Trackings:
        return Trackings(tuple(self.answers.track_ids), "")

    def state(self, token: str, rnc: str, encf: str, buyer: str, code: str) -> Outcome:
        return self.answers.coded if code else self.answers.holder

    def result(self, token: str, track_id: str) -> Outcome:
        return self.answers.results[track_id]


def of(code: str, estado: Estado = Estado.ACEPTADO) -> Outcome:
    return Outcome(estado, codigo_seguridad=code)


def tracked(track_id: str, estado: Estado, *, after: timedelta = timedelta(seconds=1)) -> Tracking:
    at = (START + after).astimezone(SANTO_DOMINGO)
    return Tracking(track_id, estado, at.strftime("%m/%d/%Y %I:%M:%S %p"))


def test_a_state_for_our_code_is_ours_with_the_remarks_of_its_trackid() -> None:
    answers = Answers(
        [tracked("t2", Estado.RECHAZADO), tracked("t1", Estado.ACEPTADO)], of(CODE), results={"t1": ACCEPTED, "t2": USED}
    )
    assert answers.said() == Judged(ACCEPTED, "t1")


def test_no_trackid_is_no_document() -> None:
    assert Answers([]).said() == NotFound()


def test_the_rejection_of_an_earlier_attempt_is_not_ours() -> None:
    """Its number came back and was used anew: only the trackId says whose the rejection is."""
    answers = Answers([tracked("T1", Estado.RECHAZADO)], results={"T1": REJECTED})
    assert answers.said(intento=2, earlier=("t1",)) == NotFound()
    assert answers.said(intento=2) == Judged(REJECTED, "T1")


def test_an_earlier_attempt_that_is_accepted_after_all_holds_the_number() -> None:
    assert Answers([tracked("t1", Estado.ACEPTADO)], holder=of("zzzzzz")).said(intento=2, earlier=("t1",)) == TakenByAnother()


def test_what_dgii_received_before_there_was_a_document_is_not_it() -> None:
    answers = Answers([tracked("t1", Estado.RECHAZADO, after=-timedelta(days=1))], results={"t1": REJECTED})
    assert answers.said() == NotFound()


def test_an_acceptance_is_anothers_only_when_dgii_shows_another_code() -> None:
    accepted = [tracked("t1", Estado.ACEPTADO)]
    assert Answers(accepted, holder=of("zzzzzz")).said() == TakenByAnother()
    # The consulta by code may come later than the trackIds: never a verdict, and never a reason to send again.
    assert isinstance(Answers(accepted).said(), NotDone)
    assert Answers(accepted, holder=of(CODE), results={"t1": ACCEPTED}).said() == Judged(ACCEPTED, "t1")


def test_a_rejection_of_anothers_document_is_not_ours() -> None:
    answers = Answers([tracked("t1", Estado.RECHAZADO)], holder=of("zzzzzz", Estado.RECHAZADO), results={"t1": REJECTED})
    assert answers.said() == NotFound()


def test_of_several_rejections_the_one_that_says_why_counts_and_004_is_none() -> None:
    pseudo = Outcome(Estado.RECHAZADO, (Mensaje("004", "x"),), False)
    both = [tracked("t3", Estado.RECHAZADO), tracked("t2", Estado.RECHAZADO), tracked("t1", Estado.RECHAZADO)]
    assert Answers(both, results={"t1": REJECTED, "t2": pseudo, "t3": USED}).said() == Judged(REJECTED, "t1")
    assert Answers(both[:1], results={"t3": USED}).said() == Judged(USED, "t3")
    assert Answers(both[1:2], results={"t2": pseudo}).said() == NotFound()


def test_what_is_in_process_is_followed() -> None:
    assert Answers([tracked("t1", Estado.EN_PROCESO)]).said() == FoundInProcess("t1")


def test_an_answer_about_another_number_issuer_or_trackid_is_nobodys() -> None:
    for other in (Outcome(Estado.ACEPTADO, encf="E310000000002"), Outcome(Estado.ACEPTADO, rnc="101000000")):
        assert isinstance(own(OURS, other), Foreign)
    assert isinstance(own(OURS, Outcome(Estado.ACEPTADO, track_id="x"), "t1"), Foreign)
    same = Outcome(Estado.ACEPTADO, rnc=OURS.rnc_emisor, encf=OURS.encf, track_id="T1")
    assert own(OURS, same, "t1") == Judged(same, "t1")
