"""People log in, are invited once, and learn nothing from a refusal."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest

from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.events.catalogue import CompanyCreated
from shared.identity.tokens import verify_user_token
from tests.data.facts import delivered, example, signed
from tests.house import House
from tests.places import ROOT

PASSWORD = "una clave bien larga"


@pytest.fixture(scope="module")
def owner(house: House) -> tuple[str, str]:
    """A company's owner with a password: e-mail and tenant."""
    tenant = house.company(certificate=False, ranges=False)
    with house.database("auth").transaction(PLATFORM) as tx:
        email = tx.rows("SELECT email FROM auth.users u JOIN auth.grants g ON g.user_id = u.id WHERE g.company = :t", t=tenant)[
            0
        ].email
    assert accept(house, invitation(house, email)).status_code == 204
    return email, tenant


def invitation(house: House, email: str) -> str:
    answer = house.client("auth").post("/auth/invitations", json={"email": email}, headers=house.token(PLATFORM))
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["token"]
    return token


def accept(house: House, token: str, password: str = PASSWORD) -> Any:
    return house.client("auth").post("/auth/invitations/accept", json={"token": token, "password": password})


def log_in(house: House, email: str, password: str = PASSWORD, **more: str) -> Any:
    return house.client("auth").post("/auth/login", json={"email": email, "password": password} | more)


def test_an_owner_logs_in_and_gets_a_token_for_the_company(house: House, owner: tuple[str, str]) -> None:
    email, tenant = owner
    for spelt in (email, email.upper()):
        answer = log_in(house, spelt)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["tenant"], answer.json()["companies"]) == (tenant, [tenant])
    claims = verify_user_token(answer.json()["access_token"], house.shell("auth").user_keys)
    assert (claims.tenant, claims.scope) == (tenant, "TENANT")
    assert "ecf.emit" in claims.permissions
    assert "companies.write" not in claims.permissions
    me = house.client("auth").get("/auth/me", headers={"Authorization": "Bearer " + answer.json()["access_token"]})
    assert (me.json()["email"], me.json()["tenant"]) == (email, tenant)


def test_every_refusal_is_the_same_answer(house: House, owner: tuple[str, str]) -> None:
    email, _ = owner
    without_password = f"{uuid7()}@example.com"
    house.client("admin")
    answers = [
        log_in(house, email, "otra clave cualquiera"),
        log_in(house, f"{uuid7()}@example.com"),
        log_in(house, without_password),
        log_in(house, email, PASSWORD + " "),
        log_in(house, email, PASSWORD, company="another"),
    ]
    said = [{k: v for k, v in a.json().items() if k != "instance"} for a in answers]
    assert [a.status_code for a in answers] == [401] * 5
    assert said.count(said[0]) == len(said)
    assert said[0]["type"] == "urn:getupnet:log-in-refused"


@pytest.mark.parametrize("email", ["a\u0000b@example.com", "a\ud800@example.com"])
def test_an_address_that_no_database_can_hold_is_refused_like_any_other(house: House, email: str) -> None:
    sent = json.dumps({"email": email, "password": PASSWORD})
    answer = house.client("auth").post("/auth/login", content=sent, headers={"content-type": "application/json"})
    assert answer.status_code in {401, 422}, answer.text


def test_an_invitation_is_good_once_however_often_at_once(house: House, owner: tuple[str, str]) -> None:
    token = invitation(house, owner[0])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: accept(house, token, PASSWORD), range(4)))
    assert sorted(a.status_code for a in answers) == [204, 404, 404, 404]
    assert accept(house, token).json()["type"] == "urn:getupnet:invitation-refused"


def test_an_invitation_that_is_past_or_unknown_is_refused(house: House, owner: tuple[str, str]) -> None:
    token = invitation(house, owner[0])
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.invitations SET expires_at = now() - interval '1 second' WHERE used_at IS NULL")
    assert accept(house, token).status_code == 404
    assert accept(house, "x" * 43).status_code == 404
    assert log_in(house, owner[0]).status_code == 200, "the password stands"


def test_a_short_password_is_refused_and_the_invitation_stays_good(house: House, owner: tuple[str, str]) -> None:
    token = invitation(house, owner[0])
    assert accept(house, token, "corta").status_code == 422
    assert accept(house, token).status_code == 204


