"""Facts about contingency: who declared it, when it ended, and what is still to be replaced."""

from shared.events.event import PREFIX, Event


class ContingencyDeclared(Event):
    """A company cannot issue electronically, whole or in one branch, and hands out paper of series B."""

    type = f"{PREFIX}.contingency.declared.v1"
    emitter = "billing"
    unheard = "it is for the audit; the list of contingencies shows its last days"
    sucursal: str | None
    motivo: str
    started_at: str
    by: str


class ContingencyFinished(Event):
    """Electronic issuing works again; `pending` receipts are to be replaced until `replace_until`."""

    type = f"{PREFIX}.contingency.finished.v1"
    emitter = "billing"
    unheard = "it is for the audit; the list of contingencies shows its last days"
    ended_at: str
    replace_until: str
    pending: int
    by: str
