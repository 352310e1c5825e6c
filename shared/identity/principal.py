"""The principal: who makes a request, for which tenant, and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.errors import NotAllowed, NotAuthenticated
from shared.events.keys import PublicKeys
from shared.identity.permissions import Permission
from shared.identity.tokens import UserClaims, verify_user_token


class TenantMismatch(NotAllowed):
    """X-Tenant-ID names another tenant than the token (security D-3)."""

    slug = "tenant-mismatch"


class PermissionMissing(NotAllowed):
    slug = "permission-missing"


@dataclass(frozen=True)
class Principal:
    user: str
    tenant: str
    scope: str
    permissions: frozenset[str]
    session: str

    def require(self, permission: Permission) -> None:
        """PermissionMissing unless the token grants it in the permission's own scope."""
        if permission not in self.permissions or not permission.allowed_in(self.scope):
            raise PermissionMissing(permission=permission.value)


def principal_of(headers: Mapping[str, str], keys: PublicKeys) -> Principal:
    """From `Authorization: Bearer` (and a cross-checked X-Tenant-ID) to a principal; header names are lower-case."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise NotAuthenticated
    claims: UserClaims = verify_user_token(token.strip(), keys)
    named = headers.get("x-tenant-id")
    if named is not None and named != claims.tenant:
        raise TenantMismatch
    return Principal(claims.user, claims.tenant, claims.scope, frozenset(claims.permissions), claims.session)
