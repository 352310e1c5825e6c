"""The catalogue of permissions: what a route may ask for. Scope PLATFORM acts on every company, TENANT on one."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    PLATFORM = "PLATFORM"
    TENANT = "TENANT"


class Permission(StrEnum):
    """`<noun>.<verb>`; the value travels in roles and tokens, so it is never reused for another meaning."""

    COMPANIES_WRITE = "companies.write"
    COMPANIES_READ = "companies.read"
    COMPANIES_CLOSE = "companies.close"
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
    PRINTED_WRITE = "printed.write"
    PLANS_READ = "plans.read"
    AUDIT_READ = "audit.read"
    USERS_READ = "users.read"
    USERS_WRITE = "users.write"
    ROLES_WRITE = "roles.write"
    API_KEYS_READ = "api-keys.read"
    API_KEYS_WRITE = "api-keys.write"
    STAFF_READ = "staff.read"
    STAFF_WRITE = "staff.write"
    SUPPORT_ACCESS = "support.access"
    METRICS_READ = "metrics.read"
    MAILS_READ = "mails.read"
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
        Permission.COMPANIES_CLOSE,
        Permission.INVITATIONS_WRITE,
        Permission.DEAD_LETTERS_READ,
        Permission.DEAD_LETTERS_REPLAY,
        Permission.STAFF_READ,
        Permission.STAFF_WRITE,
        Permission.SUPPORT_ACCESS,
        Permission.METRICS_READ,
        Permission.MAILS_READ,
    }
)


@dataclass(frozen=True)
class Role:
    """What a role is called on the screen, where it counts, and what it grants (a profile is everybody's)."""

    title: str
    scope: Scope
    granted: frozenset[Permission]

    @property
    def permissions(self) -> frozenset[Permission]:
        return self.granted | {Permission.PROFILE_READ}


_TENANT = frozenset(p for p in Permission if p.scope is Scope.TENANT)
_READ = frozenset(p for p in _TENANT if p.value.endswith(".read"))
_ISSUE = frozenset({Permission.ECF_EMIT, Permission.INVOICES_READ, Permission.PRINTED_READ, Permission.SEQUENCES_READ})

SUPPORT_READER = "support_reader"
"""What support has in a company for an hour or so; nobody gives it to anybody (security D-32)."""

ROLES = {
    "platform_admin": Role("Administrador de la plataforma", Scope.PLATFORM, _PLATFORM),
    "support": Role(
        "Soporte",
        Scope.PLATFORM,
        frozenset(
            {
                Permission.COMPANIES_READ,
                Permission.DEAD_LETTERS_READ,
                Permission.MAILS_READ,
                Permission.METRICS_READ,
                Permission.SUPPORT_ACCESS,
            },
        ),
    ),
    "owner": Role("Dueño", Scope.TENANT, _TENANT),
    "accountant": Role("Contador", Scope.TENANT, _READ - {Permission.API_KEYS_READ, Permission.USERS_READ}),
    "issuer": Role("Emisor", Scope.TENANT, _ISSUE),
    "approver": Role("Aprobador", Scope.TENANT, frozenset({Permission.INVOICES_READ, Permission.PRINTED_READ})),
    "auditor": Role("Auditor", Scope.TENANT, _READ),
    SUPPORT_READER: Role("Soporte (solo lectura)", Scope.TENANT, _READ),
    "integrator": Role("Integrador", Scope.TENANT, _ISSUE | {Permission.API_KEYS_READ}),
}
"""The seeded roles. The tables of auth hold the same (a contract test compares); companies may add roles of their own."""
