"""Brokers' door for what they could not deliver, the safety net's wake-up, and platform people's door to both kinds of dead."""

from typing import Annotated

from fastapi import Depends, Query, Request

from functions.relay import domain, store
from functions.relay.schemas import DeadLetterOut, DeadLetterPage, DeadWorkKey, DeadWorkList, DeadWorkOut, WokenOut
from functions.relay.watch import Watch
from shared.db.engine import Record
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import NotFound, Unavailable
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Body, Caller, Public, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

House = Annotated[Shell[Watch], Depends(shell_of)]


def keep(request: Request, body: Body, shell: House) -> None:
    letter = domain.DeadLetter.of(request.headers, body)
    with shell.transaction(PLATFORM) as tx:
        store.bury(tx, uuid7(), letter)


def wake(body: Body, shell: House) -> None:
    shell.outside.tick(shell)
    shell.outside.heal(shell)


def letters(
    caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> DeadLetterPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(PLATFORM) as tx:
        rows = store.letters(tx, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return DeadLetterPage(items=[_out(row) for row in rows[:limit]], next=following)


def replay(letter_id: str, caller: Caller, shell: House) -> WokenOut:
    with shell.transaction(PLATFORM) as tx:
        letter = store.letter(tx, letter_id)
    if letter is None:
        raise NotFound
    if not shell.publisher.send(domain.replay_headers(letter.headers, letter.id), letter.body):
        raise Unavailable
    with shell.transaction(PLATFORM) as tx:
        store.mark_replayed(tx, letter.id)
    return WokenOut(resent=1)


def dead_work(caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> DeadWorkList:
    with shell.transaction(PLATFORM) as tx:
        rows = store.dead_work(tx, limit)
    return DeadWorkList(
        items=[
            DeadWorkOut(
                company=r.tenant_id,
                function=r.function,
                kind=r.kind,
                key=r.key,
                attempts=r.attempts,
                last_error=r.last_error,
                finished_at=r.finished_at and r.finished_at.isoformat(),
            )
            for r in rows
        ]
    )


def revive(body: DeadWorkKey, caller: Caller, shell: House) -> WokenOut:
    with shell.transaction(PLATFORM) as tx:
        if not store.revive(tx, **body.model_dump()):
            raise NotFound
    return WokenOut(resent=1)


def _out(row: Record) -> DeadLetterOut:
    fields = dict(row._mapping)
    fields["received_at"] = row.received_at.isoformat()
    fields["replayed_at"] = row.replayed_at.isoformat() if row.replayed_at else None
    return DeadLetterOut(**fields)


ROUTES = [
    Route("POST", "/dead-letters", keep, Public("brokers carry no credentials; cluster-local"), status=204),
    Route("POST", "/wake", wake, Public("a PingSource carries no credentials; cluster-local, does no harm"), status=204),
    Route("GET", "/admin/dead-letters", letters, Permission.DEAD_LETTERS_READ, summary="Dead letters, newest first"),
    Route("POST", "/admin/dead-letters/{letter_id}/replay", replay, Permission.DEAD_LETTERS_REPLAY, summary="Send one again"),
    Route("GET", "/admin/dead-letters/work", dead_work, Permission.DEAD_LETTERS_READ, summary="Dead jobs"),
    Route("POST", "/admin/dead-letters/work/revive", revive, Permission.DEAD_LETTERS_REPLAY, summary="Make a dead job due"),
]
