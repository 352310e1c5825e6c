"""Facts about the authority itself and about what needs people on the way to it."""

from pydantic import BaseModel, ConfigDict

from shared.events.event import PREFIX, Event


class Evidence(BaseModel):
    """What proves one step of a document on its way to DGII; fields of newer releases are ignored.

    `code`: ENVIADO (DGII gave a trackId), REENVIADO (the same bytes again), HALLADO (asked for before a resend, and in process),
    RESPUESTA_PERDIDA (it may have arrived), NO_HALLADO (asked for before a resend, and not there), NO_CONSULTABLE (no consulta
    could tell), CUARENTENA_CUMPLIDA (asked for long enough: it is sent again), FALLO_DGII (004, a rejection that is none),
    SIN_SERVICIO (DGII did not answer, nothing arrived), NUMERO_YA_USADO (1209, perhaps by this document), YA_ESTABA (1209, and it
    was), VEREDICTO, VEREDICTO_HALLADO (by asking, without a resend), NUMERO_DEVUELTO (rejected, its number is free), NO_TOMADO (the
    file was not taken), USADO_POR_OTROS, DETENIDO (nothing is tried any more).
    `sha256` is of the bytes that travel, `http_status` and `codigo` are DGII's answer (null without one), `envios` and `consultas`
    count what was sent and asked so far.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    code: str
    sha256: str
    http_status: int | None
    codigo: str | None
    envios: int
    consultas: int


class OutageStarted(Event):
    """DGII is down in one environment; the subject is the outage. A fact of the platform, told once by whoever saw it first.

    `cause`: unanswered (ten calls in a row failed), maintenance (a window it announced) or status (its status service says so).
    """

    type = f"{PREFIX}.dgii.outage-started.v1"
    emitter = "dgii"
    environment: str
    cause: str
    started_at: str


class OutageEnded(Event):
    """DGII answers again; the same subject as its beginning."""

    type = f"{PREFIX}.dgii.outage-ended.v1"
    emitter = "dgii"
    environment: str
    cause: str
    started_at: str
    ended_at: str


class SubmissionAlarmed(Event):
    """What DGII said of a document cannot be, or will not end by itself: people must look. The subject is the invoice.

    `code`: EN_PROCESO_VENCIDO (a day in process), SIN_VEREDICTO (a day after it was sent DGII does not say that it has it),
    TRACK_ID_AJENO (a trackId that another document has), TRACK_ID_VACIO (a receipt with nothing on it), RESPUESTA_AJENA (an
    answer about another issuer, number or trackId), VEREDICTO_CONTRADICHO (a final verdict, and now another one), USO_AJENO (a
    number spent by others), FIRMANTE_BLOQUEADO (delegation, certificate or seed refused), ENVIO_DETENIDO (nothing is tried any
    more).
    """

    type = f"{PREFIX}.submission.alarmed.v1"
    emitter = "dgii"
    invoice_id: str
    encf: str
    intento: int
    code: str
    detail: str
    observed_at: str


class SubmissionExplained(Event):
    """A step that no other fact tells changed the wait of a document on its way to DGII. The subject is the invoice."""

    type = f"{PREFIX}.submission.explained.v1"
    emitter = "dgii"
    invoice_id: str
    encf: str
    intento: int
    evidence: Evidence
    observed_at: str
