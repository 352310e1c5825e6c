"""admin's facts about a company after its creation: what it is called, and whether it may emit."""

from typing import ClassVar

from shared.events.event import PREFIX, Event


class CompanyChanged(Event):
    """What documents say about the company changed; the whole of it, with the version of its row as `sequence`.

    `envio_diferido`: the day since which DGII lets it send documents later.
    """

    type = f"{PREFIX}.company.changed.v1"
    emitter = "admin"
    rnc: str
    razon_social: str
    nombre_comercial: str | None
    direccion: str
    municipio: str | None
    provincia: str | None
    telefono: str | None
    correo: str | None
    by: str
    envio_diferido: str | None = None


class CompanyStanding(Event):
    """What is common to the three: the state the company is in from now on, why, and who said so."""

    estado: ClassVar[str]
    reason: str
    by: str


class CompanySuspended(CompanyStanding):
    """The company may not emit until it is resumed; what has a number is still signed and sent."""

    type = f"{PREFIX}.company.suspended.v1"
    emitter = "admin"
    estado = "suspendida"


class CompanyResumed(CompanyStanding):
    """The company may emit again."""

    type = f"{PREFIX}.company.resumed.v1"
    emitter = "admin"
    estado = "activa"


class CompanySealed(CompanyStanding):
    """The company is closed for good: nothing is signed for it any more, its records stay."""

    type = f"{PREFIX}.company.sealed.v1"
    emitter = "admin"
    estado = "sellada"
