"""The door of what proves a person: second factor, its enrolment, passwords old and new, invitations."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from functions.auth import credentials, domain, entry, second_factor, sessions, store, throttle
from functions.auth.domain import Grant, Person
from functions.auth.gateway import Keyring
from functions.auth.schemas import (
    Acceptance,
    Enrolment,
    EnrolmentIn,
    ForgottenIn,
    InvitationIn,
    InvitationOut,
    LinkIn,
    LinkOut,
    PasswordChange,
    Removal,
    ResetIn,
    Token,
    Verification,
)
from functions.auth.second_factor import AlreadyEnrolled, CodeRefused
from shared.db.engine import Transaction
from shared.db.seal import PLATFORM
from shared.errors import NotFound
from shared.events.people import FactorChanged, PasswordChanged, PasswordResetAsked
from shared.http.routes import Caller, Functions, Public, Route, ServiceCaller, bearer_of, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission
from shared.identity.principal import Principal, SecondFactorMissing

House = Annotated[Shell[Keyring], Depends(shell_of)]


def enroll(body: EnrolmentIn, request: Request, shell: House) -> Enrolment:
    """A new secret for whoever has no confirmed one: by challenge, or by token and password."""
    person = _claimant(body, request, shell)
    if person.second_factor:
        raise AlreadyEnrolled
    secret, codes = second_factor.new_secret(), second_factor.recovery_codes()
    with shell.transaction(PLATFORM) as tx:
        if not credentials.begin_factor(tx, person.id, shell.outside.seal(person.id, secret)):
            raise AlreadyEnrolled
        credentials.keep_codes(tx, person.id, [second_factor.recovery_hash(person.id, code) for code in codes])
    address = second_factor.address(secret, person.email)
    return Enrolment(secret=secret, address=address, qr=second_factor.picture(address), recovery_codes=codes)


def _claimant(body: EnrolmentIn, request: Request, shell: Shell[Keyring]) -> Person:
    if body.challenge is not None:
        return _challenged(shell, body.challenge)[0]
    principal = bearer_of(request)
    return _confirmed(shell, principal.user, body.password.get_secret_value() if body.password else "", request)


def _challenged(shell: Shell[Keyring], token: str) -> tuple[Person, Grant]:
    with shell.transaction(PLATFORM) as tx:
        found = sessions.challenged(tx, domain.token_hash(token))
        person = store.by_id(tx, found[0]) if found else None
    grant = person.grant_for(found[1]) if person and found else None
    if person is None or grant is None:
        raise CodeRefused
    return person, grant


def _confirmed(shell: Shell[Keyring], user_id: str, password: str, request: Request) -> Person:
    """The person behind a token, once the password was said again; failures count as those of a log-in."""
    caller = entry.caller_of(request, shell)
    with shell.transaction(PLATFORM) as tx:
        person = store.by_id(tx, user_id)
        counter = entry.counter(shell, throttle.account(person.email if person else user_id), caller)
        counter.check(tx)
    stored = person.password_hash if person else None
    if not shell.outside.hasher.matches(domain.normalised(password), stored) or person is None:
        entry.wrong_password(shell, counter, caller)
    return person


def verify(body: Verification, request: Request, response: Response, shell: House) -> Token:
    """The second half of a log-in; or, with a token and no challenge, a new proof of presence (step-up)."""
    caller, principal = entry.caller_of(request, shell), None
    if body.challenge is not None:
        person, grant = _challenged(shell, body.challenge)
    else:
        principal = bearer_of(request)
        person, grant = _bearer(shell, principal)
    grant.must_be_open()
    account, now = f"factor:{person.id}", datetime.now(UTC)
    with shell.transaction(grant.company) as tx:
        # Holding the factor first, so that many guesses at once are counted one after the other.
        credentials.factor(tx, person.id)
        failures = sessions.failures(tx, account, throttle.EVERYWHERE)
        throttle.check(failures, now, most=throttle.CODES, window=throttle.CODES_WINDOW)
        proven = _proves(shell, tx, person, body, now, but=principal.session if principal else None) and (
            body.challenge is None or sessions.use_challenge(tx, domain.token_hash(body.challenge))
        )
        if proven:
            sessions.forgive(tx, account, throttle.EVERYWHERE)
            family = (
                entry.enter(shell, tx, person, grant, ("pwd", "otp"), caller)
                if principal is None
                else sessions.prove(tx, principal.session, ("pwd", "otp"), platform=PLATFORM)
            )
        else:
            entry.wrong_code(shell, tx, account, caller)
    if not proven:
        raise CodeRefused
    # A new proof gives no refresh token: the bearer has one already, or had better not get it.
    generation = family.generation if principal is None else None
    token = entry.answer(shell, family, person, grant, response, generation=generation, cookie=body.cookie)
    if principal is None:
        entry.remember(shell, entry.counter(shell, throttle.account(person.email), caller), response)
    return token


def _bearer(shell: Shell[Keyring], principal: Principal) -> tuple[Person, Grant]:
    with shell.transaction(PLATFORM) as tx:
        person = store.by_id(tx, principal.user)
    grant = person.grant_for(principal.tenant) if person else None
    if person is None or grant is None:
        raise CodeRefused
    return person, grant


def _proves(shell: Shell[Keyring], tx: Transaction, person: Person, body: Verification, now: datetime, *, but: str | None) -> bool:
    """Spend the code; the first one of a new secret confirms it and ends every session `but` this one."""
    if body.recovery_code is not None:
        left = credentials.use_code(tx, person.id, second_factor.recovery_hash(person.id, body.recovery_code))
        if not person.second_factor or left is None:
            return False
        shell.announce(tx, FactorChanged(change="recovery-code-used"), subject=person.id)
        return True
    row = credentials.factor(tx, person.id)
    if row is None or body.code is None:
        return False
    step = second_factor.step_of(body.code, shell.outside.unseal(person.id, row.secret), now, last_step=row.last_step)
    if step is None or not credentials.use_step(tx, person.id, step):
        return False
    if not row.confirmed:
        shell.announce(tx, FactorChanged(change="enrolled"), subject=person.id)
        _end_others(shell, tx, person.id, "factor", but)
    return True


def _end_others(shell: Shell[Keyring], tx: Transaction, user_id: str, because: str, but: str | None) -> None:
    for session in sessions.end_all(tx, user_id, because, but=but):
        entry.say_ended(shell, tx, session, user_id, because)


def remove(body: Removal, caller: Caller, request: Request, shell: House) -> None:
    """Without a second factor from now on; not for whoever must have one."""
    person = _confirmed(shell, caller.user, body.password.get_secret_value(), request)
    if any(domain.must_have_second_factor(grant) for grant in person.grants) or "otp" not in caller.methods:
        raise SecondFactorMissing
    with shell.transaction(PLATFORM) as tx:
        credentials.remove_factor(tx, person.id)
        shell.announce(tx, FactorChanged(change="removed"), subject=person.id)
        _end_others(shell, tx, person.id, "factor", caller.session)


def change_password(body: PasswordChange, caller: Caller, request: Request, shell: House) -> None:
    """The other sessions end; this one goes on."""
    person = _confirmed(shell, caller.user, body.current.get_secret_value(), request)
    _set_password(shell, person.id, body.new.get_secret_value(), email=person.email, because="chosen", but=caller.session)


def _set_password(shell: Shell[Keyring], user_id: str, password: str, *, email: str, because: str, but: str | None) -> None:
    hashed = shell.outside.hasher.hash(domain.new_password(password, email=email))
    with shell.transaction(PLATFORM) as tx:
        replace_password(shell, tx, user_id, hashed, because=because, but=but)


def replace_password(
    shell: Shell[Keyring], tx: Transaction, user_id: str, hashed: str, *, because: str, but: str | None = None
) -> None:
    store.set_password(tx, user_id, hashed)
    shell.announce(tx, PasswordChanged(because=because), subject=user_id)
    _end_others(shell, tx, user_id, "password", but)


def forgotten(body: ForgottenIn, request: Request, shell: House) -> None:
    """The same answer whoever asks for whom; a known person gets a mail, at most a few an hour."""
    caller, now, account = entry.caller_of(request, shell), datetime.now(UTC), f"reset:{throttle.account(body.email)}"
    with shell.transaction(PLATFORM) as tx:
        asked = sessions.failed(tx, account, "*", now=now, horizon=now - throttle.WINDOW)
        person = store.by_email(tx, body.email)
        if person is not None and asked <= throttle.RESETS:
            shell.announce(tx, PasswordResetAsked(network=caller.network), subject=person.id)


def reset(body: ResetIn, shell: House) -> None:
    """The second factor stays what it was (AUTH-12)."""
    hashed = shell.outside.hasher.hash(domain.new_password(body.password.get_secret_value()))
    with shell.transaction(PLATFORM) as tx:
        user_id = store.use_invitation(tx, domain.token_hash(body.token), purpose="reset")
        replace_password(shell, tx, user_id, hashed, because="reset")


def link(body: LinkIn, caller: ServiceCaller, shell: House) -> LinkOut:
    """For notify, at the moment it writes the mail: so that the secret is in no event and no table."""
    token, life = shell.outside.draw(), domain.INVITATION if body.purpose == "invitation" else domain.RESET
    expires = datetime.now(UTC) + life
    with shell.transaction(PLATFORM) as tx:
        person = store.by_id(tx, body.person_id)
        if person is None:
            raise NotFound
        hashed = domain.token_hash(token)
        store.invite(tx, user_id=person.id, token_hash=hashed, expires_at=expires, purpose=body.purpose, company=body.company)
    grant = person.grant_for(body.company)
    return LinkOut(
        token=token,
        email=person.email,
        name=person.name,
        company_name=grant.company_name if grant else "",
        expires_at=expires.isoformat(),
    )


def invite(body: InvitationIn, caller: Caller, shell: House) -> InvitationOut:
    token, expires = shell.outside.draw(), datetime.now(UTC) + domain.INVITATION
    with shell.transaction(PLATFORM) as tx:
        person = store.by_email(tx, body.email)
        if person is None:
            raise NotFound
        store.invite(tx, user_id=person.id, token_hash=domain.token_hash(token), expires_at=expires)
    return InvitationOut(token=token, expires_at=expires.isoformat())


def accept(body: Acceptance, shell: House) -> None:
    hashed = shell.outside.hasher.hash(domain.new_password(body.password.get_secret_value()))
    with shell.transaction(PLATFORM) as tx:
        user_id = store.use_invitation(tx, domain.token_hash(body.token))
        replace_password(shell, tx, user_id, hashed, because="invited")


_TOKEN = Public("the challenge, the token or the invitation is the credential", counted=True)
ROUTES = [
    Route("POST", "/auth/mfa/enroll", enroll, _TOKEN, summary="A secret for an authenticator app, as text and as QR"),
    Route("POST", "/auth/mfa/verify", verify, _TOKEN, summary="The second half of a log-in, or a new proof of presence"),
    Route("DELETE", "/auth/mfa", remove, Permission.PROFILE_READ, status=204, summary="Give the second factor up"),
    Route("POST", "/auth/password", change_password, Permission.PROFILE_READ, status=204, summary="Choose a new password"),
    Route(
        "POST",
        "/auth/password/forgot",
        forgotten,
        Public("it says nothing", counted=True),
        status=202,
        summary="Ask for a mail with a link",
    ),
    Route("POST", "/auth/password/reset", reset, _TOKEN, status=204, summary="A new password by the link of a mail"),
    Route("POST", "/auth/links", link, Functions(frozenset({"notify"})), summary="The secret of a link, for one mail"),
    Route("POST", "/auth/invitations", invite, Permission.INVITATIONS_WRITE, status=201, summary="Invite a known person"),
    Route("POST", "/auth/invitations/accept", accept, _TOKEN, status=204, summary="Set a password"),
]
