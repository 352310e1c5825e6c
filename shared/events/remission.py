"""Facts about documents that go to DGII later than at once: under which terms, and when their time runs out."""

from shared.events.event import PREFIX, Event


class EcfHeld(Event):
    """A signed document that was announced already is in contingency since; its bytes and its number stay.

    `regimen`: 1 (no connection) or 3 (DGII is down). `cause`: declared by the company, or the outage's.
    """

    type = f"{PREFIX}.ecf.held.v1"
    emitter = "billing"
    invoice_id: str
    encf: str
    intento: int
    modalidad: str
    regimen: int
    remitir_hasta: str
    cause: str


class EcfRemissionDue(Event):
    """Documents that DGII has not got, and whose deadline is near or has passed: told once each of a document.

    `phase` is near or passed, `count` how many they are, `encfs` the first of them by their deadline, which `remitir_hasta` is.
    """

    type = f"{PREFIX}.ecf.remission-due.v1"
    emitter = "billing"
    phase: str
    count: int
    encfs: list[str]
    remitir_hasta: str
