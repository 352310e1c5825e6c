"""The catalogue of permissions: what a route may ask for. Scope PLATFORM acts on every company, TENANT on one."""

from enum import StrEnum


class Scope(StrEnum):
    PLATFORM = "PLATFORM"
    TENANT = "TENANT"


class Permission(StrEnum):
    """`<noun>.<verb>`; the value travels in roles and tokens, so it is never reused for another meaning."""

    COMPANIES_WRITE = "companies.write"
    COMPANIES_READ = "companies.read"
    INVITATIONS_WRITE = "invitations.write"
    DEAD_LETTERS_READ = "dead-letters.read"
    DEAD_LETTERS_REPLAY = "dead-letters.replay"
    ECF_EMIT = "ecf.emit"
    INVOICES_READ = "invoices.read"
    SEQUENCES_READ = "sequences.read"
    SEQUENCES_WRITE = "sequences.write"
    CERTIFICATES_READ = "certificates.read"
    CERTIFICATES_WRITE = "certificates.write"
    PRINTED_READ = "printed.read"
    PLANS_READ = "plans.read"
    AUDIT_READ = "audit.read"
    PROFILE_READ = "profile.read"

    def allowed_in(self, scope: str) -> bool:
        """Whether a token of that scope may carry it: a profile is everybody's own."""
        return self is Permission.PROFILE_READ or self.scope == scope

    @property
    def scope(self) -> Scope:
        return Scope.PLATFORM if self in _PLATFORM else Scope.TENANT


_PLATFORM = frozenset(
    {
        Permission.COMPANIES_WRITE,
        Permission.COMPANIES_READ,
        Permission.INVITATIONS_WRITE,
        Permission.DEAD_LETTERS_READ,
        Permission.DEAD_LETTERS_REPLAY,
    }
)

ROLES: dict[str, frozenset[Permission]] = {
    "platform_admin": _PLATFORM | {Permission.PROFILE_READ},
    "owner": frozenset(p for p in Permission if p.scope is Scope.TENANT),
}
"""Seeded roles and what they grant."""
