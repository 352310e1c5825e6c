"""Whoever is known and gets 403 is in the log of the own company, once a minute; whoever is unknown is not."""

import json
from typing import Any

from shared.db.ids import uuid7
from shared.errors import NotAllowed
from shared.http.routes import Route
from shared.identity.permissions import Permission
from tests.house import House
from tests.shared.http.rooms import room


def told(house: House, tenant: str) -> list[tuple[str, dict[str, Any]]]:
    """(subject, payload) of each refusal in the tenant's log."""
    with house.database("plans").transaction(tenant) as tx:
        rows = tx.rows("SELECT subject, data FROM flow.outbox WHERE type = 'do.getupnet.access.refused.v1' ORDER BY seq")
    return [(row.subject, json.loads(row.data)) for row in rows]


def ask(house: House, tenant: str, *permissions: Permission, path: str = "/tenant/plans/current", **headers: str) -> Any:
    return house.client("plans").get(path, headers=house.token(tenant, *permissions) | headers)


def test_a_foreign_tenant_header_is_one_fact_that_names_it(house: House) -> None:
    tenant, other = uuid7(), uuid7()
    for _ in range(50):
        answer = ask(house, tenant, **{"X-Tenant-ID": other})
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:getupnet:tenant-mismatch")
    said = {"route": "GET /tenant/plans/current", "code": "tenant-mismatch", "named": other}
    assert told(house, tenant) == [("a-user", said)]
    assert told(house, other) == []


def test_what_a_caller_wrote_enters_no_log(house: House) -> None:
    tenant = uuid7()
    assert ask(house, tenant, **{"X-Tenant-ID": "'; DROP TABLE x; --"}).status_code == 403
    assert [payload["named"] for _, payload in told(house, tenant)] == [None]


def test_a_missing_permission_is_told_for_each_route(house: House) -> None:
    tenant = uuid7()
    for path in ("/tenant/plans/current", "/tenant/plans/charges", "/tenant/plans/current"):
        assert ask(house, tenant, Permission.INVOICES_READ, path=path).status_code == 403
    assert [payload["route"] for _, payload in told(house, tenant)] == ["GET /tenant/plans/current", "GET /tenant/plans/charges"]


def test_who_is_unknown_or_only_wrong_is_not_told_of(house: House) -> None:
    tenant = uuid7()
    assert house.client("plans").get("/tenant/plans/current", headers={"X-Tenant-ID": tenant}).status_code == 401
    assert ask(house, tenant, path="/tenant/plans/charges?limit=0").status_code == 422
    assert told(house, tenant) == []


def test_a_refusal_by_a_handler_is_told_too_and_stays_a_refusal_without_a_database(house: House) -> None:
    def refuse() -> None:
        raise NotAllowed

    tenant = uuid7()
    with room(house, routes=[Route("GET", "/x/{id}", refuse, Permission.PLANS_READ)]) as client:
        assert client.get(f"/x/{uuid7()}", headers=house.token(tenant)).status_code == 403
        assert [payload["route"] for _, payload in told(house, tenant)] == ["GET /x/{id}"]
        database = client.app.state.shell.database  # type: ignore[attr-defined]
        database.close()
        database._engine, database._url = None, "postgresql+pg8000://nobody:x@127.0.0.1:1/nothing"
        assert client.get("/x/1", headers=house.token(uuid7())).status_code == 403
