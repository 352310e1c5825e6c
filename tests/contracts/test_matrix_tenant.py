"""TEN-02: on every route the tenant is the token's; a header that says otherwise is refused and told of, never 5xx."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.events.access import AccessRefused
from shared.http import refusals
from shared.identity.permissions import Scope
from shared.identity.tokens import issue_service_token, verify_user_token
from tests.contracts.policy import Operation, bearer, claims, policy
from tests.functions.auth.people import bearer as bearer_of
from tests.functions.auth.people import log_in, owner
from tests.house import House

GUARDED = [operation for operation in policy() if operation.permission or operation.callers]
FUNCTIONS = sorted({operation.function for operation in GUARDED})
Headers = list[tuple[str, str]]


def asker(house: House, operation: Operation, tenant: str) -> tuple[str, str, dict[str, str]]:
    """Name, tenant and token of somebody new who may use the operation."""
    if operation.callers:
        caller = min(operation.callers & set(house.keys))
        token = issue_service_token(house.keys[caller], audience=operation.function, tenant=tenant, purpose="x", body=b"")
        return f"function:{caller}", tenant, {"Authorization": f"Bearer {token}"}
    granted = (operation.permission.value,) if operation.permission else ()
    made = claims(house, operation, tenant=tenant, permissions=granted)
    return made.user, made.tenant, bearer(house, made)


def ask(house: House, operation: Operation, *headers: tuple[str, str]) -> httpx.Response:
    return house.client(operation.function).request(operation.method, operation.at({}), headers=list(headers))


def kind(answer: httpx.Response) -> str:
    return str(answer.json().get("type")) if "json" in answer.headers.get("content-type", "") else ""


def agreeing(tenant: str) -> Iterator[tuple[str, list[str]]]:
    yield "no header", []
    yield "the claim", [tenant]


def differing(tenant: str) -> Iterator[tuple[str, list[str]]]:
    yield "another", [uuid7()]
    yield "the same twice", [tenant, tenant]
    yield "two", [tenant, uuid7()]
    yield "in one line", [f"{tenant}, {tenant}"]
    yield "nothing", [""]
    yield "spaces", [f" {tenant} "]
    yield "capitals", [tenant.upper()]
    yield "braces", [f"{{{tenant}}}"]
    yield "a URN", [f"urn:uuid:{tenant}"]
    yield "without hyphens", [tenant.replace("-", "") + "0"]
    yield "the platform's", ["platform-"]


def mistakes(house: House, operation: Operation) -> list[str]:
    """What was answered otherwise than it should: empty for a door that keeps to the token."""
    found = []
    for what, named in agreeing(tenant := uuid7()):
        _, tenant, token = asker(house, operation, tenant)
        answer = ask(house, operation, *token.items(), *(("X-Tenant-ID", tenant) for _ in named))
        if answer.status_code in (401, 403, 429, 500):
            found.append(f"{operation}, {what}: {answer.status_code}")
    for what, named in differing(tenant):
        _, _, token = asker(house, operation, tenant)
        answer = ask(house, operation, *token.items(), *(("X-Tenant-ID", name) for name in named))
        if (answer.status_code, kind(answer)) != (403, "urn:getupnet:tenant-mismatch"):
            found.append(f"{operation}, {what}: {answer.status_code}")
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_header_agrees_letter_for_letter_or_is_refused(house: House, function: str) -> None:
    assert [line for operation in GUARDED if operation.function == function for line in mistakes(house, operation)] == []


def facts(database: Database, tenant: str, who: str) -> int:
    """How many refusals of that asker are in the tenant's log."""
    with database.transaction(tenant) as tx:
        counted = "SELECT count(*) AS n FROM flow.outbox WHERE type = :t AND subject = :s AND tenant_id = :x"
        return int(tx.rows(counted, t=AccessRefused.type, s=who, x=tenant)[0].n)


