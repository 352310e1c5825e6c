"""TEN-03, second half: whatever belongs to company A is, for company B, what nobody has."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from functions.billing import store
from shared.db.ids import uuid7
from shared.http.paging import seal_cursor
from shared.identity.permissions import Scope
from tests.contracts.policy import Operation, policy
from tests.functions.auth.people import Somebody, bearer, log_in, owner
from tests.functions.billing.batches import ndjson, send
from tests.functions.billing.bodies import CONSUMO, FACTURA, credit
from tests.house import House

WITH_IDS = [o for o in policy() if o.parameters and o.permission and o.permission.scope is Scope.TENANT]
SENT: dict[str, Any] = {
    "PATCH /auth/users/{user_id}": {"role": "issuer"},
    "PUT /auth/rbac/roles/{name}": {"name": "cobros", "title": "Cobros", "permissions": ["invoices.read"]},
    "POST /tenant/certificates/{certificate_id}/revoke": {"reason": "Se perdió la clave del certificado"},
    "POST /auth/api-keys/{key_id}/rotate": {"overlap_hours": 1},
    "POST /tenant/sequences/{sequence_id}/leases": {"holder": "CAJA 1", "count": 1, "until": "2099-01-01T00:00:00-04:00"},
}
_PAPER = {"ncf": "B0100000001", "fecha_emision": "2026-11-24", "monto_total": "1.00"}
SENT["POST /tenant/contingencies/{contingency_id}/papers"] = {"items": [_PAPER]}
UNMADE = {"access_id", "rnc"}
"""Ids that only people of the platform make (tests/functions/auth/test_support.py asks for them across companies), and RNCs of
DGII's directory, which are no company's."""


@dataclass(frozen=True)
class Company:
    boss: Somebody
    headers: dict[str, str]
    ids: Mapping[str, str]


def a_company(house: House, *, owning: bool = True) -> Company:
    boss = owner(house)
    entered = log_in(house, boss)
    headers = bearer(entered)
    if not owning:
        return Company(boss, headers, {})
    house.upload_certificate(boss.tenant)
    house.register_range(boss.tenant, 31, 1, 100)
    house.register_range(boss.tenant, 32, 1, 100)
    house.settle()
    emitted = house.emit(boss.tenant, FACTURA, key="the same key").json()
    auth, client = house.client("auth"), house.client("client")
    key = auth.post("/auth/api-keys", json={"name": "ERP", "permissions": ["ecf.emit"]}, headers=headers).json()
    auth.post("/auth/rbac/roles", json=SENT["PUT /auth/rbac/roles/{name}"], headers=headers)
    signers = client.get("/tenant/signers", headers=headers).json()["items"]
    sequences = "/tenant/sequences"
    sequence = house.client("billing").get(sequences, headers=headers).json()["items"][0]["id"]
    lending = f"{sequences}/{sequence}/leases"
    lease = house.client("billing").post(lending, json=SENT[f"POST {sequences}/{{sequence_id}}/leases"], headers=headers).json()
    unused = {"ranges": [{"tipo_ecf": 31, "desde": 90, "hasta": 90}]}
    voiding = house.client("billing").post(f"{sequences}/voidings", json=unused, headers=headers).json()
    stopped = house.client("billing").post("/tenant/contingencies", json={"motivo": "Sin energía"}, headers=headers).json()
    ids = {
        "contingency_id": stopped["id"],
        "voiding_id": voiding["id"],
        "invoice_id": emitted["id"],
        "encf": emitted["encf"],
        "batch_id": send(house, boss.tenant, ndjson({"key": "a", "document": CONSUMO})).json()["id"],
        "sequence_id": sequence,
        "lease_id": lease["id"],
        "certificate_id": client.get("/tenant/certificates", headers=headers).json()["items"][0]["id"],
        "key_id": key["client_id"],
        "name": "cobros",
        "user_id": boss.id,
        "session_id": auth.get("/auth/sessions", headers=headers).json()["items"][0]["id"],
        "signer_id": signers[0]["id"] if signers else "",
    }
    return Company(boss, headers, ids)


@pytest.fixture(scope="module")
def ours(house: House) -> Company:
    return a_company(house)


@pytest.fixture(scope="module")
def theirs(house: House) -> Company:
    return a_company(house, owning=False)


def said(house: House, operation: Operation, values: Mapping[str, str], headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    body = SENT.get(f"{operation.method} {operation.path}")
    answer = house.client(operation.function).request(operation.method, operation.at(values), json=body, headers=headers)
    told = answer.json() if "json" in answer.headers.get("content-type", "") else {"text": answer.text}
    return answer.status_code, {name: value for name, value in told.items() if name != "instance"}


def test_every_kind_of_id_is_tried(ours: Company) -> None:
    wanted = {name for operation in WITH_IDS for name in operation.parameters}
    assert wanted - UNMADE == {name for name in ours.ids if name in wanted and ours.ids[name]}


@pytest.mark.parametrize("operation", WITH_IDS, ids=str)
def test_an_id_of_another_company_is_an_id_that_nobody_has(
    house: House, ours: Company, theirs: Company, operation: Operation
) -> None:
    random = {"name": "ninguno"} if operation.path.startswith("/auth/rbac") else {}
    if operation.method == "PUT":
        random = dict(ours.ids)
    foreign = said(house, operation, ours.ids, theirs.headers)
    assert foreign == said(house, operation, random, theirs.headers)
    assert foreign[0] in ((409,) if operation.path == "/auth/rbac/roles/{name}" and operation.method == "DELETE" else (404,))


def test_in_a_query_a_cursor_a_key_and_a_body_it_is_the_same(house: House, ours: Company, theirs: Company) -> None:
    charges = [
        house.client("plans").get(f"/tenant/plans/charges?invoice_id={one}", headers=theirs.headers)
        for one in (ours.ids["invoice_id"], uuid7())
    ]
    assert charges[0].json() == charges[1].json() == {"items": [], "next": None}
    cursor = seal_cursor(ours.ids["invoice_id"], ours.boss.tenant)
    for function, path in (
        ("billing", "/tenant/invoices"),
        ("client", "/tenant/certificates"),
        ("auth", "/auth/api-keys"),
        ("plans", "/tenant/plans/charges"),
        ("audit", "/audit/logs"),
        ("billing", "/tenant/sequences"),
        ("billing", "/tenant/emit/batch"),
    ):
        answer = house.client(function).get(f"{path}?cursor={cursor}", headers=theirs.headers)
        assert answer.status_code == 422, path
    repeated = house.emit(theirs.boss.tenant, FACTURA, key="the same key")
    assert ours.ids["invoice_id"] not in repeated.text
    assert ours.ids["encf"] not in repeated.text
    assert "idempotency-replayed" not in repeated.headers
    notes = [house.emit(theirs.boss.tenant, credit(encf, "24-11-2026")) for encf in (ours.ids["encf"], "E310000009999")]
    bodies = [{k: v for k, v in n.json().items() if k != "instance"} for n in notes]
    assert str(bodies[0]).replace(ours.ids["encf"], "E") == str(bodies[1]).replace("E310000009999", "E")


def test_a_company_is_kept_apart_twice_and_without_both_it_is_seen(fresh: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutants: a store that no longer names the tenant, then a table without its policy as well."""
    ours, theirs = a_company(fresh), a_company(fresh, owning=False)
    operation = next(o for o in WITH_IDS if o.path == "/tenant/invoices/{invoice_id}")
    for name, statement in list(vars(store).items()):
        if isinstance(statement, str) and "tenant_id = :tenant" in statement:
            blind = re.sub(r"(\w+\.)?tenant_id = :tenant", "CAST(:tenant AS text) IS NOT NULL", statement)
            monkeypatch.setattr(store, name, blind)
    assert said(fresh, operation, ours.ids, theirs.headers)[0] == 404
    address = make_url(os.environ["TEST_DATABASE_URL"]).set(database=make_url(fresh._url_of("fn_billing")).database)
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE billing.invoices DISABLE ROW LEVEL SECURITY"))
    engine.dispose()
    assert said(fresh, operation, ours.ids, theirs.headers)[0] == 200
