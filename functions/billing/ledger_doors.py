"""The tenant's doors to ranges and to the ledger of their numbers."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Depends, Query

from functions.billing import sequences
from functions.billing.domain import SANTO_DOMINGO
from functions.billing.gateway import Outside
from functions.billing.ledger_schemas import SequenceIn, SequenceOut, SequencePage
from functions.billing.ranges import check_range
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.errors import FieldError, InvalidInput
from shared.events.catalogue import SequenceRegistered
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

House = Annotated[Shell[Outside], Depends(shell_of)]
Limit = Annotated[int, Query(ge=1, le=200)]


def register(body: SequenceIn, caller: Caller, shell: House) -> SequenceOut:
    today = _today()
    wanted = check_range(body.tipo_ecf, body.desde, body.hasta, body.vencimiento, today=today, sucursal=body.sucursal)
    sequence_id = uuid7()
    with shell.transaction(caller.tenant) as tx:
        _check_owner(tx, body.rnc_emisor)
        row = sequences.register(tx, sequence_id, wanted, today=today)
        registered = SequenceRegistered(
            sequence_id=sequence_id,
            tipo_ecf=int(wanted.tipo),
            desde=wanted.desde,
            hasta=wanted.hasta,
            vencimiento=wanted.vencimiento.isoformat() if wanted.vencimiento else None,
        )
        shell.announce(tx, registered, subject=sequence_id)
    return SequenceOut.of(row)


def _check_owner(tx: Transaction, rnc_emisor: str | None) -> None:
    if rnc_emisor is not None and rnc_emisor != sequences.rnc(tx):
        raise InvalidInput(FieldError("/rnc_emisor", "rnc-other", "El rango es de otro contribuyente. Regístrelo en su empresa."))


def listing(caller: Caller, shell: House, limit: Limit = 50, cursor: str | None = None) -> SequencePage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = sequences.page(tx, before=before, limit=limit + 1, today=_today())
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return SequencePage(items=[SequenceOut.of(row) for row in rows[:limit]], next=following)


def _today() -> date:
    return datetime.now(UTC).astimezone(SANTO_DOMINGO).date()


_READ, _WRITE = Permission.SEQUENCES_READ, Permission.SEQUENCES_WRITE

ROUTES = [
    Route("POST", "/tenant/sequences", register, _WRITE, status=201, summary="Register a range"),
    Route("GET", "/tenant/sequences", listing, _READ, summary="Ranges, newest first"),
]
