"""People's door: come in with a password, go on with a refresh token, act for another company, leave."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from functions.auth import (
    credentials,
    domain,
    entry,
    factors,
    families,
    members,
    programs,
    sessions,
    staff,
    store,
    support,
    throttle,
)
from functions.auth.families import Family, Outcome, SessionOver
from functions.auth.gateway import Keyring
from functions.auth.membership import OWNER
from functions.auth.schemas import (
    Challenge,
    CompanyOut,
    LogIn,
    Me,
    Renewal,
    SessionList,
    SessionOut,
    Switch,
    Token,
)
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import NotFound
from shared.events.catalogue import CompanyCreated
from shared.events.companies import CompanyChanged, CompanyResumed, CompanySealed, CompanyStanding, CompanySuspended
from shared.events.envelope import Envelope
from shared.events.people import PersonInvited
from shared.http.events import Events
from shared.http.routes import Caller, Public, Route, shell_of
from shared.http.shell import Shell
from shared.http.work import Jobs
from shared.identity.permissions import Permission
from shared.identity.standing import Estado

House = Annotated[Shell[Keyring], Depends(shell_of)]


def log_in(body: LogIn, request: Request, response: Response, shell: House) -> Token | Challenge:
    caller, password = entry.caller_of(request, shell), domain.normalised(body.password.get_secret_value())
    counter = entry.counter(shell, throttle.account(body.email), caller)
    with shell.transaction(PLATFORM) as tx:
        counter.check(tx)
        person = store.by_email(tx, body.email)
    stored = person.password_hash if person else None
    matches = shell.outside.hasher.matches(password, stored)
    grant = person.grant_for(body.company) if person else None
    if not matches or person is None or grant is None:
        entry.wrong_password(shell, counter, caller)
    grant.must_be_open()
    renewed = shell.outside.hasher.hash(password) if stored and shell.outside.hasher.is_outdated(stored) else None
    with shell.transaction(grant.company) as tx:
        counter.check(tx)
        sessions.forgive(tx, counter.account, counter.place)
        if renewed:
            store.set_password(tx, person.id, renewed)
        if person.second_factor or domain.must_have_second_factor(grant):
            return entry.challenge(shell, tx, person, grant)
        family = entry.enter(shell, tx, person, grant, ("pwd",), caller)
    token = entry.answer(shell, family, person, grant, response, generation=0, cookie=body.cookie)
    entry.remember(shell, counter, response)
    return token


def refresh(body: Renewal, request: Request, response: Response, shell: House) -> Token:
    session, generation, cookie = entry.presented(shell, request, body.refresh_token)
    with shell.transaction(PLATFORM) as tx:
        outcome, family = _present(shell, tx, session, generation)
        person = store.by_id(tx, family.user) if family else None
        grant = person.grant_for(family.company) if person and family else None
        if outcome is Outcome.ROTATED and grant is not None:
            sessions.rotate(tx, session)
    if grant is not None:
        grant.must_be_open()
    if family is None or person is None or grant is None or outcome not in (Outcome.ROTATED, Outcome.REPEATED):
        raise SessionOver
    newest = family.generation + 1 if outcome is Outcome.ROTATED else family.generation
    return entry.answer(shell, family, person, grant, response, generation=newest, cookie=cookie)


def _present(shell: Shell[Keyring], tx: Transaction, session: str, generation: int) -> tuple[Outcome, Family | None]:
    """What a presented generation means; a family whose spent token came back is ended here."""
    family = sessions.lock(tx, session, platform=PLATFORM)
    if family is None:
        return Outcome.OVER, None
    outcome = families.present(family, generation)
    if outcome is Outcome.REUSED and sessions.end(tx, session, family.user, "reused"):
        entry.say_ended(shell, tx, session, family.user, "reused")
    return outcome, family


def switch(body: Switch, caller: Caller, request: Request, response: Response, shell: House) -> Token:
    """The same family acts for another company; a platform session needs its own log-in, and so does support."""
    with shell.transaction(PLATFORM) as tx:
        family, person = sessions.lock(tx, caller.session, platform=PLATFORM), store.by_id(tx, caller.user)
        grant = person.grant_for(body.company) if person else None
        if family is None or family.revoked or person is None:
            raise SessionOver
        if grant is None or grant.is_support or PLATFORM in (grant.company, family.company):
            raise domain.NotGranted
        grant.must_be_open()
        sessions.move(tx, family.id, grant.company)
        sessions.rotate(tx, family.id)
    return entry.answer(
        shell, family, person, grant, response, generation=family.generation + 1, cookie=entry.COOKIE in request.cookies
    )


def log_out(body: Renewal, request: Request, response: Response, shell: House) -> None:
    session, _, _ = entry.presented(shell, request, body.refresh_token)
    with shell.transaction(PLATFORM) as tx:
        family = sessions.lock(tx, session, platform=PLATFORM)
        if family and sessions.end(tx, session, family.user, "logout"):
            entry.say_ended(shell, tx, session, family.user, "logout")
    response.delete_cookie(entry.COOKIE, path="/", secure=True, httponly=True, samesite="strict")


def me(caller: Caller, shell: House) -> Me:
    with shell.transaction(PLATFORM) as tx:
        person = store.by_id(tx, caller.user)
    if person is None:
        raise NotFound
    companies = [
        CompanyOut(
            id=grant.company,
            razon_social=grant.company_name,
            environment=grant.environment,
            role=grant.role,
            expires_at=grant.expires_at.isoformat() if grant.expires_at else None,
        )
        for grant in person.grants
    ]
    return Me(
        id=person.id,
        email=person.email,
        name=person.name,
        tenant=caller.tenant,
        scope=caller.scope,
        permissions=sorted(caller.permissions),
        second_factor=person.second_factor,
        companies=companies,
    )


def my_sessions(caller: Caller, shell: House) -> SessionList:
    with shell.transaction(PLATFORM) as tx:
        rows = sessions.live(tx, caller.user)
    return SessionList(
        items=[
            SessionOut(
                id=row.id,
                company=row.company,
                created_at=row.created_at.isoformat(),
                last_used_at=row.rotated_at.isoformat(),
                expires_at=row.expires_at.isoformat(),
                address=row.address,
                agent=row.agent,
                methods=list(row.methods),
                current=row.id == caller.session,
            )
            for row in rows
        ]
    )


def end_session(session_id: str, caller: Caller, shell: House) -> None:
    with shell.transaction(PLATFORM) as tx:
        if not sessions.end(tx, session_id, caller.user, "revoked"):
            raise NotFound
        entry.say_ended(shell, tx, session_id, caller.user, "revoked")


def jwks(shell: House) -> dict[str, list[dict[str, str]]]:
    """Who verifies our tokens elsewhere takes the keys from here (RFC 7517, RFC 8037)."""
    return {"keys": shell.user_keys.as_jwks()}


def on_company_created(shell: Shell[Keyring], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
    store.add_company(tx, envelope.subject, event)
    store.add(tx, user_id=uuid7(), email=event.owner_email, name=event.owner_name, company=envelope.subject, role=OWNER)
    owner = store.by_email(tx, event.owner_email)
    if owner is not None and owner.password_hash is None:
        shell.announce(tx, PersonInvited(company=envelope.subject, role=OWNER, by=PLATFORM), subject=owner.id)


def on_standing(shell: Shell[Keyring], tx: Transaction, event: CompanyStanding, envelope: Envelope) -> None:
    """Whoever acts for a company that may not is out at once, programs too; a sealed company's keys are no more."""
    if not store.set_standing(tx, envelope.subject, event.estado, version=envelope.sequence):
        return
    programs.halt(shell, tx, envelope.subject, halted=event.estado != Estado.ACTIVA)
    if event.estado == Estado.ACTIVA:
        return
    for session, person in sessions.end_company(tx, envelope.subject, event.estado):
        entry.say_ended(shell, tx, session, person, event.estado)
    if event.estado == Estado.SELLADA:
        for key, name in credentials.revoke_keys(tx, envelope.subject):
            programs.say_revoked(shell, tx, key, name, by=event.by)


