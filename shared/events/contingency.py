"""Facts about contingency: who declared it, when it ended, and what is still to be replaced."""

from shared.events.event import PREFIX, Event


class ContingencyDeclared(Event):
    """A company, or one of its branches, hands out paper of series B (`tipo` papel) or has no connection (sin_conexion)."""

    type = f"{PREFIX}.contingency.declared.v1"
    emitter = "billing"
    unheard = "it is for the audit; the list of contingencies shows its last days"
    sucursal: str | None
    motivo: str
    started_at: str
    by: str
    tipo: str = "papel"


class ContingencyFinished(Event):
    """It works again; `pending` receipts are to be replaced until `replace_until`, which is empty where there were none.

    `by` is who said so, or dgii: it has accepted `encf`, which was signed after the beginning.
    """

    type = f"{PREFIX}.contingency.finished.v1"
    emitter = "billing"
    unheard = "it is for the audit; the list of contingencies shows its last days"
    ended_at: str
    replace_until: str | None
    pending: int
    by: str
    encf: str | None = None


class ContingencyDue(Event):
    """The last day of a contingency's paper, or of the e-CF that replace it, is near or has passed: told once each.

    `deadline` is paper or replacement, `phase` near or passed, `until` the last day, `pending` how much paper is not replaced.
    """

    type = f"{PREFIX}.contingency.due.v1"
    emitter = "billing"
    deadline: str
    phase: str
    until: str
    sucursal: str | None
    pending: int
