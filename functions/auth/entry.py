"""Letting a person in, or not: failures counted, challenges given, families opened, tokens put where the caller can keep them."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from functions.auth import domain, families, sessions, throttle
from functions.auth.domain import Grant, Person
from functions.auth.families import Family, SessionOver
from functions.auth.gateway import Keyring
from functions.auth.schemas import Challenge, Token
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import NotAllowed
from shared.events.people import LoginAttacked, LoginRefused, PersonLoggedIn, SessionEnded
from shared.http.peer import address_of, network
from shared.http.shell import Shell
from shared.identity.tokens import ACCESS_SECONDS, UserClaims

COOKIE = "__Host-refresh"
DEVICE = "__Host-device"
_YEAR = 365 * 86400


class CrossSite(NotAllowed):
    """A cookie came without the proof that our own page sent it (security D-27)."""

    slug = "cross-site"


@dataclass(frozen=True)
class Caller:
    """Where a person knocks from; `device` is what they show of having been here before, not yet judged."""

    address: str
    agent: str
    device: str = ""

    @property
    def network(self) -> str:
        return network(self.address)


def caller_of(request: Request, shell: Shell[Keyring]) -> Caller:
    shown = request.cookies.get(DEVICE, "")
    return Caller(address_of(request, hops=shell.hops), request.headers.get("user-agent", ""), shown)


@dataclass(frozen=True)
class Counter:
    """One counter of wrong passwords of an account (a hash): a network's, or that of a device that has been in before."""

    account: str
    place: str
    device: str | None

    def check(self, tx: Transaction, *, more: int = 0) -> None:
        """TooManyFailures when it is closed; `more` failures than usual are allowed to whoever has just been counted."""
        now, everywhere = datetime.now(UTC), sessions.failures(tx, self.account, throttle.EVERYWHERE)
        most = more + throttle.passwords(everywhere, now, device=self.device is not None)
        throttle.check(sessions.failures(tx, self.account, self.place), now, most=most, window=throttle.WINDOW)


def counter(shell: Shell[Keyring], account: str, caller: Caller) -> Counter:
    device = shell.outside.read_device_token(account, caller.device)
    return Counter(account, f"device:{device}" if device else caller.network, device)


def wrong_password(shell: Shell[Keyring], counter: Counter, caller: Caller) -> NoReturn:
    """Count it, durably, say so to the audit, and refuse.

    Whoever asks many times at once learns nothing by the guesses beyond the allowed ones: they are judged again here.
    """
    now, account = datetime.now(UTC), counter.account
    horizon = now - throttle.WINDOW
    with shell.transaction(PLATFORM) as tx:
        everywhere = sessions.failed(tx, account, throttle.EVERYWHERE, now=now, horizon=horizon)
        count = sessions.failed(tx, account, counter.place, now=now, horizon=horizon)
        shell.announce(tx, LoginRefused(network=caller.network, factor="password", failures=count), subject=account)
        if everywhere == throttle.ATTACKED + 1:
            shell.announce(tx, LoginAttacked(network=caller.network, failures=everywhere), subject=account)
    with shell.transaction(PLATFORM) as tx:
        counter.check(tx, more=1)
    raise domain.LogInRefused


def wrong_code(shell: Shell[Keyring], tx: Transaction, account: str, caller: Caller) -> None:
    """Count it in the transaction that holds the factor, and say so to the audit."""
    now = datetime.now(UTC)
    count = sessions.failed(tx, account, throttle.EVERYWHERE, now=now, horizon=now - throttle.CODES_WINDOW)
    shell.announce(tx, LoginRefused(network=caller.network, factor="code", failures=count), subject=account)


def remember(shell: Shell[Keyring], counter: Counter, response: Response) -> None:
    """The device has been in: it is counted for itself from now on, whatever its network does (security D-26)."""
    token = shell.outside.device_token(counter.account, counter.device)
    response.set_cookie(DEVICE, token, max_age=_YEAR, path="/", secure=True, httponly=True, samesite="strict")


