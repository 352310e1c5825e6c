"""Who asks, for which tenant, and whether they may."""

import json
import time
from dataclasses import replace

import pytest

from shared.errors import NotAuthenticated
from shared.events.keys import FunctionKey, PublicKeys
from shared.identity.permissions import ROLES, Permission, Scope
from shared.identity.principal import (
    PROOF_SECONDS,
    PermissionMissing,
    Principal,
    ProofTooOld,
    SecondFactorMissing,
    TenantMismatch,
    cross_check,
    principal_of,
)
from shared.identity.tokens import TokenRefused, UserClaims, issue_user_token
from tests.house import _public, _seed

KEY = FunctionKey("k1", _seed())
KEYS = PublicKeys(json.dumps({"k1": _public(KEY)}))


def headers(**given: str) -> dict[str, str]:
    claims = UserClaims("a-user", "a-tenant", "TENANT", ("ecf.emit", "invented"), "a-session")
    return {"authorization": "Bearer " + issue_user_token(claims, KEY)} | given


def test_the_token_says_who_and_for_which_tenant() -> None:
    made = principal_of(headers(), KEYS)
    assert (made.user, made.tenant, made.scope, made.session) == ("a-user", "a-tenant", "TENANT", "a-session")
    cross_check(made.tenant, [])
    cross_check(made.tenant, ["a-tenant"])


@pytest.mark.parametrize(
    "named", [["another"], [""], ["A-TENANT"], ["a-tenant "], ["a-tenant", "a-tenant"], ["a-tenant", "another"]]
)
def test_a_header_that_names_another_tenant_or_comes_twice_is_refused(named: list[str]) -> None:
    with pytest.raises(TenantMismatch) as refusal:
        cross_check("a-tenant", named)
    assert refusal.value.status == 403


@pytest.mark.parametrize("said", [None, "", "Bearer", "Bearer ", "Basic eDp4", "token"])
def test_without_a_bearer_token_nobody_is_anybody(said: str | None) -> None:
    with pytest.raises(NotAuthenticated):
        principal_of({} if said is None else {"authorization": said}, KEYS)


def test_a_bad_token_is_refused_before_the_tenant_is_looked_at() -> None:
    with pytest.raises(TokenRefused):
        principal_of({"authorization": "Bearer x.y.z", "x-tenant-id": "another"}, KEYS)


def principal(scope: str, *permissions: str) -> Principal:
    return Principal("u", "t", scope, frozenset(permissions), "s", int(time.time()), frozenset({"pwd", "otp"}))


@pytest.mark.parametrize("permission", Permission)
def test_a_permission_counts_only_in_its_own_scope(permission: Permission) -> None:
    for scope in Scope:
        if permission is Permission.PROFILE_READ or permission.scope is scope:
            principal(scope, permission).require(permission)
        else:
            with pytest.raises(PermissionMissing):
                principal(scope, permission).require(permission)


def test_a_permission_that_was_not_granted_is_missing_and_named() -> None:
    with pytest.raises(PermissionMissing) as refusal:
        principal("TENANT", "invoices.read").require(Permission.ECF_EMIT)
    assert refusal.value.facts == {"permission": "ecf.emit"}


def test_no_role_of_a_tenant_grants_what_is_the_platforms() -> None:
    for role in ROLES.values():
        assert all(p.allowed_in(role.scope) for p in role.permissions)


def test_the_platform_is_for_whoever_proved_it_twice() -> None:
    once = replace(principal(Scope.PLATFORM, "companies.read"), methods=frozenset({"pwd"}))
    with pytest.raises(SecondFactorMissing):
        once.require(Permission.COMPANIES_READ)
    replace(principal(Scope.TENANT, "invoices.read"), methods=frozenset({"pwd"})).require(Permission.INVOICES_READ)


@pytest.mark.parametrize("permission", [Permission.CERTIFICATES_WRITE, Permission.SEQUENCES_WRITE, Permission.API_KEYS_WRITE])
def test_a_fiscal_act_wants_a_fresh_proof_and_a_program_has_none(permission: Permission) -> None:
    fresh = principal(Scope.TENANT, permission, "ecf.emit")
    fresh.require(permission)
    for at in (int(time.time()) - PROOF_SECONDS - 1, 0):
        stale = replace(fresh, authenticated_at=at)
        with pytest.raises(ProofTooOld):
            stale.require(permission)
        stale.require(Permission.ECF_EMIT)
