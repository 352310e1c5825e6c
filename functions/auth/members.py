"""A company's own people and roles: who may do what for it, never more than the one who gives it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query

from functions.auth import domain, entry, membership, sessions, store
from functions.auth.gateway import Keyring
from functions.auth.schemas import (
    MemberChange,
    MemberIn,
    MemberOut,
    MemberPage,
    OwnerList,
    OwnerOut,
    PermissionOut,
    RoleIn,
    RoleOut,
)
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.errors import FieldError, InvalidInput, NotFound
from shared.events.people import GrantChanged, PersonInvited, RoleChanged
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Functions, Route, ServiceCaller, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission, Scope
from shared.identity.principal import Principal

House = Annotated[Shell[Keyring], Depends(shell_of)]


def members(caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None) -> MemberPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = membership.members(tx, caller.tenant, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return MemberPage(items=[_member(row) for row in rows[:limit]], next=following)


def invite(body: MemberIn, caller: Caller, shell: House) -> MemberOut:
    """A person of any company, or a new one, who then gets a mail."""
    expires = _future(body.expires_at)
    with shell.transaction(caller.tenant) as tx:
        _may_give(tx, caller, body.role)
        store.add_user(tx, user_id=uuid7(), email=body.email, name=body.name)
        person = store.by_email(tx, body.email)
        if person is None:
            raise domain.NotGranted
        if not membership.give(tx, user_id=person.id, company=caller.tenant, role=body.role, expires_at=expires, by=caller.user):
            raise domain.AlreadyMember
        _say(shell, tx, caller, person.id, "granted", body.role, expires)
        if person.password_hash is None:
            shell.announce(tx, PersonInvited(company=caller.tenant, role=body.role, by=caller.user), subject=person.id)
    return MemberOut(
        id=person.id,
        email=person.email,
        name=person.name,
        role=body.role,
        expires_at=expires.isoformat() if expires else None,
        accepted=person.password_hash is not None,
        second_factor=person.second_factor,
    )


def owners(caller: ServiceCaller, shell: House) -> OwnerList:
    """For notify, at the moment it writes to them: whoever owns the company then, and is not disabled."""
    with shell.transaction(caller.tenant) as tx:
        people = [store.by_id(tx, owner) for owner in sorted(membership.owners(tx, caller.tenant))]
    return OwnerList(
        items=[
            OwnerOut(person_id=person.id, email=person.email, name=person.name, company_name=grant.company_name)
            for person in people
            if person and (grant := person.grant_for(caller.tenant))
        ]
    )


def change(user_id: str, body: MemberChange, caller: Caller, shell: House) -> None:
    """Another role, another last day; the person's sessions for this company end, so that both count at once."""
    expires = _future(body.expires_at)
    with shell.transaction(caller.tenant) as tx:
        row = _touch(tx, caller, user_id, leaves=body.role != membership.OWNER or expires is not None)
        _may_give(tx, caller, row.role)
        _may_give(tx, caller, body.role)
        membership.change(tx, user_id=user_id, company=caller.tenant, role=body.role, expires_at=expires, by=caller.user)
        _say(shell, tx, caller, user_id, "changed", body.role, expires)
        _end_sessions(shell, tx, caller.tenant, user_id)


def remove(user_id: str, caller: Caller, shell: House) -> None:
    with shell.transaction(caller.tenant) as tx:
        row = _touch(tx, caller, user_id, leaves=True)
        _may_give(tx, caller, row.role)
        membership.end(tx, caller.tenant, user_id)
        _say(shell, tx, caller, user_id, "ended", row.role, None)
        _end_sessions(shell, tx, caller.tenant, user_id)


def _touch(tx: Transaction, caller: Principal, user_id: str, *, leaves: bool) -> Record:
    """The member, held; LastOwner when nobody would own the company any more."""
    owners = membership.owners(tx, caller.tenant)
    row = membership.member(tx, caller.tenant, user_id)
    if row is None:
        raise NotFound
    if leaves and owners == {user_id}:
        raise domain.LastOwner
    return row


def _may_give(tx: Transaction, caller: Principal, role: str) -> None:
    known = {row.name: row.permissions for row in membership.roles(tx, caller.tenant, Scope.TENANT)}
    if role not in known:
        raise domain.RoleUnknown(FieldError("/role", "AUTH-0010", f"No existe el rol «{role[:40]}». Véalos en /auth/rbac/roles."))
    domain.may_give(caller.permissions, known[role])


def _future(text: str | None) -> datetime | None:
    if text is None:
        return None
    with suppress(ValueError):  # the shape of a moment, and a day that no calendar has
        if (moment := datetime.fromisoformat(text)) > datetime.now(UTC):
            return moment
    raise InvalidInput(
        FieldError("/expires_at", "AUTH-0011", "Indique un momento futuro con zona, por ejemplo 2027-01-31T00:00:00-04:00.")
    )


