"""TEN-04: nobody sets what is not theirs by adding it to a body: every operation, every object in it, every such field."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from functions.billing.emit_doors import EXAMPLE
from shared.db.ids import uuid7
from shared.http.routes import Public, Route
from shared.identity.permissions import Permission
from shared.identity.tokens import issue_service_token
from tests.contracts.policy import Operation, bearer, claims, policy
from tests.contracts.shapes import members_at, objects, sample, with_more
from tests.functions.billing.batches import ndjson, work
from tests.house import House
from tests.shared.http.rooms import room

MORE: dict[str, Any] = {
    "tenant_id": uuid7(),
    "role": "owner",
    "is_admin": True,
    "estado": "activa",
    "encf": "E310000000001",
    "total": "0.00",
    "created_at": "2020-01-01T00:00:00Z",
    "plan_id": "gratis",
    "commission": "99.00",
}
EXAMPLES = {"/tenant/emit/ecf": EXAMPLE, "/tenant/emit/ecf?validate_only=true": EXAMPLE}
FORMS = {"/tenant/certificates"}
UNREAD = {
    "/auth/token": "RFC 6749, 3.2: parameters that are not recognised are ignored",
    "/tenant/emit/batch": "each line is judged for itself: tested below",
    "/dead-letters": "a CloudEvent in the broker's own form",
    "/wake": "a CloudEvent in the broker's own form",
}
BODILESS = {"resume", "return", "end", "replay", "withdraw", "/dgii/token", "/auth/owners"}
"""Paths, or their last words, whose operations take no body, so that nothing in one can count."""


def snapshot(house: House) -> dict[str, str]:
    """A hash of all rows of every table of every schema."""
    database = make_url(house._url_of("fn_billing")).database
    engine = create_engine(make_url(os.environ["TEST_DATABASE_URL"]).set(database=database))
    with engine.connect() as connection:
        names = connection.execute(
            text(
                "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
            )
        ).scalars()
        hashed = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
        found = {name: str(connection.execute(text(hashed.format(name))).scalar()) for name in names}
    engine.dispose()
    return found


def headers_for(house: House, operation: Operation, tenant: str, body: bytes) -> dict[str, str]:
    if operation.callers:
        key = house.keys[min(operation.callers & set(house.keys))]
        token = issue_service_token(key, audience=operation.function, tenant=tenant, purpose="x", body=body)
        return {"Authorization": f"Bearer {token}"}
    return bearer(house, claims(house, operation, tenant=tenant)) | {"Idempotency-Key": uuid7()}


def spoiled(operation: Operation, document: Any) -> Iterator[tuple[str, Any]]:
    """(what was added where, the body) for every object of the operation's body and every field."""
    schema = document["paths"][operation.path][operation.method.lower()]["requestBody"]["content"]["application/json"]["schema"]
    body = EXAMPLES.get(operation.path) or sample(schema, document)
    for at in objects(body):
        known = set() if operation.path in EXAMPLES else members_at(schema, document, at)
        for name, value in MORE.items():
            changed = None if name in known else with_more(body, at, name, value)
            if changed is not None:
                yield "".join(f"/{step}" for step in (*at, name)), changed


def let_through(house: House, client: Any, operation: Operation, document: Any, *, tenant: str) -> Iterator[str]:
    for number, (pointer, body) in enumerate(spoiled(operation, document)):
        request = client.build_request(operation.method, operation.at({}), json=body)
        # Public doors count by network; each request comes from another.
        request.headers.update(headers_for(house, operation, tenant, request.content) | {"X-Forwarded-For": f"10.0.{number}.1"})
        answer = client.send(request)
        named = {error["pointer"] for error in answer.json().get("errors", [])} if answer.status_code == 422 else set()
        if pointer not in named:
            yield f"{operation}, {pointer}: {answer.status_code} {answer.text[:200]}"


TAKING = [o for o in policy() if o.function != "sandbox" and o.path not in UNREAD and o.path not in FORMS]


def test_what_is_added_to_a_body_is_refused_by_name_and_changes_nothing(fresh: House) -> None:
    tenant = fresh.company()
    before, asked, found = snapshot(fresh), 0, []
    for operation in TAKING:
        document = fresh.client(operation.function).app.openapi()  # type: ignore[attr-defined]
        if "requestBody" in document["paths"][operation.path][operation.method.lower()]:
            asked += sum(1 for _ in spoiled(operation, document))
            found += let_through(fresh, fresh.client(operation.function), operation, document, tenant=tenant)
    assert found == []
    assert asked > 300
    assert snapshot(fresh) == before


def test_every_operation_that_changes_something_has_a_body_that_is_tried(house: House) -> None:
    without = [
        str(operation)
        for operation in TAKING
        if operation.method in ("POST", "PUT", "PATCH") and not {operation.path, operation.path.rpartition("/")[2]} & BODILESS
        if "requestBody" not in house.client(operation.function).app.openapi()["paths"][operation.path][operation.method.lower()]  # type: ignore[attr-defined]
    ]
    assert without == []


def test_a_body_that_takes_anything_is_seen(house: House) -> None:
    class Lax(BaseModel):
        name: str

    def take(body: Lax) -> None:
        return None

    operation = Operation("plans", "POST", "/x", Permission.PLANS_READ.value)
    with room(house, routes=[Route("POST", "/x", take, Public("the mutant"))]) as client:
        document: Any = client.app.openapi()  # type: ignore[attr-defined]
        assert len(list(let_through(house, client, operation, document, tenant=uuid7()))) == len(MORE)


def test_a_line_of_a_batch_is_refused_for_itself(house: House) -> None:
    tenant = house.company()
    lines = [{"key": name, "document": EXAMPLE, name: value} for name, value in MORE.items()]
    lines += [{"key": f"in {name}", "document": EXAMPLE | {name: value}} for name, value in MORE.items()]
    headers = house.token(tenant) | {"Content-Type": "application/x-ndjson", "Idempotency-Key": uuid7()}
    sent = house.client("billing").post("/tenant/emit/batch", content=ndjson(*lines), headers=headers)
    house.settle()
    work(house)
    if sent.status_code == 202:
        rows = house.client("billing").get(f"/tenant/emit/batch/{sent.json()['id']}/rows", headers=house.token(tenant)).json()
        assert {row["estado"] for row in rows["items"]} == {"fallida"}, rows
    assert house.client("billing").get("/tenant/invoices", headers=house.token(tenant)).json()["items"] == []


@pytest.mark.parametrize("name", MORE)
def test_a_form_refuses_what_it_does_not_know(house: House, name: str) -> None:
    tenant = uuid7()
    answer = house.client("client").post(
        "/tenant/certificates",
        files={"p12": ("x.p12", b"x")},
        data={"password": "x", name: str(MORE[name])},
        headers=house.token(tenant),
    )
    assert (answer.status_code, [error["pointer"] for error in answer.json().get("errors", [])]) == (422, [f"/{name}"])
