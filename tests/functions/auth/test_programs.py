"""Keys of programs: shown once, traded for short tokens, rotated with an overlap, never for what wants a person."""

import base64
from typing import Any

import pytest

from shared.db.seal import PLATFORM
from shared.identity.tokens import verify_user_token
from tests.functions.auth.people import Somebody, bearer, log_in, owner
from tests.house import House

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def boss(house: House) -> Somebody:
    return owner(house)


def key(house: House, boss: Somebody, **body: Any) -> Any:
    sent = {"name": "Odoo", "permissions": ["ecf.emit", "invoices.read"]} | body
    return house.client("auth").post("/auth/api-keys", json=sent, headers=bearer(log_in(house, boss)))


def trade(house: House, client_id: str, secret: str, **more: str) -> Any:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret} | more
    return house.client("auth").post("/auth/token", data=form)


def test_a_key_is_traded_for_a_token_of_its_company_and_permissions(house: House, boss: Somebody) -> None:
    made = key(house, boss).json()
    answer = trade(house, made["client_id"], made["client_secret"])
    assert (answer.status_code, answer.json()["scope"], answer.headers["cache-control"]) == (
        200,
        "ecf.emit invoices.read",
        "no-store",
    )
    claims = verify_user_token(answer.json()["access_token"], house.shell("auth").user_keys)
    assert (claims.user, claims.tenant, claims.permissions) == (
        f"key:{made['client_id']}",
        boss.tenant,
        ("ecf.emit", "invoices.read"),
    )
    assert house.client("billing").get("/tenant/invoices", headers=bearer(answer)).status_code == 200
    basic = base64.b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()
    by_header = house.client("auth").post(
        "/auth/token", content="grant_type=client_credentials", headers=FORM | {"Authorization": f"Basic {basic}"}
    )
    assert by_header.status_code == 200


def test_every_refusal_of_a_client_is_the_same(house: House, boss: Somebody) -> None:
    made = key(house, boss).json()
    other = key(house, owner(house)).json()
    answers = [
        trade(house, made["client_id"], "otro"),
        trade(house, made["client_id"], other["client_secret"]),
        trade(house, "00000000-0000-0000-0000-000000000000", made["client_secret"]),
        trade(house, "nada", ""),
        trade(house, "' OR 1=1 --", made["client_secret"]),
    ]
    said = [{k: v for k, v in a.json().items() if k != "instance"} for a in answers]
    assert [a.status_code for a in answers] == [401] * len(answers)
    assert said.count(said[0]) == len(said)
    assert said[0]["error"] == "invalid_client"
    unknown = trade(house, made["client_id"], made["client_secret"], grant_type="password")
    assert (unknown.status_code, unknown.json()["error"]) == (400, "unsupported_grant_type")


def test_the_secret_is_not_stored_and_use_is_seen(house: House, boss: Somebody) -> None:
    made = key(house, boss).json()
    trade(house, made["client_id"], made["client_secret"])
    listed = house.client("auth").get("/auth/api-keys", headers=bearer(log_in(house, boss))).json()["items"]
    assert [(k["name"], k["last_used_at"] is not None) for k in listed] == [("Odoo", True)]
    with house.database("auth").transaction(PLATFORM) as tx:
        assert made["client_secret"] not in str(tx.rows("SELECT * FROM auth.api_keys"))


def test_a_rotation_overlaps_and_then_the_old_secret_is_dead(house: House, boss: Somebody) -> None:
    client, old = house.client("auth"), key(house, boss).json()
    new = client.post(f"/auth/api-keys/{old['client_id']}/rotate", json={"overlap_hours": 1}, headers=bearer(log_in(house, boss)))
    assert new.status_code == 201, new.text
    for one in (old, new.json()):
        assert trade(house, one["client_id"], one["client_secret"]).status_code == 200
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.api_keys SET expires_at = now() WHERE id = CAST(:id AS uuid)", id=old["client_id"])
    assert trade(house, old["client_id"], old["client_secret"]).status_code == 401
    assert trade(house, new.json()["client_id"], new.json()["client_secret"]).status_code == 200
    again = client.post(f"/auth/api-keys/{old['client_id']}/rotate", json={}, headers=bearer(log_in(house, boss)))
    assert again.status_code == 404


def test_a_revoked_key_opens_nothing_and_only_its_company_revokes_it(house: House, boss: Somebody) -> None:
    client, made = house.client("auth"), key(house, boss).json()
    path = f"/auth/api-keys/{made['client_id']}"
    assert client.delete(path, headers=bearer(log_in(house, owner(house)))).status_code == 404
    assert trade(house, made["client_id"], made["client_secret"]).status_code == 200
    assert client.delete(path, headers=bearer(log_in(house, boss))).status_code == 204
    assert trade(house, made["client_id"], made["client_secret"]).status_code == 401
    assert client.delete(path, headers=bearer(log_in(house, boss))).status_code == 404


@pytest.mark.parametrize("permissions", [["certificates.write"], ["companies.read"], ["users.write"], ["no.such"], []])
def test_a_key_cannot_have_what_wants_a_person_nor_what_is_the_platforms(
    house: House, boss: Somebody, permissions: list[str]
) -> None:
    assert key(house, boss, permissions=permissions).status_code in (403, 422)


def test_a_programs_token_opens_nothing_that_wants_a_person(house: House, boss: Somebody) -> None:
    made = key(house, boss).json()
    token = bearer(trade(house, made["client_id"], made["client_secret"]))
    assert (
        house.client("auth").post("/auth/api-keys", json={"name": "x", "permissions": ["ecf.emit"]}, headers=token).status_code
        == 403
    )
    assert house.client("auth").get("/auth/me", headers=token).status_code == 403


def test_public_keys_are_published_as_a_jwk_set(house: House) -> None:
    (jwk,) = house.client("auth").get("/auth/jwks.json").json()["keys"]
    assert (jwk["kty"], jwk["crv"], jwk["alg"], jwk["kid"]) == ("OKP", "Ed25519", "EdDSA", "k1")
    raw = house.user_key.private.public_key().public_bytes_raw()
    assert base64.urlsafe_b64decode(jwk["x"] + "=") == raw
