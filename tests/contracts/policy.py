"""The policy of access as the files say it, the apps that keep it, and what an actor is answered."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.http.routes import Functions, Public, Route
from shared.identity.permissions import Permission, Scope
from shared.identity.principal import PROOF_SECONDS, WANTS_PROOF
from shared.identity.tokens import ACCESS_SECONDS, LEEWAY_SECONDS, UserClaims, issue_service_token, issue_user_token
from tests.house import House
from tests.places import ROOT

NAMES = [path.parent.name for path in sorted((ROOT / "functions").glob("*/app.py"))]
DOORS = {"GET /healthz", "GET /readyz", "GET /metrics", "POST /events"}
"""What every function answers beside its table: probes and the event door, whose deliveries are signed one by one."""


@dataclass(frozen=True)
class Operation:
    """One line of the policy: `access` is a permission, `functions a b` or `public, why`."""

    function: str
    method: str
    path: str
    access: str

    @property
    def permission(self) -> Permission | None:
        return Permission(self.access) if self.access in {p.value for p in Permission} else None

    @property
    def callers(self) -> frozenset[str]:
        kind, _, names = self.access.partition(" ")
        return frozenset(names.split()) if kind == "functions" else frozenset()

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    def at(self, values: Mapping[str, str]) -> str:
        """The path with its parameters filled; what is not given is an id that nobody has."""
        return re.sub(r"\{(\w+)\}", lambda m: values.get(m[1]) or uuid7(), self.path)

    def __str__(self) -> str:
        return f"{self.function}: {self.method} {self.path}"


def policy() -> list[Operation]:
    """Every line of docs/policy.yaml."""
    tables: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "docs" / "policy.yaml").read_text(encoding="utf-8"))
    return [
        Operation(function, operation.partition(" ")[0], operation.partition(" ")[2], access)
        for function, lines in tables.items()
        for operation, access in lines.items()
    ]


def spoken(route: Route) -> str:
    """A route's access in the policy's words."""
    match route.access:
        case Public(reason=reason):
            return f"public, {reason}"
        case Functions(names=names):
            return f"functions {' '.join(sorted(names))}"
        case permission:
            return permission.value


def tabled(app: Any, function: str) -> set[Operation]:
    """The lines that the app's own table of routes amounts to."""
    return {Operation(function, route.method, route.path, spoken(route)) for route in app.state.routes}


def answered(app: Any) -> set[str]:
    """`METHOD path` of all that the app answers, whether or not it stands in its table."""
    from_table = {f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods}
    return from_table | {f"{m} {r.path}" for r in app.routes for m in getattr(r, "methods", ()) if m != "HEAD"}


def claims(house: House, operation: Operation, **changes: Any) -> UserClaims:
    """Of somebody who may do everything in the scope that the operation asks for."""
    scope = operation.permission.scope if operation.permission else Scope.TENANT
    company = changes.pop("tenant", uuid7())
    tenant = PLATFORM if scope is Scope.PLATFORM else company
    names = tuple(p.value for p in Permission if p.allowed_in(scope))
    given: dict[str, Any] = {"user": uuid7(), "tenant": tenant, "scope": scope, "permissions": names, "session": house.session}
    return UserClaims(**given | {"authenticated_at": int(time.time()), "methods": ("pwd", "otp")} | changes)


def bearer(house: House, claims: UserClaims, **more: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_user_token(claims, house.user_key, **more)}"}


def strangers(house: House, operation: Operation) -> Iterator[tuple[str, dict[str, str], int, str]]:
    """Who may not: name, headers, the status and the slug they are to get."""
    yield "anonymous", {}, 401, "not-authenticated" if operation.permission else "token-refused"
    yield "nonsense", {"Authorization": "Bearer x.y.z"}, 401, "token-refused"
    for caller in ("billing", "sandbox", "relay"):
        if caller not in operation.callers:
            token = issue_service_token(house.keys[caller], audience=operation.function, tenant=uuid7(), purpose="x", body=b"")
            yield f"the function {caller}", {"Authorization": f"Bearer {token}"}, 401, "token-refused"
    if operation.callers:
        for caller in sorted(operation.callers & set(house.keys)):
            elsewhere = issue_service_token(house.keys[caller], audience="nowhere", tenant=uuid7(), purpose="x", body=b"")
            yield f"{caller}, for another", {"Authorization": f"Bearer {elsewhere}"}, 401, "token-refused"
        yield "a person", bearer(house, claims(house, operation)), 401, "token-refused"
        return
    permission = operation.permission
    assert permission is not None
    full = claims(house, operation)
    others = tuple(p for p in full.permissions if p != permission.value)
    yield "somebody without it", bearer(house, claims(house, operation, permissions=others)), 403, "permission-missing"
    past = time.time() - ACCESS_SECONDS - LEEWAY_SECONDS - 1
    yield "somebody too late", bearer(house, full, now=past), 401, "token-refused"
    if permission is not Permission.PROFILE_READ:
        other = Scope.TENANT if permission.scope is Scope.PLATFORM else Scope.PLATFORM
        all_of_it = {"scope": other, "permissions": tuple(p.value for p in Permission)}
        from_there = UserClaims(**vars(full) | all_of_it | {"tenant": uuid7() if other is Scope.TENANT else PLATFORM})
        yield "the other scope", bearer(house, from_there), 403, "permission-missing"
    if permission.scope is Scope.PLATFORM:
        yield "no second factor", bearer(house, claims(house, operation, methods=("pwd",))), 403, "second-factor-missing"
    if permission in WANTS_PROOF:
        long_ago = int(time.time()) - PROOF_SECONDS - 5
        yield "an old proof", bearer(house, claims(house, operation, authenticated_at=long_ago)), 403, "proof-too-old"
    if permission in WANTS_PROOF or permission.scope is Scope.PLATFORM:
        yield "an ended session", bearer(house, claims(house, operation, session=uuid7())), 401, "token-refused"


def let_in(client: Any, house: House, operation: Operation) -> list[str]:
    """The strangers that got anything but their refusal, with what they got: TEN-03 wants none."""
    found = []
    for who, headers, status, slug in strangers(house, operation):
        answer = client.request(operation.method, operation.at({}), headers=headers)
        got = answer.json().get("type") if "json" in answer.headers.get("content-type", "") else None
        if (answer.status_code, got) != (status, f"urn:getupnet:{slug}"):
            found.append(f"{operation}, {who}: {answer.status_code} {got}")
    return found
