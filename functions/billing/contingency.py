"""What a company declares: that nothing electronic can be issued (regime 2), or that it has no connection (regime 1).

In regime 2 paper of series B goes out and is replaced afterwards; in regime 1 documents are signed as ever, and `remission.py` has
their clocks. Those of paper are the law's (IT §19, Decreto 587-24 arts. 40-43): at most 15 calendar days, and its e-CF within 30
calendar days after the contingency ends. Declaring that at DGII itself is done by a person in the virtual office. Pure.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from functions.billing.remission import Phase
from shared.ecf.clock import SANTO_DOMINGO, fiscal_day
from shared.ecf.types import SERIES_B
from shared.errors import Conflict, FieldError, InvalidInput

PAPER_DAYS = timedelta(days=15)
REPLACE_DAYS = timedelta(days=30)
REPLACES = 4
"""CodigoModificacion of an e-CF that replaces a paper receipt."""

_NCF = re.compile(r"B[0-9]{10}")


class Tipo(StrEnum):
    PAPEL = "papel"
    SIN_CONEXION = "sin_conexion"


class Deadline(StrEnum):
    """What has a last day: handing out paper, and replacing it with e-CF."""

    PAPER = "paper"
    REPLACEMENT = "replacement"


_NOTICE = {Deadline.PAPER: timedelta(days=3), Deadline.REPLACEMENT: timedelta(days=5)}
_MORNING = time(6, 30)


class ContingencyOpen(Conflict):
    """Another contingency of that scope is open: end it first."""

    slug = "contingency-open"


class ContingencyEnded(Conflict):
    slug = "contingency-ended"


class ContingencyHasNoPaper(Conflict):
    """Without connection documents are electronic as ever: there is nothing to register."""

    slug = "contingency-has-no-paper"


class PaperReplaced(Conflict):
    """The paper receipt has its e-CF already. Facts: `ncf`, `encf`."""

    slug = "paper-replaced"


class PaperDiffers(Conflict):
    """The number is registered with other data. Fact: `ncf`."""

    slug = "paper-differs"


@dataclass(frozen=True)
class Contingency:
    """`sucursal` None: the whole taxpayer. `registered` and `replaced` count its paper."""

    id: str
    tipo: Tipo
    sucursal: str | None
    motivo: str
    started_at: datetime
    ended_at: datetime | None
    registered: int = 0
    replaced: int = 0

    @property
    def paper_until(self) -> date | None:
        """The last day on which paper is valid; None where none is."""
        if self.tipo is not Tipo.PAPEL:
            return None
        last = _day(self.started_at) + PAPER_DAYS
        return min(last, _day(self.ended_at)) if self.ended_at else last

    @property
    def version(self) -> int:
        """It changes once: it ends."""
        return 2 if self.ended_at else 1

    @property
    def pending(self) -> int:
        """How much of its paper no e-CF replaces."""
        return self.registered - self.replaced

    def last_day(self, deadline: Deadline) -> date:
        """Of a contingency with paper; the replacement's, of one that has ended."""
        last = self.paper_until if deadline is Deadline.PAPER else self.replace_until
        assert last is not None, f"{self.id} has no deadline of {deadline.value}"
        return last

    def runs(self, deadline: Deadline) -> bool:
        """Whether there is still something to do before that deadline."""
        return self.ended_at is None if deadline is Deadline.PAPER else self.pending > 0

    @property
    def replace_until(self) -> date | None:
        """The last day for the e-CF that replace its paper; None while it is open, and where there is none."""
        return _day(self.ended_at) + REPLACE_DAYS if self.ended_at and self.tipo is Tipo.PAPEL else None


@dataclass(frozen=True)
class Paper:
    """A receipt of series B as it was handed out; `monto_total` is text with two decimals."""

    ncf: str
    fecha_emision: date
    monto_total: str
    rnc_comprador: str | None


def told_at(last: date, deadline: Deadline, phase: Phase) -> datetime:
    """The morning on which people are told that a last day is near, or has passed."""
    day = last - _NOTICE[deadline] if phase is Phase.NEAR else last + timedelta(days=1)
    return datetime.combine(day, _MORNING, SANTO_DOMINGO)


def check_start(started_at: datetime | None, now: datetime) -> datetime:
    """When it began: now unless said; InvalidInput for the future and for what is older than its own paper may be."""
    began = started_at or now
    if began.tzinfo is None:
        raise InvalidInput(
            FieldError("/started_at", "offset", "Indique la hora con su zona, por ejemplo 2026-11-24T08:00:00-04:00.")
        )
    if began > now or now - began > PAPER_DAYS + REPLACE_DAYS:
        text = "El inicio debe estar entre hace 45 días y ahora."
        raise InvalidInput(FieldError("/started_at", "range", text))
    return began


def check_papers(contingency: Contingency, papers: list[Paper], today: date) -> None:
    """InvalidInput naming every receipt that this contingency cannot hold; ContingencyHasNoPaper where it can hold none."""
    if contingency.paper_until is None:
        raise ContingencyHasNoPaper
    first, last = _day(contingency.started_at), min(contingency.paper_until, today)
    wrong, seen = list[FieldError](), set[str]()
    for index, paper in enumerate(papers):
        at = f"/items/{index}"
        if not _NCF.fullmatch(paper.ncf) or paper.ncf[:3] not in SERIES_B.values():
            text = f"«{paper.ncf[:20]}» no es un NCF de serie B: B, dos dígitos del tipo y ocho de la secuencia."
            wrong.append(FieldError(f"{at}/ncf", "ncf", text))
        elif paper.ncf in seen:
            wrong.append(FieldError(f"{at}/ncf", "twice", f"{paper.ncf} está dos veces en la lista."))
        seen.add(paper.ncf)
        if not first <= paper.fecha_emision <= last:
            text = f"La fecha debe estar entre {first:%d-%m-%Y} y {last:%d-%m-%Y}, los días de esta contingencia."
            wrong.append(FieldError(f"{at}/fecha_emision", "range", text))
    if wrong:
        raise InvalidInput(*wrong)


def _day(moment: datetime) -> date:
    return fiscal_day(moment)
