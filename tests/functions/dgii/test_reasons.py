"""What is told of a submission's way: each change once, and nothing while DGII repeats itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.dgii.attempt import Estado, Submission
from functions.dgii.domain import Step, decide, intend, next_step
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
from functions.dgii.pace import Waits
from functions.dgii.reasons import evidence
from shared.dgii.answers import Estado as Codigo
from shared.dgii.answers import Mensaje, Outcome
from shared.events.authority import Evidence
from tests.functions.dgii.world import ACCEPTED, START, USED, submission

WAITS = Waits(timedelta(minutes=15))
IN_PROCESS = Judged(Outcome(Codigo.EN_PROCESO))
PSEUDO = Judged(Outcome(Codigo.RECHAZADO, (Mensaje("004", "Error interno"),)))
GIVEN_BACK = Judged(Outcome(Codigo.RECHAZADO, (Mensaje("145", "RNC inválido"),), secuencia_utilizada=False))


def refused(words: str) -> Refused:
    return Refused(Outcome(Codigo.RECHAZADO, (Mensaje("0", words),), http_status=400))


def told(*seen: Observation, apart: timedelta = timedelta(minutes=6), **start: object) -> list[Evidence | None]:
    """What is told of each observation of one submission, the sendings made where the machine wants them."""
    held, now, found = submission(**start), START, []
    for one in seen:
        before = intend(held, now) if next_step(held) is Step.SEND else held
        decision = decide(before, one, now, WAITS)
        found.append(evidence(before, one, decision))
        held, now = decision.submission, now + apart
    return found


def codes(*seen: Observation, **start: object) -> list[str | None]:
    return [one.code if one else None for one in told(*seen, **start)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([Received("t"), *[IN_PROCESS] * 5, Judged(ACCEPTED)], ["ENVIADO", *[None] * 5, "VEREDICTO"]),
        ([Lost("x"), *[NotFound()] * 3], ["RESPUESTA_PERDIDA", "NO_HALLADO", None, "CUARENTENA_CUMPLIDA"]),
        (
            [Lost("x"), *[NotFound()] * 3, Received("t")],
            ["RESPUESTA_PERDIDA", "NO_HALLADO", None, "CUARENTENA_CUMPLIDA", "REENVIADO"],
        ),
        ([Lost("x"), *[CannotAsk()] * 3], ["RESPUESTA_PERDIDA", "NO_CONSULTABLE", None, "CUARENTENA_CUMPLIDA"]),
        ([Lost("x"), FoundInProcess("t"), IN_PROCESS], ["RESPUESTA_PERDIDA", "HALLADO", None]),
        ([Lost("x"), Judged(ACCEPTED, "t")], ["RESPUESTA_PERDIDA", "VEREDICTO_HALLADO"]),
        ([PSEUDO, PSEUDO, PSEUDO, Received("t")], ["FALLO_DGII", None, None, "REENVIADO"]),
        ([NotDone("x"), NotDone("x"), Received("t")], ["SIN_SERVICIO", None, "ENVIADO"]),
        ([Judged(USED), Judged(ACCEPTED, "t")], ["NUMERO_YA_USADO", "YA_ESTABA"]),
        ([Judged(USED), NotFound(), NotFound()], ["NUMERO_YA_USADO", "NO_HALLADO", "USADO_POR_OTROS"]),
        ([Judged(USED), TakenByAnother()], ["NUMERO_YA_USADO", "USADO_POR_OTROS"]),
        ([Lost("x"), TakenByAnother()], ["RESPUESTA_PERDIDA", "USADO_POR_OTROS"]),
        ([Received("t"), GIVEN_BACK], ["ENVIADO", "NUMERO_DEVUELTO"]),
        ([refused("El archivo no es válido")], ["NO_TOMADO"]),
        ([refused("Los números de secuencia ya han sido utilizados")], ["NUMERO_YA_USADO"]),
        ([Blocked("x"), Received("t"), Foreign("x")], [None, "ENVIADO", None]),
    ],
    ids=lambda value: "-".join(str(one) for one in value) if value and isinstance(value[0], str) else "",
)
def test_a_step_is_told_when_the_wait_changes_and_not_again(seen: list[Observation], expected: list[str | None]) -> None:
    assert codes(*seen) == expected


def test_polls_are_counted_and_not_listed() -> None:
    verdict = told(Received("t"), *[IN_PROCESS] * 40, Judged(ACCEPTED))[-1]
    assert verdict is not None
    assert (verdict.consultas, verdict.envios, verdict.codigo, verdict.http_status) == (40, 1, "1", 200)


@pytest.mark.parametrize(
    ("seen", "status", "codigo"),
    [
        (Received("t"), 200, None),
        (Lost("x", http_status=502), 502, None),
        (Lost("x"), None, None),
        (NotDone("x", http_status=503), 503, None),
        (refused("x"), 400, "0"),
        (Judged(replace(ACCEPTED, http_status=201)), 201, "1"),
        (PSEUDO, 200, "004"),
    ],
)
def test_what_dgii_answered_is_kept_with_the_hash_of_what_it_was_sent(
    seen: Observation, status: int | None, codigo: str | None
) -> None:
    (shown,) = told(seen, sha256="a" * 64)
    assert shown is not None
    assert (shown.sha256, shown.http_status, shown.codigo) == ("a" * 64, status, codigo)


def test_an_environment_that_cannot_be_asked_gave_no_answer() -> None:
    held: Submission = submission(estado=Estado.DESCONOCIDO, posts=1)
    shown = evidence(held, CannotAsk(), decide(held, CannotAsk(), START, WAITS))
    assert shown is not None
    assert shown.http_status is None
