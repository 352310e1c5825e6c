"""The wire of ranges and of the ledger of numbers."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from functions.billing.figures import Figures, Line, Month, RangeLine
from functions.billing.schemas import Shape
from shared.db.engine import Record

GAPS_TOLD = 90
"""Of each range, in a statement."""


class SequenceIn(Shape):
    """A range as DGII authorised it; `vencimiento` is its last day as DGII registered it, for every type (documents 32 and 34
    do not print it).

    With a `sucursal` only documents that name it (`emisor.sucursal`) take from it. `rnc_emisor`, when sent, must be the company's.
    """

    tipo_ecf: int = Field(ge=31, le=47)
    desde: int = Field(ge=1, le=9_999_999_999)
    hasta: int = Field(ge=1, le=9_999_999_999)
    vencimiento: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    sucursal: str | None = Field(default=None, min_length=1, max_length=20)
    rnc_emisor: str | None = Field(default=None, pattern=r"^[0-9]{9}([0-9]{2})?$")


class SequenceOut(Shape):
    """`next` is the first number never issued, `remaining` how many there are; a range that is `detenida` gives none."""

    id: str
    tipo_ecf: int
    desde: int
    hasta: int
    next: int
    remaining: int
    vencimiento: str
    sucursal: str | None
    estado: Literal["activa", "detenida", "vencida", "agotada"]
    stopped_because: str | None
    created_at: str

    @classmethod
    def of(cls, row: Record) -> "SequenceOut":
        return cls(**_range(row))


class SequencePage(Shape):
    items: list[SequenceOut]
    next: str | None


class SequenceDetail(SequenceOut):
    """`numbers` counts all of the range by state: libre, arrendado, the states of an invoice, sin_usar, en_anulacion, anulado,
    adoptado and sin_noticia (a restore lost their documents; DGII knows them, or not)."""

    numbers: dict[str, int]

    @classmethod
    def counted(cls, row: Record, numbers: dict[str, int]) -> "SequenceDetail":
        return cls(**_range(row), numbers=numbers)


class NumberStep(Shape):
    """`intento` and `invoice_id` name the document that the step was about, when it was about one."""

    at: str
    what: str
    estado: str
    intento: int | None
    invoice_id: str | None
    detail: dict[str, Any]


class NumberOut(Shape):
    """`estado` is the one state of the number; `invoice_id` its latest document, `lease_id` the lease it was cut for."""

    encf: str
    estado: str
    sequence_id: str
    invoice_id: str | None
    lease_id: str | None
    history: list[NumberStep]

    @classmethod
    def of(cls, encf: str, row: Record, history: Sequence[Record]) -> "NumberOut":
        steps = [NumberStep(**{**step._mapping, "at": step.at.isoformat()}) for step in history]
        return cls(encf=encf, **row._mapping, history=steps)


class Gap(Shape):
    """Numbers from `desde` to `hasta` without a document, and why.

    arrendado, devuelto, adoptado, sin_noticia, or the state of a voiding.
    """

    desde: int
    hasta: int
    estado: str
    lease_id: str | None


class GapPage(Shape):
    items: list[Gap]
    next: str | None


class LeaseIn(Shape):
    """`holder` is the branch or point of sale; the lease ends at `until` (with its offset) by itself."""

    holder: str = Field(min_length=1, max_length=100)
    count: int = Field(ge=1, le=1_000_000)
    until: AwareDatetime


class LeaseOut(Shape):
    """`next` is the first number not issued yet; emissions name the lease by `?lease=` and its id."""

    id: str
    sequence_id: str
    tipo_ecf: int
    holder: str
    desde: int
    hasta: int
    next: int
    remaining: int
    until: str
    estado: Literal["vigente", "vencido", "devuelto", "agotado"]
    returned_at: str | None
    created_at: str

    @classmethod
    def of(cls, row: Record) -> "LeaseOut":
        returned: datetime | None = row.returned_at
        told = {
            "remaining": int(row.remaining),
            "until": row.until.isoformat(),
            "created_at": row.created_at.isoformat(),
            "returned_at": returned.isoformat() if returned else None,
        }
        return cls(**{**row._mapping, **told})


class LeasePage(Shape):
    items: list[LeaseOut]
    next: str | None


class StatementFigures(Shape):
    """The amount is of accepted documents, `condicionales` are among them; `sin_explicar` counts lost numbers (none may be)."""

    emitidos: int
    aceptados: int
    condicionales: int
    rechazados: int
    pendientes: int
    sin_usar: int
    anulados: int
    sin_explicar: int
    monto_aceptado: str


class StatementLine(StatementFigures):
    """One type at one branch (empty: no branch)."""

    tipo_ecf: int
    sucursal: str
    rangos: int

    @classmethod
    def of(cls, line: Line) -> "StatementLine":
        return cls(tipo_ecf=line.tipo_ecf, sucursal=line.sucursal, rangos=line.rangos, **_figures(line.figures))


class StatementGap(Shape):
    """Numbers without a document and why: the words of a range's gaps."""

    desde: int
    hasta: int
    estado: str


class StatementRange(StatementFigures):
    """One range. `gaps` are its first as they are now, `more_gaps` says that there are others at the range's own door."""

    id: str
    tipo_ecf: int
    sucursal: str
    desde: int
    hasta: int
    vencimiento: str
    gaps: list[StatementGap]
    more_gaps: bool

    @classmethod
    def of(cls, one: RangeLine) -> "StatementRange":
        return cls(
            id=one.id,
            tipo_ecf=one.tipo_ecf,
            sucursal=one.sucursal,
            desde=one.desde,
            hasta=one.hasta,
            vencimiento=one.vencimiento.isoformat(),
            gaps=[StatementGap(**asdict(gap)) for gap in one.gaps[:GAPS_TOLD]],
            more_gaps=len(one.gaps) > GAPS_TOLD,
            **_figures(one.figures),
        )


class StatementCompany(Shape):
    rnc: str
    razon_social: str
    environment: str


class StatementOut(Shape):
    """Documents count by FechaEmision, voidings by the day of DGII's answer; `lines` sum the ranges by type and branch."""

    month: str
    generated_at: str
    company: StatementCompany
    lines: list[StatementLine]
    totals: StatementFigures
    ranges: list[StatementRange]

    @classmethod
    def of(cls, month: Month) -> "StatementOut":
        return cls(
            month=month.month,
            generated_at=month.generated_at.isoformat(timespec="seconds"),
            company=StatementCompany(**asdict(month.issuer)),
            lines=[StatementLine.of(line) for line in month.lines],
            totals=StatementFigures(**_figures(month.totals)),
            ranges=[StatementRange.of(one) for one in month.ranges],
        )


def _figures(figures: Figures) -> dict[str, Any]:
    return {**asdict(figures), "monto_aceptado": f"{figures.monto_aceptado:.2f}"}


def _range(row: Record) -> dict[str, Any]:
    """What a range's row says on the wire."""
    vencimiento: date = row.vencimiento
    plain = ("id", "tipo_ecf", "desde", "hasta", "next", "sucursal", "estado", "stopped_because")
    return {name: getattr(row, name) for name in plain} | {
        "remaining": int(row.remaining),
        "vencimiento": vencimiento.isoformat(),
        "created_at": row.created_at.isoformat(),
    }
