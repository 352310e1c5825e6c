"""While audit is an hour behind, every act about companies, people and keys waits at its door, and no other (security D-18)."""

from collections.abc import Iterator

import pytest

from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.identity.permissions import Permission
from shared.identity.principal import WAITS_FOR_SEAL
from tests.contracts.policy import Operation, bearer, claims, policy
from tests.house import House
from tests.shared.flow.test_sealing import record

GUARDED = [operation for operation in policy() if operation.permission]
KEYS_PEOPLE_COMPANIES = {
    "admin": "companies",
    "auth": "users roles api-keys staff support invitations",
    "client": "certificates",
}
"""The nouns that D-18 means, by function; written down once more, so that a forgotten permission is seen."""


def waiting(house: House, tenant: str) -> Iterator[Operation]:
    """The operations that are put off while that company's log is behind."""
    for operation in GUARDED:
        made = claims(house, operation, tenant=tenant)
        answer = house.client(operation.function).request(operation.method, operation.at({}), headers=bearer(house, made))
        if answer.status_code == 503 and answer.json()["type"] == "urn:getupnet:audit-behind":
            assert answer.headers["retry-after"] == "60"
            yield operation


def meant(operation: Operation) -> bool:
    noun, _, verb = operation.access.partition(".")
    return verb != "read" and noun in KEYS_PEOPLE_COMPANIES.get(operation.function, "").split()


def test_the_acts_that_wait_are_those_about_companies_people_and_keys(fresh: House) -> None:
    tenant = uuid7()
    assert list(waiting(fresh, tenant)) == []
    record(fresh, tenant, minutes=61, function="billing")
    stopped = set(waiting(fresh, tenant))
    assert stopped == {operation for operation in GUARDED if meant(operation)}
    assert {operation.permission for operation in stopped} == WAITS_FOR_SEAL
    assert Permission.ECF_EMIT not in WAITS_FOR_SEAL


def test_a_door_that_no_longer_asks_is_seen(fresh: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = uuid7()
    record(fresh, tenant, minutes=61)
    monkeypatch.setattr("shared.http.routes.WAITS_FOR_SEAL", frozenset(WAITS_FOR_SEAL - {Permission.API_KEYS_WRITE}))
    assert {operation for operation in GUARDED if meant(operation)} - set(waiting(fresh, tenant))


def test_another_companys_acts_go_on_and_the_platforms_wait(fresh: House) -> None:
    record(fresh, uuid7(), minutes=61)
    stopped = {operation.function for operation in waiting(fresh, uuid7())}
    assert stopped == {"admin", "auth"}
    body = {"name": "ERP", "permissions": ["ecf.emit"]}
    assert fresh.client("auth").post("/auth/api-keys", json=body, headers=fresh.token(uuid7())).status_code == 201
    assert fresh.client("admin").get("/admin/companies", headers=fresh.token(PLATFORM)).status_code == 200
