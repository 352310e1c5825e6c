"""Support in a company, just in time: a person of the platform may read it for a while, and the company sees who, why, until when.

It is a log-in of its own, with a second factor, for a role that only reads (security D-32); the company ends it when it likes.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query

from functions.auth import accesses, domain, entry, membership, sessions, store
from functions.auth.gateway import Keyring
from functions.auth.staff_schemas import SupportIn, SupportOut, SupportPage
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import NotFound
from shared.events.people import SupportEnded, SupportStarted
from shared.flow.work import Job
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import SUPPORT_READER, Permission

House = Annotated[Shell[Keyring], Depends(shell_of)]
END = "support-end"
"""The kind of the work row that ends an access when its time is over."""


def ask(body: SupportIn, caller: Caller, shell: House) -> SupportOut:
    """From now on the person may log in with this `company`, until the time is over."""
    with shell.transaction(PLATFORM) as tx:
        person, estado = store.by_id(tx, caller.user), store.estado_of(tx, body.company)
    if person is None or estado is None:
        raise NotFound
    access_id, now = uuid7(), datetime.now(UTC)
    life = timedelta(minutes=body.minutes)
    with shell.transaction(body.company) as tx:
        # One whose time is over and whose job has not run yet must not end this one.
        _end(shell, tx, accesses.end(tx, "expired", user_id=person.id, past=True), "expired", by=None)
        if not membership.give(
            tx,
            user_id=person.id,
            company=body.company,
            role=SUPPORT_READER,
            expires_at=now + life,
            by=person.id,
            reason=body.reason,
        ):
            raise domain.SupportOpen
        accesses.open_access(tx, access_id=access_id, user_id=person.id, reason=body.reason, until=now + life)
        started = SupportStarted(person_id=person.id, reason=body.reason, until=(now + life).isoformat())
        shell.announce(tx, started, subject=access_id)
        shell.work.add(tx, END, access_id, delay=life)
    return SupportOut(
        id=access_id,
        person=person.name,
        email=person.email,
        reason=body.reason,
        started_at=now.isoformat(),
        until=(now + life).isoformat(),
        ended_at=None,
        because=None,
    )


def listing(
    caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> SupportPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = accesses.page(tx, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return SupportPage(items=[_out(row) for row in rows[:limit]], next=following)


def end(access_id: str, caller: Caller, shell: House) -> None:
    """The company's own act: at once, without a reason."""
    with shell.transaction(caller.tenant) as tx:
        _ended(shell, tx, accesses.end(tx, "company", access_id=access_id), "company", by=caller.user)


def leave(company_id: str, caller: Caller, shell: House) -> None:
    """The person's own act, when the work is done before its time."""
    with shell.transaction(PLATFORM) as tx:
        if store.estado_of(tx, company_id) is None:
            raise NotFound
    with shell.transaction(company_id) as tx:
        _ended(shell, tx, accesses.end(tx, "self", user_id=caller.user), "self", by=caller.user)


def leave_all(shell: Shell[Keyring], user_id: str, companies: list[str], *, by: str) -> None:
    """For whoever is no longer of the platform and has lost the grants already: each company's log says so."""
    for company in companies:
        with shell.transaction(company) as tx:
            _end(shell, tx, accesses.end(tx, "staff", user_id=user_id), "staff", by=by)


def expire(shell: Shell[Keyring], job: Job) -> None:
    with shell.transaction(job.tenant) as tx:
        _end(shell, tx, accesses.end(tx, "expired", access_id=job.key), "expired", by=None)
        shell.work.finish(tx, job)


def _ended(shell: Shell[Keyring], tx: Transaction, ended: list[tuple[str, str]], because: str, *, by: str | None) -> None:
    if not ended:
        raise NotFound
    _end(shell, tx, ended, because, by=by)
    for access, _ in ended:
        shell.work.settle(tx, END, access)


def _end(shell: Shell[Keyring], tx: Transaction, ended: list[tuple[str, str]], because: str, *, by: str | None) -> None:
    for access, person in ended:
        accesses.end_grants(tx, person, company=tx.tenant)
        for session in sessions.end_all(tx, person, "support", company=tx.tenant):
            entry.say_ended(shell, tx, session, person, "support")
        shell.announce(tx, SupportEnded(person_id=person, because=because, by=by), subject=access, sequence=2)


def _out(row: Record) -> SupportOut:
    fields = dict(row._mapping)
    for name in ("started_at", "until", "ended_at"):
        fields[name] = fields[name].isoformat() if fields[name] else None
    return SupportOut(**fields)


ROUTES = [
    Route("POST", "/auth/support", ask, Permission.SUPPORT_ACCESS, status=201, summary="May I read this company for a while"),
    Route("GET", "/auth/support", listing, Permission.USERS_READ, summary="Support in the company, newest first"),
    Route("DELETE", "/auth/support/{access_id}", end, Permission.USERS_WRITE, status=204, summary="End it at once"),
    Route(
        "DELETE",
        "/auth/staff/support/{company_id}",
        leave,
        Permission.SUPPORT_ACCESS,
        status=204,
        summary="End one's own access before its time",
    ),
]