@pytest.mark.parametrize("function", [function for function in FUNCTIONS if function != "sign"])
def test_a_mismatch_is_one_fact_of_the_askers_own_tenant(house: House, function: str) -> None:
    database, told = house.database(function), {}
    for operation in (o for o in GUARDED if o.function == function):
        who, tenant, token = asker(house, operation, uuid7())
        for _ in range(2):
            assert ask(house, operation, *token.items(), ("X-Tenant-ID", uuid7())).status_code == 403
        told[str(operation)] = facts(database, tenant, who)
    database.close()
    assert set(told.values()) == {1}, told


def test_a_door_that_tells_nobody_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "tell", lambda request, refusal: None)
    operation = next(o for o in GUARDED if o.path == "/tenant/invoices")
    who, tenant, token = asker(house, operation, uuid7())
    assert ask(house, operation, *token.items(), ("X-Tenant-ID", uuid7())).status_code == 403
    assert facts(house.database("billing"), tenant, who) == 0


def test_a_door_that_believes_the_header_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.http.routes.cross_check", lambda tenant, named: None)
    operation = next(o for o in GUARDED if o.path == "/tenant/invoices")
    assert len(mistakes(house, operation)) == len(list(differing("a")))


TENANTS: dict[str, Any] = {
    "missing": None,
    "two": ["a", "b"],
    "two in one": "a,b",
    "empty": "",
    "spaces": " a ",
    "capitals": "A",
    "a number": 7,
    "sealed text": "a|9999999999|x",
    "a quote": "a'b",
    "long": "a" * 37,
}


def payload(house: House, operation: Operation, tenant: Any) -> dict[str, Any]:
    granted = [operation.permission.value] if operation.permission else []
    scope = operation.permission.scope if operation.permission else Scope.TENANT
    now = int(time.time())
    made = {"iss": "auth", "aud": "getupnet", "sub": uuid7(), "scope": scope, "perms": granted, "sid": house.session}
    made |= {"auth_time": now, "amr": ["pwd", "otp"], "iat": now, "exp": now + 900}
    return made if tenant is None else made | {"tid": tenant}


@pytest.mark.parametrize("tenant", TENANTS.values(), ids=TENANTS.keys())
def test_a_claim_that_is_not_one_tenant_opens_nothing(house: House, tenant: Any) -> None:
    wrong = []
    for operation in (o for o in GUARDED if o.permission):
        said = payload(house, operation, tenant)
        token = jwt.encode(said, house.user_key.private, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": "k1"})
        answer = ask(house, operation, ("Authorization", f"Bearer {token}"))
        if answer.status_code != 401:
            wrong.append(f"{operation}: {answer.status_code}")
    assert wrong == []


WRITES = [o for o in GUARDED if o.permission and o.permission.scope is Scope.TENANT and not o.permission.value.endswith(".read")]


def test_a_suspended_companys_people_and_programs_change_nothing_and_may_again_when_it_is_resumed(house: House) -> None:
    boss = owner(house)
    person = log_in(house, boss)
    sent = {"name": "ERP", "permissions": ["ecf.emit", "printed.write"]}
    key = house.client("auth").post("/auth/api-keys", json=sent, headers=bearer_of(person)).json()["client_id"]

    def answers(session: str) -> dict[str, int]:
        found = {}
        for operation in WRITES:
            granted = (operation.permission.value,) if operation.permission else ()
            made = claims(house, operation, user=boss.id, tenant=boss.tenant, session=session, permissions=granted)
            found[str(operation)] = ask(house, operation, *bearer(house, made).items()).status_code
        return found

    def turn(what: str) -> None:
        platform = house.token("platform")
        path = f"/admin/companies/{boss.tenant}/{what}"
        assert house.client("admin").post(path, json={"reason": "Falta de pago"}, headers=platform).status_code == 200
        house.settle()

    assert set(answers(key).values()).isdisjoint({401, 403})
    turn("suspend")
    for session in (key, verify_user_token(person.json()["access_token"], house.shell("auth").user_keys).session):
        assert set(answers(session).values()) == {401}
    turn("resume")
    assert set(answers(key).values()).isdisjoint({401, 403})