def _say(
    shell: Shell[Keyring], tx: Transaction, caller: Principal, user_id: str, change: str, role: str, expires: datetime | None
) -> None:
    until = expires.isoformat() if expires else None
    shell.announce(tx, GrantChanged(change=change, role=role, expires_at=until, by=caller.user), subject=user_id)


def _end_sessions(shell: Shell[Keyring], tx: Transaction, company: str, user_id: str) -> None:
    for session in sessions.end_all(tx, user_id, "role", company=company):
        entry.say_ended(shell, tx, session, user_id, "role")


def _member(row: Record) -> MemberOut:
    fields = dict(row._mapping)
    fields.pop("created_at")
    return MemberOut(**fields | {"expires_at": row.expires_at.isoformat() if row.expires_at else None})


def roles(caller: Caller, shell: House) -> list[RoleOut]:
    with shell.transaction(caller.tenant) as tx:
        rows = membership.roles(tx, caller.tenant, Scope.TENANT)
    return [RoleOut(**row._mapping) for row in rows]


def permissions(caller: Caller) -> list[PermissionOut]:
    return [PermissionOut(name=p.value, held=p.value in caller.permissions) for p in Permission if p.scope is Scope.TENANT]


def make_role(body: RoleIn, caller: Caller, shell: House) -> RoleOut:
    domain.may_give(caller.permissions, body.permissions)
    with shell.transaction(caller.tenant) as tx:
        if not membership.make_role(tx, caller.tenant, body.name, body.title, body.permissions):
            raise domain.RoleFixed
        _say_role(shell, tx, caller, body.name, "made", body.permissions)
    return RoleOut(name=body.name, title=body.title, seeded=False, permissions=sorted(body.permissions))


def change_role(name: str, body: RoleIn, caller: Caller, shell: House) -> RoleOut:
    """Whoever has it feels it at once: their sessions for this company end."""
    domain.may_give(caller.permissions, body.permissions)
    if body.name != name:
        raise InvalidInput(FieldError("/name", "AUTH-0012", "Un rol no cambia de nombre. Cree otro."))
    with shell.transaction(caller.tenant) as tx:
        held = {row.name: row.permissions for row in membership.roles(tx, caller.tenant, Scope.TENANT) if not row.seeded}
        domain.may_give(caller.permissions, held.get(name, ()))
        if not membership.change_role(tx, caller.tenant, name, body.title, body.permissions):
            raise NotFound
        _say_role(shell, tx, caller, name, "changed", body.permissions)
        for holder in membership.holders(tx, caller.tenant, name):
            _end_sessions(shell, tx, caller.tenant, holder)
    return RoleOut(name=name, title=body.title, seeded=False, permissions=sorted(body.permissions))


def end_role(name: str, caller: Caller, shell: House) -> None:
    with shell.transaction(caller.tenant) as tx:
        if not membership.end_role(tx, caller.tenant, name):
            raise domain.RoleFixed
        _say_role(shell, tx, caller, name, "ended", [])


def _say_role(
    shell: Shell[Keyring], tx: Transaction, caller: Principal, name: str, change: str, permissions: Sequence[str]
) -> None:
    shell.announce(tx, RoleChanged(change=change, permissions=sorted(permissions), by=caller.user), subject=name)


ROUTES = [
    Route("GET", "/auth/users", members, Permission.USERS_READ, summary="The company's people"),
    Route("POST", "/auth/owners", owners, Functions(frozenset({"notify"})), summary="Whom a mail to the company goes to"),
    Route("POST", "/auth/users", invite, Permission.USERS_WRITE, status=201, summary="Let a person act for the company"),
    Route("PATCH", "/auth/users/{user_id}", change, Permission.USERS_WRITE, status=204, summary="Another role or last day"),
    Route("DELETE", "/auth/users/{user_id}", remove, Permission.USERS_WRITE, status=204, summary="No longer"),
    Route("GET", "/auth/rbac/roles", roles, Permission.USERS_READ, summary="Seeded roles and the company's own"),
    Route("POST", "/auth/rbac/roles", make_role, Permission.ROLES_WRITE, status=201, summary="A role of the company's own"),
    Route("PUT", "/auth/rbac/roles/{name}", change_role, Permission.ROLES_WRITE, summary="What it grants from now on"),
    Route("DELETE", "/auth/rbac/roles/{name}", end_role, Permission.ROLES_WRITE, status=204, summary="End it; nobody may have it"),
    Route("GET", "/auth/rbac/permissions", permissions, Permission.USERS_READ, summary="What there is to grant"),
]
