"""Who a person is to the platform, and what a password may be. Pure."""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.db.seal import PLATFORM
from shared.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from shared.identity.permissions import SUPPORT_READER, Scope
from shared.identity.standing import Estado, refuse_unless_active

INVITATION = timedelta(days=7)
RESET = timedelta(hours=1)
CHALLENGE = timedelta(minutes=5)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
"""Bytes of UTF-8; anything longer is refused before it is hashed (AUTH-13)."""


class LogInRefused(NotAuthenticated):
    """The same answer for an unknown address, a wrong password, a disabled person and a company that is not theirs."""

    slug = "log-in-refused"


class InvitationRefused(NotFound):
    slug = "invitation-refused"


class BeyondOwn(NotAllowed):
    """Nobody gives what they do not have (TEN-05)."""

    slug = "beyond-own-permissions"


class LastOwner(Conflict):
    slug = "last-owner"


class AlreadyMember(Conflict):
    slug = "already-member"


class RoleUnknown(InvalidInput):
    slug = "role-unknown"


class RoleFixed(Conflict):
    """A seeded role, or a name that one has."""

    slug = "role-fixed"


class NotGranted(NotAllowed):
    """The person has no role in that company, or no longer."""

    slug = "company-not-granted"


class AlreadyStaff(Conflict):
    slug = "already-staff"


class LastPlatformAdmin(Conflict):
    slug = "last-platform-admin"


class SupportOpen(Conflict):
    """The person may act for that company already, for support or otherwise."""

    slug = "support-open"


class CompanyNotReady(Unavailable):
    """The company's creation has not arrived here yet."""

    slug = "company-not-ready"


@dataclass(frozen=True)
class Grant:
    """One role for one company (or the platform), perhaps until a day. `company_name` is empty for the platform."""

    company: str
    role: str
    permissions: tuple[str, ...]
    expires_at: datetime | None = None
    company_name: str = ""
    environment: str = ""
    estado: str = Estado.ACTIVA

    @property
    def is_support(self) -> bool:
        return self.role == SUPPORT_READER

    @property
    def is_open(self) -> bool:
        """Whether one may come in under it: support reads what is suspended or sealed too, so that somebody can."""
        return self.is_support or self.estado not in (Estado.SUSPENDIDA, Estado.SELLADA)

    def must_be_open(self) -> None:
        """NotWhileSuspended or NotOnceSealed, as the company is."""
        if not self.is_open:
            refuse_unless_active(self.estado)

    @property
    def scope(self) -> Scope:
        return Scope.PLATFORM if self.company == PLATFORM else Scope.TENANT


@dataclass(frozen=True)
class Person:
    """`grants` are those in force, oldest first; `second_factor` is whether one is confirmed."""

    id: str
    email: str
    name: str
    password_hash: str | None
    second_factor: bool
    grants: tuple[Grant, ...]

    def grant_for(self, company: str | None) -> Grant | None:
        """The grant to act under: the named company's, else the oldest whose company is open, else the oldest."""
        wanted = [grant for grant in self.grants if company is None or grant.company == company]
        return next((grant for grant in wanted if grant.is_open), wanted[0] if wanted else None)


def may_give(giver: frozenset[str], given: Iterable[str]) -> None:
    """BeyondOwn unless the giver holds everything that is given."""
    missing = sorted(set(given) - giver)
    if missing:
        raise BeyondOwn(permission=missing[0])


def must_have_second_factor(grant: Grant) -> bool:
    """Whoever acts for the platform, in a company too."""
    return grant.scope is Scope.PLATFORM or grant.is_support


def token_hash(token: str) -> str:
    """What is stored of a secret that was handed out: an invitation, a reset, a challenge, a program's key."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def normalised(password: str) -> str:
    """The same characters are the same password, however a keyboard composes them (NFC). InvalidInput when too long."""
    if (
        len(password) > LONGEST_PASSWORD
        or len(found := unicodedata.normalize("NFC", password).encode("utf-8", "replace")) > LONGEST_PASSWORD
    ):
        raise InvalidInput(
            FieldError("/password", "AUTH-0002", f"La contraseña pasa de {LONGEST_PASSWORD} bytes. Use una más corta.")
        )
    return found.decode("utf-8")


def new_password(password: str, *, email: str = "") -> str:
    """A password one may choose; InvalidInput says what to change. Length is what counts, no rules of composition."""
    plain = normalised(password)
    reason = None
    if len(plain) < SHORTEST_PASSWORD:
        reason = f"La contraseña necesita al menos {SHORTEST_PASSWORD} caracteres. Una frase es fácil de recordar."
    elif len(set(plain)) < 5:
        reason = "La contraseña repite muy pocos caracteres. Use una frase."
    elif email and plain.lower() == email.lower():
        reason = "La contraseña no puede ser el correo."
    if reason:
        raise InvalidInput(FieldError("/password", "AUTH-0001", reason))
    return plain
