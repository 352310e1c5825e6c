"""Facts about the authority itself and about what needs people on the way to it."""

from shared.events.event import PREFIX, Event


class OutageStarted(Event):
    """DGII is down in one environment; the subject is the outage. A fact of the platform, told once by whoever saw it first.

    `cause`: unanswered (ten calls in a row failed), maintenance (a window it announced) or status (its status service says so).
    """

    type = f"{PREFIX}.dgii.outage-started.v1"
    emitter = "dgii"
    unheard = "GET /dgii/services shows it; audit seals it"
    environment: str
    cause: str
    started_at: str


class OutageEnded(Event):
    """DGII answers again; the same subject as its beginning."""

    type = f"{PREFIX}.dgii.outage-ended.v1"
    emitter = "dgii"
    unheard = "GET /dgii/services shows it; audit seals it"
    environment: str
    cause: str
    started_at: str
    ended_at: str


class SubmissionAlarmed(Event):
    """What DGII said of a document cannot be, or will not end by itself: people must look. The subject is the invoice.

    `code`: EN_PROCESO_VENCIDO (a day without a verdict), TRACK_ID_AJENO (a trackId that another document has), TRACK_ID_VACIO (a
    receipt with nothing on it), RESPUESTA_AJENA (an answer about another issuer or number), VEREDICTO_CONTRADICHO (a final verdict,
    and now another one), USO_AJENO (a number spent by others), FIRMANTE_BLOQUEADO (delegation, certificate or seed refused),
    ENVIO_DETENIDO (nothing is tried any more).
    """

    type = f"{PREFIX}.submission.alarmed.v1"
    emitter = "dgii"
    unheard = "GET /dgii/ecf/status shows it; audit seals it"
    invoice_id: str
    encf: str
    intento: int
    code: str
    detail: str
    observed_at: str
