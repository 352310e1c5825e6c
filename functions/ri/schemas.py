"""The wire forms of a tenant's appearance, and of the month's statement that billing has printed."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from functions.ri.appearance import LARGEST_LOGO
from shared.ecf.types import Environment, TipoECF

Count = Annotated[int, Field(ge=0)]
Secuencia = Annotated[int, Field(ge=1, le=9_999_999_999)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AppearanceBody(Shape):
    """All of it at once: what is left out is taken away."""

    accent: str | None = Field(None, max_length=7, description="#rrggbb, de contraste 4.5 o más con blanco")
    logo: str | None = Field(None, max_length=LARGEST_LOGO * 4 // 3 + 4, description="PNG o JPEG en base64")


class PrintingBody(Shape):
    """`before_acceptance`: a signed document is printed at once, as it will be when DGII has accepted it. Off unless chosen, for
    DGII may still reject what was handed out."""

    before_acceptance: bool


class Figures(Shape):
    """What became of numbers; `condicionales` are among the accepted."""

    emitidos: Count
    aceptados: Count
    condicionales: Count
    rechazados: Count
    pendientes: Count
    sin_usar: Count
    anulados: Count
    sin_explicar: Count
    monto_aceptado: str = Field(pattern=r"^[0-9]{1,18}\.[0-9]{2}$")


class LineIn(Figures):
    """One type at one branch (empty: no branch)."""

    tipo_ecf: TipoECF
    sucursal: str = Field(max_length=20)
    rangos: Count


class GapIn(Shape):
    """Numbers without a document, and why in a word of billing's."""

    desde: Secuencia
    hasta: Secuencia
    estado: str = Field(max_length=30)


class RangeIn(Figures):
    """One range; `more_gaps` where not all of them are named."""

    id: str = Field(max_length=36)
    tipo_ecf: TipoECF
    sucursal: str = Field(max_length=20)
    desde: Secuencia
    hasta: Secuencia
    vencimiento: date
    gaps: list[GapIn]
    more_gaps: bool


class CompanyIn(Shape):
    rnc: str = Field(max_length=11)
    razon_social: str = Field(max_length=150)
    environment: Environment


class StatementIn(Shape):
    """A month's statement, as billing's own door says it in JSON."""

    month: str = Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    generated_at: AwareDatetime = Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))
    company: CompanyIn
    lines: list[LineIn]
    totals: Figures
    ranges: list[RangeIn]
