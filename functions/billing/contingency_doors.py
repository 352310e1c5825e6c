"""The tenant's door to contingency: declare it, register its paper, see what is still to be replaced, what stands now; end it."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import AwareDatetime, Field

from functions.billing import contingency, holding, outages, papers, paperwork
from functions.billing.contingency import Contingency, Paper, Tipo
from functions.billing.schemas import Shape, fiscal_moment
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.ecf.clock import fiscal_day
from shared.errors import NotFound
from shared.events.contingency import ContingencyDeclared
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

House = Annotated[Shell[Any], Depends(shell_of)]
Limit = Annotated[int, Query(ge=1, le=200)]


class ContingencyIn(Shape):
    """`tipo`: papel (nothing electronic can be issued, paper of series B goes out) or sin_conexion (documents are issued as ever,
    with a legend, and DGII must have them within 72 hours). `sucursal` names a branch of a partial contingency; without one it is
    the whole taxpayer. `started_at`: now unless said."""

    tipo: Tipo = Tipo.PAPEL
    sucursal: str | None = Field(default=None, min_length=1, max_length=20)
    motivo: str = Field(min_length=3, max_length=300)
    started_at: AwareDatetime | None = None


class ContingencyOut(Shape):
    """`paper_until` is the last day on which paper is valid, `replace_until` the last one for its e-CF (null while it is open);
    both are null for sin_conexion, which has no paper."""

    id: str
    tipo: Tipo
    sucursal: str | None
    motivo: str
    started_at: str
    ended_at: str | None
    paper_until: str | None
    replace_until: str | None
    registered: int
    replaced: int

    @classmethod
    def of(cls, found: Contingency) -> "ContingencyOut":
        return cls(
            id=found.id,
            tipo=found.tipo,
            sucursal=found.sucursal,
            motivo=found.motivo,
            started_at=found.started_at.isoformat(),
            ended_at=found.ended_at.isoformat() if found.ended_at else None,
            paper_until=found.paper_until.isoformat() if found.paper_until else None,
            replace_until=found.replace_until.isoformat() if found.replace_until else None,
            registered=found.registered,
            replaced=found.replaced,
        )


class ContingencyPage(Shape):
    items: list[ContingencyOut]
    next: str | None


class OutageOut(Shape):
    """DGII's: `cause` is unanswered, maintenance or status, `regimen` the one that documents are issued in meanwhile."""

    cause: str
    regimen: int
    started_at: str


class StandingOut(Shape):
    """`held` documents are signed, go to DGII later and are not there yet; the `nearest` deadline of them is null where none is."""

    outage: OutageOut | None
    contingencies: list[ContingencyOut]
    held: int
    nearest: str | None


class PaperIn(Shape):
    """A receipt of series B as it was handed out."""

    ncf: str = Field(min_length=1, max_length=20)
    fecha_emision: date
    monto_total: str = Field(pattern=r"^(0|[1-9][0-9]{0,15})\.[0-9]{2}$", max_length=19)
    rnc_comprador: str | None = Field(default=None, pattern=r"^([0-9]{9}|[0-9]{11})$")


class PapersIn(Shape):
    items: list[PaperIn] = Field(min_length=1, max_length=1000)


class PaperOut(Shape):
    """`encf` and `invoice_id` are of the e-CF that replaces it, null until one stands."""

    ncf: str
    fecha_emision: str
    monto_total: str
    rnc_comprador: str | None
    encf: str | None
    invoice_id: str | None


class PaperPage(Shape):
    items: list[PaperOut]
    next: str | None


def declare(body: ContingencyIn, caller: Caller, shell: House) -> ContingencyOut:
    contingency_id, began = uuid7(), contingency.check_start(body.started_at, datetime.now(UTC))
    with shell.transaction(caller.tenant) as tx:
        said = body.model_dump(exclude={"started_at"})
        papers.declare(tx, contingency_id=contingency_id, started_at=began, user=caller.user, **said)
        shell.announce(tx, ContingencyDeclared(started_at=began.isoformat(), by=caller.user, **said), subject=contingency_id)
        if body.tipo is Tipo.SIN_CONEXION:
            shell.work.add(tx, holding.HOLD_OURS, contingency_id)
        declared = _find(tx, contingency_id)
        paperwork.watch_paper(shell, tx, declared)
        return ContingencyOut.of(declared)


