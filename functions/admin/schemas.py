"""The wire of admin."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1, max_length=150)]
Address = Annotated[str, Field(min_length=1, max_length=100)]
Place = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Telephone = Annotated[str, Field(pattern=r"^[0-9]{3}-[0-9]{3}-[0-9]{4}$")]
Mail = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=80)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class OwnerIn(Shape):
    email: str = Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$", max_length=254)
    name: Text


class CompanyIn(Shape):
    """A company in one DGII environment; `rnc` has 9 digits (or 11, a person's cédula).

    `confirm_rnc` says that the number is right although its check digit is not. `linked_to` is the id of the same taxpayer's
    test company, for one in the environment ecf.
    """

    rnc: str = Field(pattern=r"^([0-9]{9}|[0-9]{11})$")
    confirm_rnc: bool = False
    environment: Literal["testecf", "certecf", "ecf"]
    linked_to: str | None = Field(default=None, pattern=r"^[0-9a-f-]{36}$")
    razon_social: Text
    nombre_comercial: Text | None = None
    direccion: Address
    municipio: Place | None = None
    provincia: Place | None = None
    telefono: Telephone | None = None
    correo: Mail | None = None
    plan: Text = "estandar"
    owner: OwnerIn


class CompanyChange(Shape):
    """What documents print of the company, and since when DGII lets it send them later (`envio_diferido`, the day of its
    authorisation). A field left out stays; null empties one that may be empty."""

    razon_social: Text | None = None
    nombre_comercial: Text | None = None
    direccion: Address | None = None
    municipio: Place | None = None
    provincia: Place | None = None
    telefono: Telephone | None = None
    correo: Mail | None = None
    envio_diferido: date | None = None

    @model_validator(mode="after")
    def _mandatory_stays(self) -> "CompanyChange":
        for name in ("razon_social", "direccion"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"«{name}» no puede quedar vacío")
        return self


class Reason(Shape):
    """Why; people of the platform and of audit read it."""

    reason: str = Field(min_length=5, max_length=500)


class CompanyRow(Shape):
    id: str
    rnc: str
    environment: str
    razon_social: str
    estado: Literal["activa", "suspendida", "sellada"]
    created_at: str


class Warned(Shape):
    pointer: str
    code: str
    detail: str


class CompanyOut(CompanyRow):
    """`ready` is true once every function that needs the company knows it; `waiting_for` names the others.

    `estado_reason`, `estado_by` and `estado_since` tell of the last suspension, resumption or sealing.
    """

    nombre_comercial: str | None
    direccion: str
    municipio: str | None
    provincia: str | None
    telefono: str | None
    correo: str | None
    envio_diferido: date | None
    linked_to: str | None
    estado_reason: str | None
    estado_by: str | None
    estado_since: str | None
    ready: bool
    waiting_for: list[str]
    warnings: list[Warned]


class CompanyPage(Shape):
    items: list[CompanyRow]
    next: str | None


class CompanyCount(Shape):
    environment: str
    estado: str
    companies: int


class Verdicts(Shape):
    """Documents by what DGII said; `desconocido` counts the answers that were lost, whatever was learnt later."""

    aceptado: int = 0
    aceptado_condicional: int = 0
    rechazado: int = 0
    desconocido: int = 0


class Waiting(Shape):
    """Of one function: jobs that are due, jobs that are dead, letters it refused that nobody has replayed."""

    function: str
    due: int
    dead: int
    letters: int


class Metrics(Shape):
    """`day` is the fiscal day (Santo Domingo); `last_30_days` includes it."""

    day: str
    companies: list[CompanyCount]
    today: Verdicts
    last_30_days: Verdicts
    backlog: list[Waiting]
