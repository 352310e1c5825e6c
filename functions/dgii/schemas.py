"""The wire of dgii."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Number = Annotated[str, StringConstraints(pattern="^E(31|32|33|34|41|43|44|45|46|47)[0-9]{10}$")]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NumberIn(Shape):
    """A document by its e-NCF; without `intento` its latest attempt."""

    encf: Number
    intento: int | None = Field(default=None, ge=1, le=1000)


class TokenOut(Shape):
    """DGII let the company's signer in. The token itself is shown to nobody."""

    environment: str
    certificate_id: str


class MensajeOut(Shape):
    codigo: str
    valor: str


class StepOut(Shape):
    """`detail` is DGII's raw answer where there was one, otherwise what was observed."""

    at: str
    step: str
    estado: str
    detail: str


class StatusOut(Shape):
    """Where a document is on its way to DGII. `vencido`: in process for more than a day (EN_PROCESO_VENCIDO)."""

    encf: str
    intento: int
    estado: str
    vencido: bool
    track_id: str | None
    secuencia_utilizada: bool | None
    mensajes: list[MensajeOut]
    envios: int
    consultas: int
    evidencia: list[StepOut]


class AskedOut(Shape):
    """What was asked for happens now, as far as DGII lets it; `estado` is where the document was."""

    encf: str
    intento: int
    estado: str


class DirectoryOut(Shape):
    """An electronic issuer's addresses as DGII lists them; `autenticacion` is empty when it asks for none."""

    rnc: str
    nombre: str
    recepcion: str
    aprobacion: str
    autenticacion: str
    consultado: str


class ServiceOut(Shape):
    servicio: str
    disponible: bool


class WindowOut(Shape):
    desde: str
    hasta: str


class EnvironmentOut(Shape):
    """`caida_desde` while DGII is down for us; `causa`: unanswered, maintenance or status. Services and windows are what its
    status service last said (`consultado`), where the platform has a key for it."""

    environment: str
    disponible: bool
    caida_desde: str | None
    causa: str | None
    servicios: list[ServiceOut]
    ventanas: list[WindowOut]
    consultado: str | None


class ServicesOut(Shape):
    items: list[EnvironmentOut]