def end(contingency_id: str, caller: Caller, shell: House) -> ContingencyOut:
    with shell.transaction(caller.tenant) as tx:
        _find(tx, contingency_id)
        return ContingencyOut.of(paperwork.end(shell, tx, contingency_id, at=datetime.now(UTC), by=caller.user))


def standing(caller: Caller, shell: House) -> StandingOut:
    with shell.transaction(caller.tenant) as tx:
        outage, held, declared = outages.of_company(tx), outages.held(tx), papers.standing(tx)
    return StandingOut(
        outage=OutageOut(cause=outage.cause, regimen=outage.regimen, started_at=outage.started_at.isoformat()) if outage else None,
        contingencies=[ContingencyOut.of(one) for one in declared],
        held=held.held,
        nearest=fiscal_moment(held.nearest),
    )


def show(contingency_id: str, caller: Caller, shell: House) -> ContingencyOut:
    with shell.transaction(caller.tenant) as tx:
        return ContingencyOut.of(_find(tx, contingency_id))


def listing(caller: Caller, shell: House, limit: Limit = 50, cursor: str | None = None) -> ContingencyPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        found = papers.page(tx, before=before, limit=limit + 1)
    following = seal_cursor(found[limit - 1].id, caller.tenant) if len(found) > limit else None
    return ContingencyPage(items=[ContingencyOut.of(one) for one in found[:limit]], next=following)


def register(contingency_id: str, body: PapersIn, caller: Caller, shell: House) -> ContingencyOut:
    given = [Paper(p.ncf, p.fecha_emision, p.monto_total, p.rnc_comprador) for p in body.items]
    with shell.transaction(caller.tenant) as tx:
        contingency.check_papers(_find(tx, contingency_id), given, fiscal_day(datetime.now(UTC)))
        papers.register(tx, contingency_id, given)
        return ContingencyOut.of(_find(tx, contingency_id))


def list_papers(
    contingency_id: str, caller: Caller, shell: House, pending: bool = False, limit: Limit = 50, cursor: str | None = None
) -> PaperPage:
    after = open_cursor(cursor, caller.tenant) or ""
    with shell.transaction(caller.tenant) as tx:
        _find(tx, contingency_id)
        rows = papers.papers(tx, contingency_id, pending=pending, after=after, limit=limit + 1)
    items = [
        PaperOut(
            ncf=r.ncf,
            fecha_emision=r.fecha_emision.isoformat(),
            monto_total=str(r.monto_total),
            rnc_comprador=r.rnc_comprador,
            encf=r.encf,
            invoice_id=r.invoice_id,
        )
        for r in rows[:limit]
    ]
    return PaperPage(items=items, next=seal_cursor(items[-1].ncf, caller.tenant) if len(rows) > limit else None)


def _find(tx: Transaction, contingency_id: str) -> Contingency:
    found = papers.find(tx, contingency_id)
    if found is None:
        raise NotFound
    return found


_ONE = "/tenant/contingencies/{contingency_id}"

ROUTES = [
    Route("POST", "/tenant/contingencies", declare, Permission.SEQUENCES_WRITE, status=201, summary="Declare a contingency"),
    Route("GET", "/tenant/contingencies", listing, Permission.SEQUENCES_READ, summary="Contingencies, newest first"),
    Route("GET", "/tenant/contingencies/standing", standing, Permission.INVOICES_READ, summary="What stands now, what is held"),
    Route("GET", _ONE, show, Permission.SEQUENCES_READ, summary="One contingency and its last days"),
    Route("POST", _ONE + "/end", end, Permission.SEQUENCES_WRITE, summary="It works again"),
    Route("POST", _ONE + "/papers", register, Permission.ECF_EMIT, summary="Register paper receipts"),
    Route("GET", _ONE + "/papers", list_papers, Permission.SEQUENCES_READ, summary="Its paper, and what replaces it"),
]
