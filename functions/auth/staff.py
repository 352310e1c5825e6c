"""People of the platform: administrators and support. There is always an administrator."""

from typing import Annotated

from fastapi import Depends, Query

from functions.auth import accesses, domain, entry, membership, sessions, store, support
from functions.auth.gateway import Keyring
from functions.auth.schemas import MemberOut, MemberPage
from functions.auth.staff_schemas import StaffChange, StaffIn
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import NotFound
from shared.events.people import GrantChanged, PersonInvited
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission, Scope
from shared.identity.principal import Principal

House = Annotated[Shell[Keyring], Depends(shell_of)]
ADMIN = "platform_admin"


def listing(caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None) -> MemberPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(PLATFORM) as tx:
        rows = membership.members(tx, PLATFORM, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return MemberPage(items=[_member(row) for row in rows[:limit]], next=following)


def invite(body: StaffIn, caller: Caller, shell: House) -> MemberOut:
    """A known person, or a new one, who then gets a mail; the first log-in asks for a second factor."""
    with shell.transaction(PLATFORM) as tx:
        _may_give(tx, caller, body.role)
        store.add_user(tx, user_id=uuid7(), email=body.email, name=body.name)
        person = store.by_email(tx, body.email)
        if person is None:
            raise domain.NotGranted
        if not membership.give(tx, user_id=person.id, company=PLATFORM, role=body.role, expires_at=None, by=caller.user):
            raise domain.AlreadyStaff
        _say(shell, tx, caller, person.id, "granted", body.role)
        if person.password_hash is None:
            shell.announce(tx, PersonInvited(company=PLATFORM, role=body.role, by=caller.user), subject=person.id)
    return MemberOut(
        id=person.id,
        email=person.email,
        name=person.name,
        role=body.role,
        expires_at=None,
        accepted=person.password_hash is not None,
        second_factor=person.second_factor,
    )


def change(user_id: str, body: StaffChange, caller: Caller, shell: House) -> None:
    """Another role; the person's platform sessions end, so that it counts at once."""
    with shell.transaction(PLATFORM) as tx:
        row = _touch(tx, user_id, leaves=body.role != ADMIN)
        _may_give(tx, caller, row.role)
        _may_give(tx, caller, body.role)
        membership.change(tx, user_id=user_id, company=PLATFORM, role=body.role, expires_at=None, by=caller.user)
        _say(shell, tx, caller, user_id, "changed", body.role)
        _end_sessions(shell, tx, user_id, PLATFORM)


def remove(user_id: str, caller: Caller, shell: House) -> None:
    """No longer of the platform; every support access of the person ends with it."""
    with shell.transaction(PLATFORM) as tx:
        row = _touch(tx, user_id, leaves=True)
        _may_give(tx, caller, row.role)
        membership.end(tx, PLATFORM, user_id)
        _say(shell, tx, caller, user_id, "ended", row.role)
        companies = accesses.end_grants(tx, user_id)
        for company in (PLATFORM, *companies):
            _end_sessions(shell, tx, user_id, company)
    support.leave_all(shell, user_id, companies, by=caller.user)


def _touch(tx: Transaction, user_id: str, *, leaves: bool) -> Record:
    """The person's grant, held; LastPlatformAdmin when nobody would administer the platform any more."""
    admins = membership.owners(tx, PLATFORM, role=ADMIN)
    row = membership.member(tx, PLATFORM, user_id)
    if row is None:
        raise NotFound
    if leaves and admins == {user_id}:
        raise domain.LastPlatformAdmin
    return row


def _may_give(tx: Transaction, caller: Principal, role: str) -> None:
    known = {row.name: row.permissions for row in membership.roles(tx, PLATFORM, Scope.PLATFORM)}
    domain.may_give(caller.permissions, known[role])


def _say(shell: Shell[Keyring], tx: Transaction, caller: Principal, user_id: str, change: str, role: str) -> None:
    shell.announce(tx, GrantChanged(change=change, role=role, expires_at=None, by=caller.user), subject=user_id)


def _end_sessions(shell: Shell[Keyring], tx: Transaction, user_id: str, company: str) -> None:
    for session in sessions.end_all(tx, user_id, "role", company=company):
        entry.say_ended(shell, tx, session, user_id, "role")


def _member(row: Record) -> MemberOut:
    fields = dict(row._mapping)
    fields.pop("created_at")
    return MemberOut(**fields | {"expires_at": row.expires_at.isoformat() if row.expires_at else None})


ROUTES = [
    Route("GET", "/auth/staff", listing, Permission.STAFF_READ, summary="People of the platform"),
    Route("POST", "/auth/staff", invite, Permission.STAFF_WRITE, status=201, summary="Let a person act for the platform"),
    Route("PATCH", "/auth/staff/{user_id}", change, Permission.STAFF_WRITE, status=204, summary="Another role"),
    Route("DELETE", "/auth/staff/{user_id}", remove, Permission.STAFF_WRITE, status=204, summary="No longer"),
]
