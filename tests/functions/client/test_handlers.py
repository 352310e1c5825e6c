"""A P12 goes in, its key goes to the secrets store, and nothing of it comes out."""

import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from functions.sandbox.authority import CEDULA, Authority, Leaf
from shared.db.ids import uuid7
from tests.functions.client.files import costly, two_keys
from tests.house import House

PASSWORD = "clave ñ"
AUTHORITY = Authority.create()
LEAF = AUTHORITY.issue()


def upload(house: House, tenant: str, p12: bytes, password: str = PASSWORD, **headers: str) -> Any:
    return house.client("client").post(
        "/tenant/certificates",
        files={"p12": ("p.p12", p12)},
        data={"password": password},
        headers=house.token(tenant) | headers,
    )


def listed(house: House, tenant: str, query: str = "") -> Any:
    return house.client("client").get(f"/tenant/certificates{query}", headers=house.token(tenant)).json()


def code(answer: Any) -> str:
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:getupnet:certificate-unreadable"), answer.text
    assert answer.json()["errors"][0]["pointer"] == "/p12"
    said: str = answer.json()["errors"][0]["code"]
    return said


@pytest.mark.parametrize("legacy", [False, True])
def test_a_p12_of_today_or_of_old_windows_is_taken(house: House, legacy: bool) -> None:
    tenant = uuid7()
    answer = upload(house, tenant, LEAF.p12(PASSWORD, legacy=legacy))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["holder_id"], made["holder_name"]) == (f"IDCDO-{CEDULA}", "FIRMANTE PRUEBA")
    assert listed(house, tenant)["items"] == [made]
    assert "PRIVATE" not in answer.text


@pytest.mark.parametrize(
    ("make", "password"),
    [
        (lambda: AUTHORITY.issue(bits=3072).p12(PASSWORD), PASSWORD),
        (lambda: LEAF.p12("contraseña €"), "contraseña €"),
        (lambda: with_chain(20), PASSWORD),
        (lambda: with_chain(1, b"</x>\n\r'; DROP TABLE\xc2\x85" * 50), PASSWORD),
    ],
    ids=["3072 bits", "BMPString", "chain of 20", "hostile friendlyName"],
)
def test_what_is_unusual_and_good_is_taken(house: House, make: Any, password: str) -> None:
    tenant = uuid7()
    answer = upload(house, tenant, make(), password)
    assert answer.status_code == 201, answer.text
    assert answer.json()["holder_name"] == "FIRMANTE PRUEBA"
    assert "DROP" not in answer.text


def test_a_p12_with_rc2_as_openssl_writes_it_for_old_systems_is_taken(house: House, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(LEAF.private_key_pem)
    (tmp_path / "cert.pem").write_bytes(LEAF.certificate_pem)
    command = [
        "openssl",
        "pkcs12",
        "-export",
        "-legacy",
        "-inkey",
        "key.pem",
        "-in",
        "cert.pem",
        "-out",
        "a.p12",
        "-passout",
        "pass:secreta",
    ]
    if subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode:
        pytest.skip("this openssl writes no RC2")
    assert upload(house, uuid7(), (tmp_path / "a.p12").read_bytes(), "secreta").status_code == 201


def test_the_key_is_in_the_secrets_store_under_the_tenants_own_key_and_nowhere_else(house: House) -> None:
    one, other = uuid7(), uuid7()
    made = {tenant: upload(house, tenant, LEAF.p12(PASSWORD)).json()["id"] for tenant in (one, other)}
    store = boto3.client("secretsmanager", region_name="us-east-1")
    keys = set()
    for tenant, certificate in made.items():
        name = f"/getupnet/{tenant}/p12/{certificate}"
        assert "PRIVATE KEY" in store.get_secret_value(SecretId=name)["SecretString"]
        keys.add(store.describe_secret(SecretId=name)["KmsKeyId"])
    assert len(keys) == 2
    with house.database("client").transaction(one) as tx:
        assert "PRIVATE" not in str(tx.rows("SELECT * FROM client.certificates")) + str(tx.rows("SELECT * FROM flow.outbox"))


def expired() -> Leaf:
    now = datetime.now(UTC)
    return AUTHORITY.issue(not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))


def without_key() -> bytes:
    return pkcs12.serialize_key_and_certificates(b"x", None, LEAF.certificate, None, BestAvailableEncryption(PASSWORD.encode()))


