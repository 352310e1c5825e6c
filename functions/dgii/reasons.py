"""Why a document is where it is on its way to DGII: one code for each step worth telling, with what proves it. Pure."""

from enum import StrEnum

from functions.dgii.attempt import FINAL, Estado, Submission
from functions.dgii.decision import Decision
from functions.dgii.observations import (
    CannotAsk,
    FoundInProcess,
    Judged,
    Lost,
    NotDone,
    NotFound,
    Observation,
    Received,
    Refused,
)
from shared.dgii.answers import Outcome
from shared.events.authority import Evidence

OK = 200
"""What every consulta, and the reception of an e-CF, answers with when it says anything."""


class Reason(StrEnum):
    """The public codes of `Evidence` (explained there)."""

    ENVIADO = "ENVIADO"
    REENVIADO = "REENVIADO"
    HALLADO = "HALLADO"
    RESPUESTA_PERDIDA = "RESPUESTA_PERDIDA"
    NO_HALLADO = "NO_HALLADO"
    NO_CONSULTABLE = "NO_CONSULTABLE"
    CUARENTENA_CUMPLIDA = "CUARENTENA_CUMPLIDA"
    FALLO_DGII = "FALLO_DGII"
    SIN_SERVICIO = "SIN_SERVICIO"
    NUMERO_YA_USADO = "NUMERO_YA_USADO"
    YA_ESTABA = "YA_ESTABA"
    VEREDICTO = "VEREDICTO"
    VEREDICTO_HALLADO = "VEREDICTO_HALLADO"
    NUMERO_DEVUELTO = "NUMERO_DEVUELTO"
    NO_TOMADO = "NO_TOMADO"
    USADO_POR_OTROS = "USADO_POR_OTROS"
    DETENIDO = "DETENIDO"


def evidence(before: Submission, seen: Observation, decision: Decision) -> Evidence | None:
    """What a step showed, told once a change: None while DGII only says once more what it said."""
    reason = _reason(before, seen, decision)
    if reason is None:
        return None
    moved = decision.submission
    return Evidence(
        code=reason.value,
        sha256=before.sha256,
        http_status=_http_status(seen),
        codigo=_codigo(seen),
        envios=moved.posts,
        consultas=moved.polls + moved.misses,
    )


def _reason(before: Submission, seen: Observation, decision: Decision) -> Reason | None:
    moved = decision.submission
    if decision.bury is not None:
        return Reason.DETENIDO
    if decision.foreign:
        return Reason.USADO_POR_OTROS
    match seen:
        case Received():
            return Reason.ENVIADO if before.posts == 1 else Reason.REENVIADO
        case FoundInProcess():
            return Reason.HALLADO
        case Lost():
            return Reason.RESPUESTA_PERDIDA
        case NotDone():
            return Reason.SIN_SERVICIO if before.failures == 0 else None
        case NotFound() | CannotAsk():
            return _missed(seen, moved)
        case Refused():
            return Reason.NUMERO_YA_USADO if moved.collided > before.collided else Reason.NO_TOMADO
        case Judged(outcome):
            return _judged(before, outcome, moved)
    return None


def _missed(seen: NotFound | CannotAsk, moved: Submission) -> Reason | None:
    if moved.estado is Estado.PENDIENTE:
        return Reason.CUARENTENA_CUMPLIDA
    if moved.misses > 1:
        return None
    return Reason.NO_HALLADO if isinstance(seen, NotFound) else Reason.NO_CONSULTABLE


def _judged(before: Submission, outcome: Outcome, moved: Submission) -> Reason | None:
    if outcome.transient:
        return Reason.FALLO_DGII if before.transients == 0 else None
    if moved.collided > before.collided:
        return Reason.NUMERO_YA_USADO
    if moved.estado not in FINAL:
        return None
    if before.collided:
        return Reason.YA_ESTABA
    if moved.estado is Estado.RECHAZADO and outcome.secuencia_utilizada is False:
        return Reason.NUMERO_DEVUELTO
    return Reason.VEREDICTO_HALLADO if before.estado is Estado.DESCONOCIDO else Reason.VEREDICTO


def _http_status(seen: Observation) -> int | None:
    """None when nothing was heard."""
    match seen:
        case Lost() | NotDone():
            return seen.http_status
        case Judged(outcome) | Refused(outcome):
            return outcome.http_status
        case CannotAsk():
            return None
    return OK


def _codigo(seen: Observation) -> str | None:
    """DGII's own code: of its first remark, else of the state it gave."""
    if not isinstance(seen, Judged | Refused):
        return None
    outcome = seen.outcome
    return outcome.mensajes[0].codigo if outcome.mensajes else str(int(outcome.estado))
