"""The wire of admin."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1, max_length=150)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class OwnerIn(Shape):
    email: str = Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$", max_length=254)
    name: Text


class CompanyIn(Shape):
    """A company in one DGII environment; `rnc` has 9 digits (or 11, a person's cédula)."""

    rnc: str = Field(pattern=r"^([0-9]{9}|[0-9]{11})$")
    environment: Literal["testecf", "certecf", "ecf"]
    razon_social: Text
    nombre_comercial: Text | None = None
    direccion: str = Field(min_length=1, max_length=100)
    municipio: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    provincia: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    telefono: str | None = Field(default=None, pattern=r"^[0-9]{3}-[0-9]{3}-[0-9]{4}$")
    correo: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$", max_length=80)
    plan: Text = "estandar"
    owner: OwnerIn


class CompanyRow(Shape):
    id: str
    rnc: str
    environment: str
    razon_social: str
    status: str
    created_at: str


class CompanyOut(CompanyRow):
    """`ready` is true once every function that needs the company knows it; `waiting_for` names the others."""

    ready: bool
    waiting_for: list[str]


class CompanyPage(Shape):
    items: list[CompanyRow]
    next: str | None
