"""Facts about ranges of e-NCF beside their registration: they run low, others used them, they were stopped or resumed."""

from pydantic import BaseModel, ConfigDict

from shared.events.event import PREFIX, Event

_SEALED = "audit seals the outbox; nobody acts on it"
_UNWRITTEN = "notify has no letter for it yet; the list of ranges shows it"


class SequenceRefused(Event):
    """Somebody wanted to register a range that the company cannot have; the subject is who.

    `codes` say why: it overlaps one that is there, has ended, is of no type that there is, or of another taxpayer (`rnc_emisor`).
    """

    type = f"{PREFIX}.sequence.refused.v1"
    emitter = "billing"
    unheard = _SEALED
    tipo_ecf: int
    desde: int
    hasta: int
    vencimiento: str
    sucursal: str | None
    rnc_emisor: str | None
    codes: list[str]
    by: str


class SequenceForeignUse(Event):
    """DGII says that a number of ours is spent, and it never had it from us. The subject is the e-NCF."""

    type = f"{PREFIX}.sequence.foreign-use.v1"
    emitter = "dgii"
    invoice_id: str
    encf: str
    tipo_ecf: int
    observed_at: str


class SequenceStopped(Event):
    """A range gives no more numbers until a person resumes it."""

    type = f"{PREFIX}.sequence.stopped.v1"
    emitter = "billing"
    sequence_id: str
    tipo_ecf: int
    encf: str
    reason: str


class SequenceResumed(Event):
    """A person lets a stopped range give numbers again."""

    type = f"{PREFIX}.sequence.resumed.v1"
    emitter = "billing"
    unheard = _SEALED
    sequence_id: str
    by: str


class SequenceRunningLow(Event):
    """A range will soon give no more. `reason`: remaining (below a tenth), exhaustion (by the rate of two weeks) or expiry.

    Each reason is told once a range. `days_left` is until the projected exhaustion or the expiry, when that is the reason.
    """

    type = f"{PREFIX}.sequence.running-low.v1"
    emitter = "billing"
    sequence_id: str
    tipo_ecf: int
    sucursal: str | None
    reason: str
    remaining: int
    days_left: int | None
    vencimiento: str | None


class Part(BaseModel):
    """What travels inside a fact; fields of newer releases are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Window(Part):
    """Numbers that may have been issued without our knowing it. `whole`: each of them is to be asked for."""

    sequence_id: str
    tipo_ecf: int
    desde: int
    hasta: int
    whole: bool


class Known(Part):
    """A number that DGII knows, and what it last said of it."""

    secuencia: int
    estado: str
    track_id: str | None


class ReconciliationBegan(Event):
    """The database came back from a backup: dgii is to find out which numbers DGII knows, before any is issued again.

    A window that is not `whole` is left after `margin` numbers in a row that DGII does not know.
    """

    type = f"{PREFIX}.sequence.reconciliation-began.v1"
    emitter = "billing"
    reconciliation_id: str
    margin: int
    windows: list[Window]


class NumbersSurveyed(Event):
    """One page of the answer: the numbers of a range from `desde` to `hasta` were asked for, and DGII knows these.

    `pages`, on the last page, says how many there are.
    """

    type = f"{PREFIX}.sequence.numbers-surveyed.v1"
    emitter = "dgii"
    reconciliation_id: str
    sequence_id: str
    tipo_ecf: int
    desde: int
    hasta: int
    known: list[Known]
    pages: int | None
    observed_at: str


class ReconciliationEnded(Event):
    """The company may emit again. `adoptados`: numbers that DGII has and we lost; `sin_noticia`: skipped without a trace."""

    type = f"{PREFIX}.sequence.reconciliation-ended.v1"
    emitter = "billing"
    unheard = _UNWRITTEN
    reconciliation_id: str
    adoptados: int
    sin_noticia: int
