"""Facts about ranges of e-NCF beside their registration: they run low, others used them, they were stopped or resumed."""

from shared.events.event import PREFIX, Event

_SEALED = "audit seals the outbox; nobody acts on it"
_UNWRITTEN = "notify has no letter for it yet; the list of ranges shows it"


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
    unheard = _UNWRITTEN
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
    unheard = _UNWRITTEN
    sequence_id: str
    tipo_ecf: int
    sucursal: str | None
    reason: str
    remaining: int
    days_left: int | None
    vencimiento: str | None
