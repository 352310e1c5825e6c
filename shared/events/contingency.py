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
    """It works again; `pending` receipts are to be replaced until `replace_until`, which is empty where there were none."""

    type = f"{PREFIX}.contingency.finished.v1"
    emitter = "billing"
    unheard = "it is for the audit; the list of contingencies shows its last days"
    ended_at: str
    replace_until: str | None
    pending: int
    by: str
