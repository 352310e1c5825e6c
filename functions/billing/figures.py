"""The figures of a month's statement: of each range, summed by type and branch, and in all. Pure."""

from dataclasses import astuple, dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Figures:
    """What became of a month's numbers; `condicionales` are among the accepted, `sin_explicar` got lost, which none may."""

    emitidos: int = 0
    aceptados: int = 0
    condicionales: int = 0
    rechazados: int = 0
    pendientes: int = 0
    sin_usar: int = 0
    anulados: int = 0
    sin_explicar: int = 0
    monto_aceptado: Decimal = Decimal(0)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Line:
    """One type at one branch in a month's statement."""

    tipo_ecf: int
    sucursal: str
    rangos: int
    figures: Figures


@dataclass(frozen=True)
class Gap:
    """Numbers without a document, and why."""

    desde: int
    hasta: int
    estado: str

    @property
    def count(self) -> int:
        return self.hasta - self.desde + 1


@dataclass(frozen=True)
class RangeLine:
    """One range in a month's statement, with its gaps as they are now."""

    id: str
    tipo_ecf: int
    sucursal: str
    desde: int
    hasta: int
    vencimiento: date
    figures: Figures
    gaps: list[Gap]


@dataclass(frozen=True)
class Issuer:
    """Whose numbers they are."""

    rnc: str
    razon_social: str
    environment: str


@dataclass(frozen=True)
class Month:
    """A month's statement by range, as it was known at a moment."""

    month: str
    generated_at: datetime
    issuer: Issuer
    ranges: list[RangeLine]

    @property
    def lines(self) -> list[Line]:
        """By type and branch, in the order of the ranges."""
        found: dict[tuple[int, str], list[Figures]] = {}
        for one in self.ranges:
            found.setdefault((one.tipo_ecf, one.sucursal), []).append(one.figures)
        return [Line(*key, len(held), sum(held, Figures())) for key, held in found.items()]

    @property
    def totals(self) -> Figures:
        return sum((one.figures for one in self.ranges), Figures())
