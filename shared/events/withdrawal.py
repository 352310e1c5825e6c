"""Facts about the withdrawal of a signed document that DGII never had: billing asks, dgii lets it go or not."""

from shared.events.event import PREFIX, Event


class WithdrawalAsked(Event):
    """Somebody wants a signed document not to be sent, if nothing of it has left yet."""

    type = f"{PREFIX}.ecf.withdrawal-asked.v1"
    emitter = "billing"
    invoice_id: str
    encf: str
    intento: int
    by: str


class WithdrawalAnswered(Event):
    """`withdrawn`: DGII never had it and never will; otherwise it may have, and its verdict is waited for as before."""

    type = f"{PREFIX}.submission.withdrawal-answered.v1"
    emitter = "dgii"
    invoice_id: str
    encf: str
    intento: int
    withdrawn: bool
    observed_at: str