def on_company_changed(shell: Shell[Keyring], tx: Transaction, event: CompanyChanged, envelope: Envelope) -> None:
    store.rename_company(tx, envelope.subject, event, version=envelope.sequence)


_REFRESH = Public("the refresh token is the credential", counted=True)
ROUTES = [
    Route("POST", "/auth/login", log_in, Public("it is how one becomes somebody", counted=True), summary="Log in"),
    Route("POST", "/auth/refresh", refresh, _REFRESH, summary="A new access token and the next refresh token"),
    Route("POST", "/auth/logout", log_out, _REFRESH, status=204, summary="End this session"),
    Route("GET", "/auth/jwks.json", jwks, Public("public keys", counted=True), summary="Public keys of user tokens"),
    Route("POST", "/auth/switch", switch, Permission.PROFILE_READ, summary="Act for another of one's companies"),
    Route("GET", "/auth/me", me, Permission.PROFILE_READ, summary="Who the token says one is"),
    Route("GET", "/auth/sessions", my_sessions, Permission.PROFILE_READ, summary="Where one is logged in"),
    Route("DELETE", "/auth/sessions/{session_id}", end_session, Permission.PROFILE_READ, status=204, summary="End one"),
    *factors.ROUTES,
    *members.ROUTES,
    *programs.ROUTES,
    *staff.ROUTES,
    *support.ROUTES,
]

EVENTS: Events = {
    CompanyCreated: on_company_created,
    CompanyChanged: on_company_changed,
    CompanySuspended: on_standing,
    CompanyResumed: on_standing,
    CompanySealed: on_standing,
}

JOBS: Jobs = {support.END: support.expire}
