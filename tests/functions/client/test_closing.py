"""TEN-09: a sealed company's keys are gone whoever dies on the way, its records are all there, and another's keys are untouched."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from functions.client import closing, domain
from shared.cloud.kms import destroy_tenant_key
from shared.cloud.secrets import put_secret
from shared.cloud.session import Aws
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.events.companies import CompanySealed
from shared.http.work import run_due
from tests.data.facts import signed
from tests.functions.billing.bodies import FACTURA
from tests.house import House

FISCAL = ("billing.invoices", "billing.sequences", "sign.signatures", "dgii.submissions", "ri.documents", "plans.charges")


class Killed(BaseException):
    """The process is no more."""


@pytest.fixture
def company(house: House) -> str:
    """One that has emitted."""
    tenant = house.company()
    assert house.emit(tenant, FACTURA).status_code == 201
    house.settle()
    return tenant


def act(house: House, tenant: str, what: str) -> None:
    path, reason = f"/admin/companies/{tenant}/{what}", {"reason": "El contribuyente cerró"}
    assert house.client("admin").post(path, json=reason, headers=house.token(PLATFORM)).status_code == 200


def names() -> list[str]:
    """Every secret there is: other tests of this process left theirs, so they fill more than one page."""
    pages = boto3.client("secretsmanager", region_name="us-east-1").get_paginator("list_secrets").paginate()
    return [secret["Name"] for page in pages for secret in page["SecretList"]]


def secrets(tenant: str) -> list[str]:
    return [name for name in names() if f"/{tenant}/" in name]


def key_state(tenant: str) -> str:
    kms = boto3.client("kms", region_name="us-east-1")
    return str(kms.describe_key(KeyId=f"alias/getupnet-{tenant}")["KeyMetadata"]["KeyState"])


def standing(house: House, tenant: str) -> dict[str, int]:
    """How many records of each kind the company has."""
    found = {}
    for table in FISCAL:
        database = house.database(table.partition(".")[0])
        with database.transaction(tenant) as tx:
            found[table] = int(tx.rows(f"SELECT count(*) AS n FROM {table}")[0].n)
        database.close()
    return found


def told(house: House, tenant: str) -> list[str]:
    with house.database("client").transaction(tenant) as tx:
        return [row.type.removeprefix("do.getupnet.") for row in tx.rows("SELECT type FROM flow.outbox ORDER BY seq")]


def work(house: House) -> None:
    """What waits, whenever it is due: a killed worker's lease is over."""
    with house.database("relay").transaction(PLATFORM) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = :k AND state = 'pending'", k=closing.DESTROY)
    run_due(house.shell("client"), {closing.DESTROY: closing.destroy}, jobs=10, seconds=10)


def test_a_sealed_companys_keys_are_gone_and_its_records_stay(house: House, company: str) -> None:
    other = house.company(ranges=False)
    before = standing(house, company)
    assert before["billing.invoices"] == 1
    assert secrets(company)
    act(house, company, "suspend")
    house.settle()
    assert (len(secrets(company)), key_state(company)) == (1, "Enabled"), "a suspension can be ended"
    act(house, company, "seal")
    house.settle()
    assert (secrets(company), key_state(company)) == ([], "PendingDeletion")
    assert told(house, company)[-2:] == ["certificate.revoked.v1", "keys.destroyed.v1"]
    assert standing(house, company) == before
    assert (len(secrets(other)), key_state(other)) == (1, "Enabled")


def test_without_the_listener_the_keys_stay_and_it_is_seen(house: House, company: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.shell("client").work.__class__, "add", lambda *_, **__: None)
    for what in ("suspend", "seal"):
        act(house, company, what)
        house.settle()
    work(house)
    assert (len(secrets(company)), key_state(company)) == (1, "Enabled")


Steps = Callable[[int, bool], None]


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Makes the process die before or after its nth call to AWS, once."""
    plan: dict[str, Any] = {"left": 0, "after": False}
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def counted(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        plan["left"] -= 1
        if plan["left"] == 0 and not plan["after"]:
            raise Killed
        answer = call(self, operation, parameters)
        if plan["left"] == 0:
            raise Killed
        return answer

    def arrange(step: int, after: bool) -> None:
        plan.update(left=step, after=after)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    yield arrange
    plan["left"] = 0


def test_killed_at_each_step_the_company_is_sealed_wholly_in_the_end(house: House, dying: Steps) -> None:
    """Six calls destroy: describe, disable, schedule, describe, list, delete."""
    died = 0
    for step in range(1, 8):
        for after in (False, True):
            tenant, shell = uuid7(), house.shell("client")
            put_secret(shell.outside.aws, domain.secret_name(tenant, uuid7()), "x", tenant=tenant)
            sealed = CompanySealed(reason="El contribuyente cerró", by="a-user")
            with shell.transaction(tenant) as tx:
                closing.on_sealed(shell, tx, sealed, signed(house.keys["admin"], sealed, tenant=tenant, subject=tenant))
            dying(step, after)
            try:
                work(house)
            except Killed:
                died += 1
                assert "keys.destroyed.v1" not in told(house, tenant), "said before it was true"
                dying(0, False)
                work(house)
            dying(0, False)
            assert (secrets(tenant), key_state(tenant)) == ([], "PendingDeletion")
            assert told(house, tenant).count("keys.destroyed.v1") == 1
    assert died >= 10, "who never died proves nothing"


def test_an_upload_that_was_under_way_adds_no_certificate_to_a_sealed_company(house: House) -> None:
    tenant = house.company(certificate=False, ranges=False)
    for what in ("suspend", "seal"):
        act(house, tenant, what)
        house.settle()
    answer = house.upload_certificate(tenant)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:getupnet:company-sealed")
    assert secrets(tenant) == []


def test_a_secret_that_no_row_names_is_deleted_too_and_a_neighbours_is_not(house: House) -> None:
    tenant = uuid7()
    vault, client = house.shell("client").outside, boto3.client("secretsmanager", region_name="us-east-1")
    orphan, neighbour = domain.secret_name(tenant, uuid7()), domain.secret_name(uuid7(), uuid7())
    for name in (orphan, neighbour):
        client.create_secret(Name=name, SecretString="x")
    assert vault.destroy([], tenant=tenant) is None, "it never had a key"
    listed = names()
    assert (orphan in listed, neighbour in listed) == (False, True)


def test_destroying_twice_is_destroying_once(house: House) -> None:
    tenant = house.company(ranges=False)
    aws: Aws = house.shell("client").outside.aws
    assert destroy_tenant_key(aws, tenant) == destroy_tenant_key(aws, tenant)