def test_nobody_is_invited_whom_nobody_knows_nor_by_a_tenant(house: House, owner: tuple[str, str]) -> None:
    client = house.client("auth")
    sent = {"email": f"{uuid7()}@example.com"}
    assert client.post("/auth/invitations", json=sent, headers=house.token(PLATFORM)).status_code == 404
    assert client.post("/auth/invitations", json={"email": owner[0]}, headers=house.token(owner[1])).status_code == 403


def test_what_is_stored_is_neither_password_nor_token(house: House, owner: tuple[str, str]) -> None:
    token = invitation(house, owner[0])
    with house.database("auth").transaction(PLATFORM) as tx:
        stored = str(tx.rows("SELECT * FROM auth.invitations")) + str(tx.rows("SELECT * FROM auth.users"))
    assert token not in stored
    assert PASSWORD not in stored
    assert "$argon2id$v=19$m=65536,t=4,p=2$" in stored


def test_a_company_that_is_told_twice_has_one_owner(house: House, owner: tuple[str, str]) -> None:
    with house.database("auth").transaction(PLATFORM) as tx:
        assert len(tx.rows("SELECT 1 FROM auth.grants WHERE company = :t", t=owner[1])) == 1


def test_the_first_owner_is_to_be_invited_and_one_with_a_password_is_not(house: House) -> None:
    tenant = house.company(certificate=False, ranges=False)
    with house.database("auth").transaction(PLATFORM) as tx:
        email = tx.rows("SELECT email FROM auth.users u JOIN auth.grants g ON g.user_id = u.id WHERE company = :t", t=tenant)[
            0
        ].email
    assert invitations_announced(house, tenant) == 1
    assert accept(house, invitation(house, email)).status_code == 204
    again = signed(house.keys["admin"], example(CompanyCreated, owner_email=email), tenant=(second := uuid7()), subject=second)
    headers, body = delivered(again)
    assert house.client("auth").post("/events", content=body, headers=headers).status_code == 204
    assert invitations_announced(house, second) == 0


def invitations_announced(house: House, tenant: str) -> int:
    with house.database("auth").transaction(tenant) as tx:
        return len(tx.rows("SELECT 1 FROM flow.outbox WHERE type LIKE '%person.invited%'"))


def bootstrap(house: House, email: str, password: str) -> subprocess.CompletedProcess[str]:
    settings = house.settings("auth")
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "TENANT_SEAL_KEY": settings.tenant_seal_key.get_secret_value(),
        "FUNCTION_KEYS": settings.function_keys,
        "USER_KEYS": settings.user_keys,
        "USER_SIGNING_KEY": settings.user_signing_key.get_secret_value(),
        "CREDENTIAL_KEY": settings.credential_key.get_secret_value(),
        "FUNCTION_KEY": settings.function_key.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "AWS_REGION": settings.aws_region,
    }
    command = [sys.executable, "-m", "functions.auth", "bootstrap", "--email", email, "--second-factor"]
    return subprocess.run(command, input=password + "\n", text=True, capture_output=True, env=environment, cwd=ROOT, check=False)


def test_the_first_administrator_is_made_by_a_command(house: House) -> None:
    email = f"{uuid7()}@example.com"
    refused = bootstrap(house, email, "corta")
    assert refused.returncode != 0
    assert log_in(house, email, "corta").status_code == 401
    for password in (PASSWORD, PASSWORD + " nueva"):
        made = bootstrap(house, email, password)
        assert made.returncode == 0, made.stderr
        assert password not in made.stdout + made.stderr
    asked = log_in(house, email, PASSWORD + " nueva").json()
    assert (asked["second_factor"], "access_token" in asked) == ("verify", False)
    code = pyotp.parse_uri(made.stdout.strip()).now()
    answer = house.client("auth").post("/auth/mfa/verify", json={"challenge": asked["challenge"], "code": code}).json()
    assert (answer["tenant"], answer["scope"]) == (PLATFORM, "PLATFORM")
    assert log_in(house, email, PASSWORD).status_code == 401
    token = {"Authorization": "Bearer " + answer["access_token"]}
    assert house.client("admin").get("/admin/companies", headers=token).status_code == 200
