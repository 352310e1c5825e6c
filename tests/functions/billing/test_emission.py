"""An emission that is interrupted, raced or refused half-way: one key, one number, one set of bytes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from functions.billing import emission
from functions.billing.handlers import JOBS
from shared.db.ids import uuid7
from shared.http.work import run_due
from shared.identity.callee import CalleeUnavailable
from shared.signer.client import SignedDocument, SigningRefused
from tests.functions.billing.bodies import CONSUMO, FACTURA
from tests.house import House


@contextmanager
def signer_that(house: House, answer: Any) -> Iterator[None]:
    """The signer's client with one answer in place of its call: what billing would see of a sick signer."""
    signer = house.shell("billing").outside.signer
    signer.sign = answer
    try:
        yield
    finally:
        del signer.sign


def unavailable(*_: object, **__: object) -> SignedDocument:
    raise CalleeUnavailable(callee="sign")


def crashing(*_: object, **__: object) -> SignedDocument:
    raise RuntimeError("the process ends here as far as the document is concerned")


def refusing(*_: object, **__: object) -> SignedDocument:
    raise SigningRefused(reason="de prueba")


def expire_lease(house: House, tenant: str) -> None:
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.idempotency SET lease_until = now() - interval '1 second'")
        tx.rows("UPDATE flow.work SET due_at = now() WHERE state = 'pending' AND kind = 'finish'")


@pytest.fixture
def tenant(house: House) -> str:
    return house.company()


def test_while_the_signer_is_away_the_document_keeps_its_number_and_the_sweep_signs_it(house: House, tenant: str) -> None:
    with signer_that(house, unavailable):
        answer = house.emit(tenant, FACTURA)
    assert (answer.status_code, answer.json()["estado"]) == (202, "numerado")
    expire_lease(house, tenant)
    assert run_due(house.shell("billing"), JOBS, jobs=10, seconds=5) == 1
    path = f"/tenant/invoices/{answer.json()['id']}"
    signed = house.client("billing").get(path, headers=house.token(tenant)).json()
    assert (signed["encf"], signed["estado"]) == (answer.json()["encf"], "firmado")


def test_a_retry_within_the_lease_is_told_to_wait(house: House, tenant: str) -> None:
    key = uuid7()
    with signer_that(house, crashing):
        house.emit(tenant, FACTURA, key=key)
    again = house.emit(tenant, FACTURA, key=key)
    assert (again.status_code, again.json()["type"]) == (409, "urn:getupnet:emission-in-progress")
    assert 1 <= int(again.headers["retry-after"]) <= 30


def test_a_retry_after_the_lease_continues_with_the_same_number(house: House, tenant: str) -> None:
    key = uuid7()
    with signer_that(house, crashing):
        house.emit(tenant, FACTURA, key=key)
    first = house.client("billing").get("/tenant/invoices", headers=house.token(tenant)).json()["items"][0]
    expire_lease(house, tenant)
    again = house.emit(tenant, FACTURA, key=key)
    assert (again.status_code, again.json()["encf"], again.json()["estado"]) == (201, first["encf"], "firmado")


def test_a_retry_after_the_signer_was_away_continues_at_once_with_the_same_number(house: House, tenant: str) -> None:
    key = uuid7()
    with signer_that(house, unavailable):
        first = house.emit(tenant, FACTURA, key=key)
        away = house.emit(tenant, FACTURA, key=key)
    again = house.emit(tenant, FACTURA, key=key)
    assert [a.status_code for a in (first, away, again)] == [202, 202, 201]
    assert {a.json()["encf"] for a in (first, away, again)} == {first.json()["encf"]}


def test_whoever_signs_second_changes_nothing(house: House, tenant: str) -> None:
    made = house.emit(tenant, FACTURA).json()
    path = f"/tenant/invoices/{made['id']}/xml"
    before = house.client("billing").get(path, headers=house.token(tenant)).content
    emission.finish(house.shell("billing"), tenant, made["id"])
    assert house.client("billing").get(path, headers=house.token(tenant)).content == before
    with house.database("billing").transaction(tenant) as tx:
        assert len(tx.rows("SELECT 1 FROM flow.outbox WHERE subject = :id", id=made["id"])) == 1


def test_a_number_that_was_refused_by_the_signer_is_issued_first_next_time(house: House, tenant: str) -> None:
    key = uuid7()
    with signer_that(house, refusing):
        refused = house.emit(tenant, FACTURA, key=key)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:getupnet:signing-refused")
    listed = house.client("billing").get("/tenant/invoices", headers=house.token(tenant)).json()["items"]
    assert [i["estado"] for i in listed] == ["sin_usar"]
    made = house.emit(tenant, FACTURA, key=key)
    assert (made.status_code, made.json()["encf"]) == (201, listed[0]["encf"])
    assert house.emit(tenant, FACTURA).json()["encf"] > listed[0]["encf"]


def test_many_at_once_get_numbers_without_gap_or_double(house: House, tenant: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: house.emit(tenant, CONSUMO), range(40)))
    numbers = sorted(int(a.json()["encf"][3:]) for a in answers)
    assert numbers == list(range(1, 41))


def test_one_key_sent_many_times_at_once_makes_one_document(house: House, tenant: str) -> None:
    key = uuid7()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: house.emit(tenant, CONSUMO, key=key), range(16)))
    assert {a.status_code for a in answers} <= {201, 409}
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
    listed = house.client("billing").get("/tenant/invoices", headers=house.token(tenant)).json()["items"]
    assert len(listed) == 1


def test_ranges_follow_one_another_without_a_hole(house: House) -> None:
    tenant = house.company(ranges=False)
    house.register_range(tenant, 32, 1, 5)
    house.register_range(tenant, 32, 101, 110)
    house.settle()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: house.emit(tenant, CONSUMO), range(12)))
    numbers = sorted(int(a.json()["encf"][3:]) for a in answers)
    assert numbers == [1, 2, 3, 4, 5, *range(101, 108)]


def test_the_lease_is_the_delay_of_the_sweep(house: House, tenant: str) -> None:
    with signer_that(house, crashing):
        house.emit(tenant, FACTURA)
    with house.database("billing").transaction(tenant) as tx:
        row = tx.rows("SELECT due_at - created_at AS delay FROM flow.work WHERE state = 'pending' AND kind = 'finish'")[0]
    assert timedelta(seconds=28) < row.delay < timedelta(seconds=32)


def test_a_revoked_certificate_signs_nothing_more_and_the_other_takes_over(house: House) -> None:
    tenant = house.company()
    second = house.upload_certificate(tenant).json()["id"]
    house.settle()

    def signed_with() -> str:
        made = house.emit(tenant, FACTURA)
        assert made.status_code == 201, made.text
        with house.database("billing").transaction(tenant) as tx:
            row = tx.row("SELECT certificate_id::text AS c FROM billing.invoices ORDER BY created_at DESC LIMIT 1")
        return str(row.c)  # type: ignore[union-attr]

    def revoke(certificate: str) -> None:
        path = f"/tenant/certificates/{certificate}/revoke"
        answer = house.client("client").post(path, json={"reason": "equipo perdido"}, headers=house.token(tenant))
        assert answer.status_code == 200, answer.text
        house.settle()

    assert signed_with() == second
    revoke(second)
    first = signed_with()
    assert first != second
    revoke(first)
    refused = house.emit(tenant, FACTURA)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:getupnet:certificate-missing")
