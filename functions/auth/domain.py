"""Who a person is to the platform. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from shared.db.seal import PLATFORM
from shared.errors import NotAuthenticated, NotFound
from shared.identity.permissions import ROLES, Scope

SESSION = timedelta(hours=8)
INVITATION = timedelta(days=7)


class LogInRefused(NotAuthenticated):
    """The same answer for an unknown address and a wrong password."""

    slug = "log-in-refused"


class InvitationRefused(NotFound):
    slug = "invitation-refused"


@dataclass(frozen=True)
class Grant:
    """One role for one company (or the platform)."""

    company: str
    role: str

    @property
    def scope(self) -> Scope:
        return Scope.PLATFORM if self.company == PLATFORM else Scope.TENANT

    @property
    def permissions(self) -> tuple[str, ...]:
        return tuple(sorted(p.value for p in ROLES[self.role] if p.allowed_in(self.scope)))


@dataclass(frozen=True)
class Person:
    id: str
    email: str
    name: str
    password_hash: str | None
    grants: tuple[Grant, ...]

    def choose(self, company: str | None) -> Grant:
        """The grant to act under: the named company's, else the oldest; LogInRefused when there is none."""
        for grant in self.grants:
            if company is None or grant.company == company:
                return grant
        raise LogInRefused


def token_hash(token: str) -> str:
    """What is stored of an invitation's token."""
    return hashlib.sha256(token.encode()).hexdigest()