def challenge(shell: Shell[Keyring], tx: Transaction, person: Person, grant: Grant) -> Challenge:
    """What a right password gives to whoever has, or must have, a second factor."""
    token, life = shell.outside.draw(), domain.CHALLENGE
    hashed, expires = domain.token_hash(token), datetime.now(UTC) + life
    sessions.challenge(tx, token_hash=hashed, user_id=person.id, company=grant.company, expires_at=expires)
    kind = "verify" if person.second_factor else "enroll"
    return Challenge(second_factor=kind, challenge=token, expires_in=round(life.total_seconds()))


def say_ended(shell: Shell[Keyring], tx: Transaction, session: str, person: str, because: str) -> None:
    """The audit is told; once it is committed, every function refuses the session's access tokens within seconds."""
    shell.announce(tx, SessionEnded(person_id=person, because=because), subject=session)
    tx.after_commit.append(lambda: shell.revocations.revoke(session))


def enter(shell: Shell[Keyring], tx: Transaction, person: Person, grant: Grant, methods: tuple[str, ...], caller: Caller) -> Family:
    """Open a family for this person and company, and say so to the audit."""
    now = datetime.now(UTC)
    expires = min(now + families.LIFE, grant.expires_at or datetime.max.replace(tzinfo=UTC))
    family = Family(uuid7(), person.id, grant.company, 0, now, expires, now, methods, now, idle=grant.company == PLATFORM)
    sessions.open_session(
        tx,
        session_id=family.id,
        user_id=person.id,
        company=grant.company,
        expires_at=family.expires_at,
        methods=methods,
        address=caller.address,
        agent=caller.agent,
    )
    shell.announce(tx, PersonLoggedIn(person_id=person.id, methods=list(methods), network=caller.network), subject=family.id)
    return family


def answer(
    shell: Shell[Keyring], family: Family, person: Person, grant: Grant, response: Response, *, generation: int | None, cookie: bool
) -> Token:
    """Access and refresh token of one generation (none for None); the latter in a cookie for a portal. None outlives the grant."""
    claims = UserClaims(
        person.id,
        grant.company,
        grant.scope,
        grant.permissions,
        family.id,
        int(family.authenticated_at.timestamp()),
        family.methods,
    )
    refresh = None if generation is None else shell.outside.refresh_token(family.id, generation)
    if cookie and refresh is not None:
        left = round((family.expires_at - datetime.now(UTC)).total_seconds())
        response.set_cookie(COOKIE, refresh, max_age=left, path="/", secure=True, httponly=True, samesite="strict")
    response.headers["Cache-Control"] = "no-store"
    life = ACCESS_SECONDS
    if grant.expires_at is not None:
        life = max(1, min(life, int((grant.expires_at - datetime.now(UTC)).total_seconds())))
    return Token(
        access_token=shell.outside.token(claims, seconds=life),
        expires_in=life,
        tenant=grant.company,
        scope=grant.scope,
        companies=[g.company for g in person.grants],
        refresh_token=None if cookie else refresh,
        csrf_token=shell.outside.csrf_token(family.id) if cookie else None,
    )


def presented(shell: Shell[Keyring], request: Request, given: str | None) -> tuple[str, int, bool]:
    """Session, generation and whether a cookie brought them; SessionOver for anything we did not make.

    A cookie counts only with the CSRF token of its session and from our own pages.
    """
    cookie = request.cookies.get(COOKIE) if given is None else None
    read = shell.outside.read_refresh_token(given or cookie or "")
    if read is None:
        raise SessionOver
    session, generation = read
    if cookie is not None:
        sent = request.headers.get("x-csrf-token", "")
        if not _ours(request) or not hmac.compare_digest(sent.encode(), shell.outside.csrf_token(session).encode()):
            raise CrossSite
    return session, generation, cookie is not None


def _ours(request: Request) -> bool:
    """What browsers say about the page that asks: the same site, when they say it."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("origin")
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
    return origin is None or urlsplit(origin).netloc == host
