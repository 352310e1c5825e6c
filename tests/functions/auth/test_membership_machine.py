"""TEN-05 as a machine: whatever people do to roles and to each other, nobody gets what its giver has not, an owner remains, seeded
roles stay as they are, and a token of before a change opens nothing afterwards."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from functions.auth import domain, membership
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.identity.permissions import ROLES, Permission, Scope
from tests.contracts.policy import bearer, claims, policy
from tests.house import House

FULL = os.environ.get("FULL_FIGURES") == "1"
PERSON = "INSERT INTO auth.users (id, email, name) VALUES (CAST(:id AS uuid), :id || '@example.com', 'x')"
SESSION = """
INSERT INTO auth.sessions (id, user_id, company, expires_at)
VALUES (CAST(:s AS uuid), CAST(:u AS uuid), :c, now() + interval '1 day')
"""
GRANT = "INSERT INTO auth.grants (user_id, company, role) VALUES (CAST(:u AS uuid), :c, :r)"
STATE = """
SELECT g.user_id::text AS id, g.role, ARRAY(SELECT p.permission FROM auth.role_permissions p
  WHERE p.role = g.role AND p.company IN ('*', g.company) AND p.granted) AS permissions
FROM auth.grants g WHERE g.company = :c AND g.ended_at IS NULL
"""
OWN = "SELECT name FROM auth.roles WHERE company = :c"
LIVE = "SELECT 1 FROM flow.live_sessions WHERE id = CAST(:s AS uuid)"
SEEDED = "SELECT role, permission FROM auth.role_permissions WHERE company = '*' AND granted"
TENANT = sorted(p.value for p in Permission if p.scope is Scope.TENANT)
NAMES = ["caja", "limitado", "owner", "platform_admin", "de_otra"]
LIMITED = ["profile.read", "roles.write", "users.read", "users.write"]
PEOPLE = 4
"""The first owns the company; the last is of another company."""


class _Once:
    """The house with one connection to auth's database for the whole run."""

    def __init__(self, house: House) -> None:
        self._house, self._kept = house, dict[str, Any]()

    def database(self, function: str) -> Any:
        if function not in self._kept:
            self._kept[function] = self._house.database(function)
        return self._kept[function]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._house, name)


