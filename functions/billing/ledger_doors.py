"""The tenant's doors to ranges and to the ledger of their numbers."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Header, Query
from fastapi.responses import JSONResponse, Response

from functions.billing import leases, ledger, reconciliations, registration, sequences, statement
from functions.billing.gateway import Outside
from functions.billing.ledger_schemas import (
    Gap,
    GapPage,
    LeaseIn,
    LeaseOut,
    LeasePage,
    NumberOut,
    SequenceDetail,
    SequenceIn,
    SequenceOut,
    SequencePage,
    StatementOut,
)
from functions.billing.ranges import SequenceNotStopped, check_until, read_encf
from shared.db.engine import Record, Transaction
from shared.ecf.clock import fiscal_day
from shared.errors import NotFound
from shared.events.sequences import SequenceResumed
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

House = Annotated[Shell[Outside], Depends(shell_of)]
Limit = Annotated[int, Query(ge=1, le=200)]


def register(body: SequenceIn, caller: Caller, shell: House) -> SequenceOut:
    return SequenceOut.of(registration.register(shell, caller.tenant, caller.user, body, _today()))


def listing(caller: Caller, shell: House, limit: Limit = 50, cursor: str | None = None) -> SequencePage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = sequences.page(tx, before=before, limit=limit + 1, today=_today())
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return SequencePage(items=[SequenceOut.of(row) for row in rows[:limit]], next=following)


def show(sequence_id: str, caller: Caller, shell: House) -> SequenceDetail:
    with shell.transaction(caller.tenant) as tx:
        return SequenceDetail.counted(_found(tx, sequence_id), ledger.counts(tx, sequence_id))


def gaps(sequence_id: str, caller: Caller, shell: House, limit: Limit = 50, cursor: str | None = None) -> GapPage:
    after = int(open_cursor(cursor, caller.tenant) or 0)
    with shell.transaction(caller.tenant) as tx:
        _found(tx, sequence_id)
        rows = ledger.gaps(tx, sequence_id, after=after, limit=limit + 1)
    following = seal_cursor(str(rows[limit - 1].desde), caller.tenant) if len(rows) > limit else None
    return GapPage(items=[Gap(**row._mapping) for row in rows[:limit]], next=following)


def number(encf: str, caller: Caller, shell: House) -> NumberOut:
    read = read_encf(encf)
    with shell.transaction(caller.tenant) as tx:
        row = ledger.number(tx, read)
        if row is None:
            raise NotFound
        return NumberOut.of(str(read), row, ledger.history(tx, row.sequence_id, read.secuencia))


class Form(StrEnum):
    """How the statement is written."""

    JSON = "json"
    CSV = "csv"
    PDF = "pdf"


_MEDIA = {Form.PDF: "application/pdf", Form.CSV: "text/csv"}


def month(
    caller: Caller,
    shell: House,
    month: Annotated[str, Query(pattern=r"^[0-9]{4}-[0-9]{2}$")],
    format: Annotated[Form | None, Query()] = None,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """PDF is ri's work: while it does not answer, JSON and CSV still are there."""
    first = statement.month_of(month)
    with shell.transaction(caller.tenant) as tx:
        found = statement.of_month(tx, first, now=datetime.now(UTC))
    form = format or next((form for form, media in _MEDIA.items() if media in accept), Form.JSON)
    if form is Form.CSV:
        return _file(statement.as_csv(found.lines), "text/csv; charset=utf-8", f"numeros-{month}.csv")
    said = StatementOut.of(found).model_dump()
    if form is Form.PDF:
        return _file(shell.outside.press.statement(said, tenant=caller.tenant), _MEDIA[form], f"numeros-{month}.pdf")
    return JSONResponse(said)


def _file(content: str | bytes, media: str, name: str) -> Response:
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def resume(sequence_id: str, caller: Caller, shell: House) -> SequenceOut:
    with shell.transaction(caller.tenant) as tx:
        _found(tx, sequence_id)
        row = sequences.resume(tx, sequence_id, today=_today())
        if row is None:
            raise SequenceNotStopped
        shell.announce(tx, SequenceResumed(sequence_id=row.id, by=caller.user), subject=row.id, sequence=row.version)
        return SequenceOut.of(row)


def lend(sequence_id: str, body: LeaseIn, caller: Caller, shell: House) -> LeaseOut:
    check_until(body.until, datetime.now(UTC))
    with shell.transaction(caller.tenant) as tx:
        reconciliations.refuse_while_open(tx)
        row = leases.lend(tx, sequence_id, holder=body.holder, count=body.count, until=body.until, user=caller.user, today=_today())
        return LeaseOut.of(row)


def list_leases(sequence_id: str, caller: Caller, shell: House, limit: Limit = 50, cursor: str | None = None) -> LeasePage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        _found(tx, sequence_id)
        rows = leases.page(tx, sequence_id, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return LeasePage(items=[LeaseOut.of(row) for row in rows[:limit]], next=following)


def give_back(sequence_id: str, lease_id: str, caller: Caller, shell: House) -> LeaseOut:
    with shell.transaction(caller.tenant) as tx:
        return LeaseOut.of(leases.give_back(tx, sequence_id, lease_id))


def _found(tx: Transaction, sequence_id: str) -> Record:
    row = sequences.find(tx, sequence_id, today=_today())
    if row is None:
        raise NotFound
    return row


def _today() -> date:
    return fiscal_day(datetime.now(UTC))


_READ, _WRITE = Permission.SEQUENCES_READ, Permission.SEQUENCES_WRITE
STATEMENT = {
    "responses": {
        "200": {
            "description": "CSV or PDF with `format` or by `Accept`; 503 where only the PDF cannot be made now",
            "content": {
                "application/json": {"schema": StatementOut.model_json_schema()},
                "text/csv": {"schema": {"type": "string"}},
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }
}
_SEQUENCE = "/tenant/sequences/{sequence_id}"

ROUTES = [
    Route("POST", "/tenant/sequences", register, _WRITE, status=201, summary="Register a range"),
    Route("GET", "/tenant/sequences", listing, _READ, summary="Ranges, newest first"),
    Route(
        "GET",
        "/tenant/sequences/statement",
        month,
        _READ,
        summary="The month's numbers by type and branch",
        openapi=STATEMENT,
    ),
    Route("GET", "/tenant/sequences/numbers/{encf}", number, _READ, summary="One number: its state and how it got there"),
    Route("GET", _SEQUENCE, show, _READ, summary="One range, its numbers counted by state"),
    Route("GET", _SEQUENCE + "/gaps", gaps, _READ, summary="Numbers without a document, and why"),
    Route("POST", _SEQUENCE + "/resume", resume, _WRITE, summary="Let a stopped range give numbers again"),
    Route("POST", _SEQUENCE + "/leases", lend, _WRITE, status=201, summary="Lend a branch the next numbers"),
    Route("GET", _SEQUENCE + "/leases", list_leases, _READ, summary="Leases of a range, newest first"),
    Route("POST", _SEQUENCE + "/leases/{lease_id}/return", give_back, _WRITE, summary="End a lease; its rest goes out first"),
]
