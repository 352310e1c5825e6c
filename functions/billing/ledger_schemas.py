"""The wire of ranges and of the ledger of numbers."""

from datetime import date
from typing import Literal

from pydantic import Field

from functions.billing.schemas import Shape
from shared.db.engine import Record


class SequenceIn(Shape):
    """A range as DGII authorised it; `vencimiento` is the date DGII registered (a 32 and a 34 have none).

    With a `sucursal` only documents that name it (`emisor.sucursal`) take from it. `rnc_emisor`, when sent, must be the company's.
    """

    tipo_ecf: int = Field(ge=31, le=47)
    desde: int = Field(ge=1, le=9_999_999_999)
    hasta: int = Field(ge=1, le=9_999_999_999)
    vencimiento: str | None = Field(default=None, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
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
    vencimiento: str | None
    sucursal: str | None
    estado: Literal["activa", "detenida", "vencida", "agotada"]
    stopped_because: str | None
    created_at: str

    @classmethod
    def of(cls, row: Record) -> "SequenceOut":
        return cls(**told(row))


class SequencePage(Shape):
    items: list[SequenceOut]
    next: str | None


def told(row: Record) -> dict[str, object]:
    """What a range's row says on the wire."""
    vencimiento: date | None = row.vencimiento
    plain = ("id", "tipo_ecf", "desde", "hasta", "next", "sucursal", "estado", "stopped_because")
    return {name: getattr(row, name) for name in plain} | {
        "remaining": int(row.remaining),
        "vencimiento": vencimiento.isoformat() if vencimiento else None,
        "created_at": row.created_at.isoformat(),
    }