class Roles(RuleBasedStateMachine):
    """Every act is asked of the real doors with a token of what the person has, or had at some time."""

    house: House

    @initialize()
    def begin(self) -> None:
        self.company, self.other = uuid7(), uuid7()
        self.people = [uuid7() for _ in range(PEOPLE)]
        self.tokens: list[tuple[str, str, tuple[str, frozenset[str]]]] = []
        with self.house.database("auth").transaction(PLATFORM) as tx:
            for person in self.people:
                tx.rows(PERSON, id=person)
            tx.rows(GRANT, u=self.people[0], c=self.company, r="owner")
            tx.rows(GRANT, u=self.people[-1], c=self.other, r="owner")
            membership.make_role(tx, self.company, "limitado", "Limitado", LIMITED)
            tx.rows(GRANT, u=self.people[1], c=self.company, r="limitado")
            self.seeded = {(row.role, row.permission) for row in tx.rows(SEEDED)}
            membership.make_role(tx, self.other, "de_otra", "De otra", ["invoices.read"])

    def state(self) -> dict[str, tuple[str, frozenset[str]]]:
        """Person → role and permissions in the company, as the database has them."""
        with self.house.database("auth").transaction(PLATFORM) as tx:
            return {row.id: (row.role, frozenset(row.permissions)) for row in tx.rows(STATE, c=self.company)}

    def roles(self) -> set[str]:
        """What a person of the company may be: the seeded roles that companies give, and its own."""
        with self.house.database("auth").transaction(PLATFORM) as tx:
            own = {row.name for row in tx.rows(OWN, c=self.company)}
        return own | ROLES.keys() - {"platform_admin", "support", "support_reader"}

    @rule(who=st.integers(0, PEOPLE - 2))
    def log_in(self, who: int) -> None:
        person, found = self.people[who], self.state()
        if person in found:
            session = uuid7()
            with self.house.database("auth").transaction(PLATFORM) as tx:
                tx.rows(SESSION, s=session, u=person, c=self.company)
            self.tokens.append((person, session, found[person]))

    def act(self, token: int, method: str, path: str, body: Any) -> None:
        """Ask, and compare what came of it with what the asker's token may."""
        person, session, had = self.tokens[token % len(self.tokens)]
        held, before = had[1], self.state()
        with self.house.database("auth").transaction(PLATFORM) as tx:
            live = bool(tx.rows(LIVE, s=session))
        operation = next(o for o in policy() if o.path.startswith("/auth/users") and o.permission)
        made = claims(self.house, operation, user=person, tenant=self.company, session=session, permissions=tuple(sorted(held)))
        answer = self.house.client("auth").request(method, path, json=body, headers=bearer(self.house, made))
        assert answer.status_code < 500, answer.text
        after = self.state()
        if not live or before.get(person) != had:
            assert (answer.status_code in (401, 403), after == before) == (True, True), "a token of before the change"
        for one, (_, permissions) in after.items():
            gained = permissions - before.get(one, ("", frozenset()))[1]
            assert gained <= held, f"{sorted(gained - held)} came from somebody who has it not"
        lost = {one for one in before if before[one] != after.get(one)}
        for one in lost - {person}:
            assert before[one][1] <= held | {"profile.read"}, "who has more is not moved by who has less"

    @precondition(lambda self: self.tokens)
    @rule(token=st.integers(0, 50), who=st.integers(0, PEOPLE - 1), role=st.sampled_from([*ROLES, *NAMES]))
    def give(self, token: int, who: int, role: str) -> None:
        self.act(token, "POST", "/auth/users", {"email": f"{self.people[who]}@example.com", "name": "X", "role": role})
        assert role in self.roles() or all(has != role for has, _ in self.state().values())

    @precondition(lambda self: self.tokens)
    @rule(token=st.integers(0, 50), who=st.integers(0, PEOPLE - 1), role=st.sampled_from([*ROLES, *NAMES]))
    def change(self, token: int, who: int, role: str) -> None:
        self.act(token, "PATCH", f"/auth/users/{self.people[who]}", {"role": role})

    @precondition(lambda self: self.tokens)
    @rule(token=st.integers(0, 50), who=st.integers(0, PEOPLE - 1))
    def remove(self, token: int, who: int) -> None:
        self.act(token, "DELETE", f"/auth/users/{self.people[who]}", None)

    @precondition(lambda self: self.tokens)
    @rule(
        token=st.integers(0, 50),
        name=st.sampled_from(NAMES),
        method=st.sampled_from(["POST", "PUT", "DELETE"]),
        permissions=st.lists(st.sampled_from([*TENANT, "companies.write"]), max_size=6, unique=True),
    )
    def edit_role(self, token: int, name: str, method: str, permissions: list[str]) -> None:
        body = None if method == "DELETE" else {"name": name, "title": "Rol", "permissions": permissions}
        self.act(token, method, "/auth/rbac/roles" + ("" if method == "POST" else f"/{name}"), body)

    @invariant()
    def somebody_owns_it(self) -> None:
        assert any(role == "owner" for role, _ in self.state().values())

    @invariant()
    def seeded_roles_stay(self) -> None:
        with self.house.database("auth").transaction(PLATFORM) as tx:
            assert {(row.role, row.permission) for row in tx.rows(SEEDED)} == self.seeded


def here(house: House) -> type[Roles]:
    return type("Here", (Roles,), {"house": _Once(house)})


def test_whatever_people_do_nobody_gives_what_they_do_not_have(fresh: House) -> None:
    limits = settings(
        max_examples=100 if FULL else 4,
        stateful_step_count=40 if FULL else 25,
        deadline=None,
        derandomize=not FULL,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(here(fresh), settings=limits)  # type: ignore[no-untyped-call]


MUTANTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], Callable[[Roles], None]]] = {
    "anybody gives anything": (
        lambda patch: patch.setattr(domain, "may_give", lambda giver, given: None),
        lambda machine: (machine.log_in(1), machine.give(0, 2, "owner"))[1],
    ),
    "the last owner may go": (
        lambda patch: patch.setattr(membership, "owners", lambda *_, **__: set()),
        lambda machine: (machine.log_in(0), machine.remove(0, 0), machine.somebody_owns_it())[2],
    ),
    "sessions outlive a change": (
        lambda patch: patch.setattr("functions.auth.sessions.end_all", lambda *_, **__: []),
        lambda machine: (machine.log_in(0), machine.log_in(1), machine.remove(0, 1), machine.give(1, 2, "limitado"))[3],
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_door_that_forgets_a_rule_is_seen(fresh: House, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    forget, script = MUTANTS[mutant]
    machine = here(fresh)()
    machine.begin()
    forget(monkeypatch)
    with pytest.raises(AssertionError):
        script(machine)
