"""TEN-03: every operation of every function against everybody who may not use it, generated from docs/policy.yaml."""

from typing import Any

import pytest

from shared.db.ids import uuid7
from shared.http.routes import Public, Route
from shared.identity.permissions import Permission
from shared.identity.tokens import issue_service_token
from tests.contracts.policy import DOORS, NAMES, Operation, answered, bearer, claims, let_in, policy, tabled
from tests.house import House
from tests.shared.http.rooms import room

POLICY = policy()
GUARDED = [operation for operation in POLICY if not operation.access.startswith("public, ")]


@pytest.mark.parametrize("function", NAMES)
def test_the_policy_and_the_table_of_routes_say_the_same(house: House, function: str) -> None:
    app: Any = house.client(function).app
    written = {operation for operation in POLICY if operation.function == function}
    assert tabled(app, function) == written, "docs/policy.yaml has one line an operation: write it, or take it away"
    assert answered(app) - DOORS == {f"{o.method} {o.path}" for o in written}, "a door beside the table of routes"


def test_the_policy_names_functions_that_are_there_and_gives_reasons() -> None:
    assert {operation.function for operation in POLICY} <= set(NAMES)
    unread = [str(o) for o in POLICY if not (o.permission or o.callers or len(o.access.removeprefix("public, ")) > 9)]
    assert not unread


@pytest.mark.parametrize("function", sorted({operation.function for operation in GUARDED}))
def test_nobody_who_may_not_gets_in(house: House, function: str) -> None:
    client = house.client(function)
    assert not [line for o in GUARDED if o.function == function for line in let_in(client, house, o)]


@pytest.mark.parametrize("function", sorted({operation.function for operation in GUARDED}))
def test_who_may_gets_past_the_check(house: House, function: str) -> None:
    """The other half of the zero above: the same requests with the right token are not stopped by the check."""
    stopped = []
    for operation in (o for o in GUARDED if o.function == function):
        for headers in ways_in(house, operation):
            answer = house.client(function).request(operation.method, operation.at({}), headers=headers)
            if answer.status_code in (401, 403, 429, 500):
                stopped.append(f"{operation}: {answer.status_code} {answer.text}")
    assert not stopped


def ways_in(house: House, operation: Operation) -> list[dict[str, str]]:
    if operation.permission:
        return [bearer(house, claims(house, operation, permissions=(operation.permission.value,)))]
    made = [
        issue_service_token(house.keys[caller], audience=operation.function, tenant=uuid7(), purpose="x", body=b"")
        for caller in sorted(operation.callers & set(house.keys))
    ]
    return [{"Authorization": f"Bearer {token}"} for token in made]


def test_a_route_whose_check_is_gone_is_seen_by_both_halves(house: House) -> None:
    """The mutant: one route of plans that asks for nothing any more."""
    kept = list(house.client("plans").app.state.routes)  # type: ignore[attr-defined]
    mutant = [
        Route(r.method, r.path, r.endpoint, Public("forgotten"), status=r.status) if r.access is Permission.PLANS_READ else r
        for r in kept
    ]
    written = {operation for operation in POLICY if operation.function == "plans"}
    with room(house, routes=mutant) as client:
        assert tabled(client.app, "plans") != written
        got_in = [line for o in GUARDED if o.function == "plans" for line in let_in(client, house, o)]
    assert got_in
    assert all("/tenant/plans/" in line for line in got_in)


def test_a_door_beside_the_table_is_seen(house: House) -> None:
    with room(house, routes=[]) as client:
        client.app.add_api_route("/back", lambda: None, methods=["POST"])  # type: ignore[attr-defined]
        assert answered(client.app) - DOORS == {"POST /back"}
