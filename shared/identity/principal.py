"""The principal: who makes a request, for which tenant, and what they may do."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.errors import NotAllowed, NotAuthenticated
from shared.events.keys import PublicKeys
from shared.identity.permissions import Permission, Scope
from shared.identity.tokens import UserClaims, verify_user_token


class TenantMismatch(NotAllowed):
    """X-Tenant-ID names another tenant than the token, or comes twice (security D-3)."""

    slug = "tenant-mismatch"


class PermissionMissing(NotAllowed):
    slug = "permission-missing"


class SecondFactorMissing(NotAllowed):
    """Whoever acts for the platform has proved it twice."""

    slug = "second-factor-missing"


class ProofTooOld(NotAllowed):
    """The act is a fiscal one or one about keys: the person proves again to be there, at `/auth/mfa/verify` or by a log-in."""

    slug = "proof-too-old"


WAITS_FOR_SEAL = frozenset(
    {
        Permission.COMPANIES_WRITE,
        Permission.COMPANIES_CLOSE,
        Permission.INVITATIONS_WRITE,
        Permission.STAFF_WRITE,
        Permission.SUPPORT_ACCESS,
        Permission.USERS_WRITE,
        Permission.ROLES_WRITE,
        Permission.API_KEYS_WRITE,
        Permission.CERTIFICATES_WRITE,
    }
)
"""Acts about companies, people and keys: they wait while audit does not seal (security D-18); emission never does."""
PROOF_SECONDS = 900
"""How long a proof of presence is good for the acts that want a fresh one (security D-6)."""
WANTS_PROOF = frozenset(
    {
        Permission.CERTIFICATES_WRITE,
        Permission.SEQUENCES_WRITE,
        Permission.ROLES_WRITE,
        Permission.USERS_WRITE,
        Permission.API_KEYS_WRITE,
        Permission.COMPANIES_CLOSE,
        Permission.STAFF_WRITE,
        Permission.SUPPORT_ACCESS,
        Permission.INVITATIONS_WRITE,
    }
)


@dataclass(frozen=True)
class Principal:
    user: str
    tenant: str
    scope: str
    permissions: frozenset[str]
    session: str
    authenticated_at: int = 0
    methods: frozenset[str] = frozenset()

    def require(self, permission: Permission) -> None:
        """PermissionMissing unless the token grants it in the permission's own scope; then whether the proof is good enough."""
        if permission not in self.permissions or not permission.allowed_in(self.scope):
            raise PermissionMissing(permission=permission.value)
        if self.scope == Scope.PLATFORM and "otp" not in self.methods:
            raise SecondFactorMissing
        if permission in WANTS_PROOF and time.time() - self.authenticated_at > PROOF_SECONDS:
            raise ProofTooOld


def principal_of(headers: Mapping[str, str], keys: PublicKeys) -> Principal:
    """From `Authorization: Bearer` to a principal; header names are lower-case."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise NotAuthenticated
    claims: UserClaims = verify_user_token(token.strip(), keys)
    permissions, methods = frozenset(claims.permissions), frozenset(claims.methods)
    return Principal(claims.user, claims.tenant, claims.scope, permissions, claims.session, claims.authenticated_at, methods)


def cross_check(tenant: str, named: Sequence[str]) -> None:
    """TenantMismatch unless X-Tenant-ID is absent or says once, letter for letter, the tenant that was proved."""
    if named and list(named) != [tenant]:
        raise TenantMismatch
