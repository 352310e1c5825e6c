"""People's door: log in, be invited, ask who one is. And the event that makes a company's owner."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends

from functions.auth import domain, store
from functions.auth.gateway import Keyring
from functions.auth.schemas import Acceptance, InvitationIn, InvitationOut, LogIn, Me, Token
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import NotFound
from shared.events.catalogue import CompanyCreated
from shared.events.envelope import Envelope
from shared.http.events import Events
from shared.http.routes import Caller, Public, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission
from shared.identity.tokens import ACCESS_SECONDS, UserClaims

House = Annotated[Shell[Keyring], Depends(shell_of)]


def log_in(body: LogIn, shell: House) -> Token:
    with shell.transaction(PLATFORM) as tx:
        person = store.by_email(tx, body.email)
    stored = person.password_hash if person else None
    if not shell.outside.hasher.matches(body.password.get_secret_value(), stored) or person is None:
        raise domain.LogInRefused
    grant, session_id = person.choose(body.company), uuid7()
    with shell.transaction(PLATFORM) as tx:
        expires = datetime.now(UTC) + domain.SESSION
        store.open_session(tx, session_id=session_id, user_id=person.id, company=grant.company, expires_at=expires)
    claims = UserClaims(person.id, grant.company, grant.scope, grant.permissions, session_id)
    return Token(
        access_token=shell.outside.token(claims),
        expires_in=ACCESS_SECONDS,
        tenant=grant.company,
        scope=grant.scope,
        companies=[g.company for g in person.grants],
    )


def invite(body: InvitationIn, caller: Caller, shell: House) -> InvitationOut:
    token, expires = shell.outside.invitation(), datetime.now(UTC) + domain.INVITATION
    with shell.transaction(PLATFORM) as tx:
        person = store.by_email(tx, body.email)
        if person is None:
            raise NotFound
        store.invite(tx, user_id=person.id, token_hash=domain.token_hash(token), expires_at=expires)
    return InvitationOut(token=token, expires_at=expires.isoformat())


def accept(body: Acceptance, shell: House) -> None:
    hashed = shell.outside.hasher.hash(body.password.get_secret_value())
    with shell.transaction(PLATFORM) as tx:
        user_id = store.use_invitation(tx, domain.token_hash(body.token))
        store.set_password(tx, user_id, hashed)


def me(caller: Caller, shell: House) -> Me:
    with shell.transaction(PLATFORM) as tx:
        person = store.by_id(tx, caller.user)
    if person is None:
        raise NotFound
    return Me(
        id=person.id,
        email=person.email,
        name=person.name,
        tenant=caller.tenant,
        scope=caller.scope,
        permissions=sorted(caller.permissions),
    )


def on_company_created(shell: Shell[Keyring], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
    store.add(tx, user_id=uuid7(), email=event.owner_email, name=event.owner_name, company=envelope.subject, role="owner")


ROUTES = [
    Route("POST", "/auth/login", log_in, Public("it is how one becomes somebody"), summary="Log in"),
    Route("POST", "/auth/invitations", invite, Permission.INVITATIONS_WRITE, status=201, summary="Invite a known person"),
    Route("POST", "/auth/invitations/accept", accept, Public("the token is the credential"), status=204, summary="Set a password"),
    Route("GET", "/auth/me", me, Permission.PROFILE_READ, summary="Who the token says one is"),
]

EVENTS: Events = {CompanyCreated: on_company_created}