def with_chain(length: int, name: bytes = b"x") -> bytes:
    chain = [Authority.create().certificate] * length
    return pkcs12.serialize_key_and_certificates(
        name, LEAF.private_key, LEAF.certificate, chain, BestAvailableEncryption(PASSWORD.encode())
    )


def without_certificate() -> bytes:
    return pkcs12.serialize_key_and_certificates(b"x", LEAF.private_key, None, None, BestAvailableEncryption(PASSWORD.encode()))


def of_another_certificate() -> bytes:
    other, sealed = AUTHORITY.issue(), BestAvailableEncryption(PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(b"x", other.private_key, None, [LEAF.certificate], sealed)


def with_two_keys() -> bytes:
    return two_keys(LEAF, AUTHORITY.issue(), PASSWORD)


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (lambda: b"", "empty"),
        (lambda: b"x" * 60_000, "unreadable"),
        (lambda: LEAF.p12(PASSWORD)[:-20], "unreadable"),
        (lambda: LEAF.p12("otra"), "password"),
        (without_key, "no-key"),
        (without_certificate, "no-certificate"),
        (of_another_certificate, "key-mismatch"),
        (with_two_keys, "two-keys"),
        (lambda: AUTHORITY.issue(elliptic=True).p12(PASSWORD), "not-rsa"),
        (lambda: AUTHORITY.issue(bits=1024).p12(PASSWORD), "weak-key"),
        (lambda: AUTHORITY.issue("").p12(PASSWORD), "no-holder"),
        (lambda: AUTHORITY.issue(signing=False).p12(PASSWORD), "usage"),
        (lambda: with_chain(21), "chain-too-long"),
        (lambda: expired().p12(PASSWORD), "expired"),
        (lambda: AUTHORITY.issue(not_before=datetime.now(UTC) + timedelta(days=1)).p12(PASSWORD), "not-yet"),
    ],
    ids=[
        "empty",
        "garbage",
        "cut",
        "wrong password",
        "no key",
        "no certificate",
        "mismatch",
        "two keys",
        "elliptic",
        "weak",
        "no holder",
        "usage",
        "chain",
        "expired",
        "not yet",
    ],
)
def test_what_cannot_sign_is_refused_by_name(house: House, make: Any, refusal: str) -> None:
    tenant = uuid7()
    assert code(upload(house, tenant, make())) == refusal
    assert listed(house, tenant)["items"] == []


@pytest.mark.parametrize("rounds", [10_000_000, 2**31 - 1])
def test_a_file_that_costs_too_much_to_open_is_given_up_in_time(house: House, rounds: int) -> None:
    began = time.monotonic()
    assert code(upload(house, uuid7(), costly(LEAF, PASSWORD, rounds))) == "too-costly"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * 1024 * 1024])
def test_a_large_file_is_refused_unread(house: House, size: int) -> None:
    answer = upload(house, uuid7(), b"x" * size)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:getupnet:too-large")


@pytest.mark.parametrize("password", ["a\u0000b", "x" * 256, "🔑", " "])
def test_any_password_is_only_a_password(house: House, password: str) -> None:
    assert code(upload(house, uuid7(), LEAF.p12(PASSWORD), password)) == "password"


def test_a_form_without_its_parts_is_refused(house: House) -> None:
    headers = house.token(uuid7())
    for sent in ({}, {"data": {"password": "x"}}, {"files": {"p12": b"x"}}, {"json": {}}):
        assert house.client("client").post("/tenant/certificates", headers=headers, **sent).status_code == 422  # type: ignore[arg-type]


def test_nobody_sees_or_pages_through_another_companys_certificates(house: House) -> None:
    one, other = uuid7(), uuid7()
    made = [upload(house, one, LEAF.p12(PASSWORD)).json()["id"] for _ in range(2)]
    page = listed(house, one, "?limit=1")
    assert [page["items"][0]["id"], listed(house, one, f"?limit=1&cursor={page['next']}")["items"][0]["id"]] == made[::-1]
    assert listed(house, other)["items"] == []
    stolen = house.client("client").get(f"/tenant/certificates?cursor={page['next']}", headers=house.token(other))
    assert stolen.status_code == 422
    crossed = house.client("client").get("/tenant/certificates", headers=house.token(other) | {"X-Tenant-ID": one})
    assert (crossed.status_code, crossed.json()["type"]) == (403, "urn:getupnet:tenant-mismatch")


def test_without_a_token_nothing_is_taken(house: House) -> None:
    answer = house.client("client").post("/tenant/certificates", files={"p12": b"x"}, data={"password": "x"})
    assert answer.status_code == 401
