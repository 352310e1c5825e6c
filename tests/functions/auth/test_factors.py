"""AUTH-11: a second factor is enrolled with the password, counts once a code, and cannot be gone around."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from cryptography.exceptions import InvalidTag

from functions.auth import store
from functions.auth.domain import token_hash
from functions.auth.second_factor import recovery_hash
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.identity.tokens import issue_service_token, verify_user_token
from tests.functions.auth.people import PASSWORD, Somebody, bearer, challenge_of, enrolled, fresh, grant, log_in, owner, unknown
from tests.house import House


@pytest.fixture
def person(house: House) -> Somebody:
    return owner(house)


def verify(house: House, headers: dict[str, str] | None = None, **body: Any) -> Any:
    return house.client("auth").post("/auth/mfa/verify", json=body, headers=headers or {})


def test_with_a_second_factor_the_password_alone_opens_nothing(house: House, person: Somebody) -> None:
    totp, _ = enrolled(house, person)
    asked = log_in(house, person)
    assert (asked.status_code, asked.json()["second_factor"], "access_token" in asked.json()) == (200, "verify", False)
    answer = verify(house, challenge=asked.json()["challenge"], code=totp.now())
    claims = verify_user_token(answer.json()["access_token"], house.shell("auth").user_keys)
    assert (claims.user, claims.tenant, claims.methods) == (person.id, person.tenant, ("pwd", "otp"))


def test_of_twenty_that_bring_the_same_code_one_comes_in(house: House, person: Somebody) -> None:
    totp, _ = enrolled(house, person)
    challenges = [challenge_of(house, person, "verify") for _ in range(20)]
    code = totp.now()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda challenge: verify(house, challenge=challenge, code=code).status_code, challenges))
    assert answers.count(200) == 1
    assert set(answers) <= {200, 401, 429}


def test_a_challenge_is_good_once_and_a_code_is_not_another_persons(house: House, person: Somebody) -> None:
    totp, codes = enrolled(house, person)
    challenge = challenge_of(house, person, "verify")
    assert verify(house, challenge=challenge, code=totp.now()).status_code == 200
    fresh(house, person)
    assert verify(house, challenge=challenge, code=totp.now()).status_code == 401
    other = owner(house)
    enrolled(house, other)
    theirs = challenge_of(house, other, "verify")
    assert verify(house, challenge=theirs, code=totp.now()).status_code == 401
    assert verify(house, challenge=theirs, recovery_code=codes[0]).status_code == 401


def test_five_wrong_codes_close_the_factor_for_a_while(house: House, person: Somebody) -> None:
    totp, codes = enrolled(house, person)
    for _ in range(5):
        assert verify(house, challenge=challenge_of(house, person, "verify"), code="000000").status_code == 401
    closed = verify(house, challenge=challenge_of(house, person, "verify"), code=totp.now())
    assert (closed.status_code, closed.json()["type"]) == (429, "urn:getupnet:too-many-failures")
    assert int(closed.headers["retry-after"]) > 0
    assert verify(house, challenge=challenge_of(house, person, "verify"), recovery_code=codes[0]).status_code == 429


def test_a_recovery_code_is_good_once(house: House, person: Somebody) -> None:
    _, codes = enrolled(house, person)
    assert verify(house, challenge=challenge_of(house, person, "verify"), recovery_code=codes[3].upper()).status_code == 200
    assert verify(house, challenge=challenge_of(house, person, "verify"), recovery_code=codes[3]).status_code == 401


def test_nobody_enrols_without_the_password(house: House, person: Somebody) -> None:
    client, token = house.client("auth"), bearer(log_in(house, person))
    for body in ({}, {"password": "otra clave cualquiera"}, {"challenge": "x" * 43}):
        assert client.post("/auth/mfa/enroll", json=body, headers=token).status_code == 401
    assert client.post("/auth/mfa/enroll", json={"password": PASSWORD}).status_code == 401
    enrolled(house, person)
    again = client.post("/auth/mfa/enroll", json={"password": PASSWORD}, headers=token)
    assert again.json()["type"] == "urn:getupnet:second-factor-enrolled"


def test_enrolling_ends_the_other_sessions(house: House, person: Somebody) -> None:
    other = log_in(house, person).json()["refresh_token"]
    enrolled(house, person)
    assert house.client("auth").post("/auth/refresh", json={"refresh_token": other}).status_code == 401


def test_whoever_acts_for_the_platform_must_enrol(house: House, person: Somebody) -> None:
    grant(house, person, PLATFORM, "support")
    asked = log_in(house, person, company=PLATFORM).json()
    assert asked["second_factor"] == "enroll"
    begun = house.client("auth").post("/auth/mfa/enroll", json={"challenge": asked["challenge"]}).json()
    assert begun["qr"].startswith("data:image/svg+xml")
    assert len(begun["recovery_codes"]) == 10
    answer = verify(house, challenge=asked["challenge"], code=pyotp.TOTP(begun["secret"]).now())
    assert (answer.status_code, answer.json()["scope"]) == (200, "PLATFORM")
    refused = house.client("auth").request("DELETE", "/auth/mfa", json={"password": PASSWORD}, headers=bearer(answer))
    assert refused.status_code == 403


def test_a_new_proof_renews_the_time_of_authentication_and_gives_no_refresh_token(house: House, person: Somebody) -> None:
    totp, _ = enrolled(house, person)
    came = verify(house, challenge=challenge_of(house, person, "verify"), code=totp.now())
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows(
            "UPDATE auth.sessions SET authenticated_at = now() - interval '1 hour' WHERE user_id = CAST(:u AS uuid)", u=person.id
        )
    keys = house.shell("auth").user_keys
    renewed = house.client("auth").post("/auth/refresh", json={"refresh_token": came.json()["refresh_token"]})
    stale = verify_user_token(renewed.json()["access_token"], keys).authenticated_at
    fresh(house, person)
    proven = verify(house, bearer(came), code=totp.now())
    assert verify_user_token(proven.json()["access_token"], keys).authenticated_at - stale >= 3500
    assert proven.json()["refresh_token"] is None


def test_a_new_password_ends_the_other_sessions_and_keeps_the_factor(house: House, person: Somebody) -> None:
    enrolled(house, person)
    here, there = (
        verify(house, challenge=challenge_of(house, person, "verify"), recovery_code=code) for code in _codes(house, person)
    )
    client = house.client("auth")
    assert (
        client.post("/auth/password", json={"current": "no es esta", "new": PASSWORD * 2}, headers=bearer(here)).status_code == 401
    )
    short = client.post("/auth/password", json={"current": PASSWORD, "new": "corta"}, headers=bearer(here))
    assert (short.status_code, short.json()["errors"][0]["code"]) == (422, "AUTH-0001")
    assert client.post("/auth/password", json={"current": PASSWORD, "new": PASSWORD * 2}, headers=bearer(here)).status_code == 204
    assert client.post("/auth/refresh", json={"refresh_token": there.json()["refresh_token"]}).status_code == 401
    assert client.post("/auth/refresh", json={"refresh_token": here.json()["refresh_token"]}).status_code == 200
    assert log_in(house, person).status_code == 401
    asked = client.post("/auth/login", json={"email": person.email, "password": PASSWORD * 2}).json()
    assert asked["second_factor"] == "verify"


def _codes(house: House, person: Somebody) -> list[str]:
    """Two recovery codes put there by hand."""
    drawn = [uuid7().replace("-", "").translate(str.maketrans("01ilo", "23456"))[-10:] for _ in range(2)]
    with house.database("auth").transaction(PLATFORM) as tx:
        for code in drawn:
            tx.rows(
                "INSERT INTO auth.recovery_codes (user_id, code_hash) VALUES (CAST(:u AS uuid), :h)",
                u=person.id,
                h=recovery_hash(person.id, code),
            )
    return drawn


def test_a_secret_is_stored_sealed_and_bound_to_its_person(house: House, person: Somebody) -> None:
    totp, codes = enrolled(house, person)
    with house.database("auth").transaction(PLATFORM) as tx:
        sealed = tx.rows("SELECT secret FROM auth.second_factors WHERE user_id = CAST(:u AS uuid)", u=person.id)[0].secret
        stored = str(tx.rows("SELECT * FROM auth.recovery_codes"))
    assert totp.secret.encode() not in sealed
    assert not any(code in stored for code in codes)
    keyring = house.shell("auth").outside
    assert keyring.unseal(person.id, sealed) == totp.secret
    with pytest.raises(InvalidTag):
        keyring.unseal(uuid7(), sealed)


def link(house: House, person: Somebody, purpose: str, **service: str) -> Any:
    body = json.dumps({"person_id": person.id, "purpose": purpose, "company": person.tenant}).encode()
    token = issue_service_token(
        house.keys[service.get("caller", "dgii")], audience="auth", tenant=PLATFORM, purpose="mail", body=body
    )
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return house.client("auth").post("/auth/links", content=body, headers=headers)


def test_who_asks_for_a_reset_learns_nothing(house: House, person: Somebody) -> None:
    client = house.client("auth")
    answers = [client.post("/auth/password/forgot", json={"email": email}) for email in (person.email, unknown())]
    assert [(a.status_code, a.content) for a in answers] == [(202, answers[0].content)] * 2
    for _ in range(9):
        client.post("/auth/password/forgot", json={"email": person.email})
    with house.database("relay").transaction(PLATFORM) as tx:
        asked = tx.rows("SELECT 1 FROM flow.outbox WHERE type LIKE '%reset-asked%' AND subject = :s", s=person.id)
    assert len(asked) == 3, "a mailbox is not flooded"


def test_only_the_writer_of_mails_gets_a_link(house: House, person: Somebody) -> None:
    assert link(house, person, "reset", caller="dgii").status_code == 401
    assert house.client("auth").post("/auth/links", json={}, headers=house.token(PLATFORM)).status_code == 401


def test_a_reset_sets_the_password_keeps_the_factor_and_ends_every_session(house: House, person: Somebody) -> None:
    enrolled(house, person)
    held = verify(house, challenge=challenge_of(house, person, "verify"), recovery_code=_codes(house, person)[0])
    token = "t" * 43
    with house.database("auth").transaction(PLATFORM) as tx:
        store.invite(
            tx,
            user_id=person.id,
            token_hash=token_hash(token),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
            purpose="reset",
        )
    client = house.client("auth")
    assert client.post("/auth/invitations/accept", json={"token": token, "password": PASSWORD * 2}).status_code == 404
    assert client.post("/auth/password/reset", json={"token": token, "password": "corta"}).status_code == 422
    assert client.post("/auth/password/reset", json={"token": token, "password": PASSWORD * 2}).status_code == 204
    assert client.post("/auth/password/reset", json={"token": token, "password": PASSWORD * 3}).status_code == 404
    assert client.post("/auth/refresh", json={"refresh_token": held.json()["refresh_token"]}).status_code == 401
    asked = client.post("/auth/login", json={"email": person.email, "password": PASSWORD * 2})
    assert asked.json()["second_factor"] == "verify"


@pytest.mark.parametrize("password", ["corta", "aaaaaaaaaaaaaaaa", "abab" * 8, "x" * 1025, "ñ" * 600, "clave\u0000con nulo y más"])
def test_a_password_is_long_varied_and_storable(house: House, person: Somebody, password: str) -> None:
    sent = {"current": PASSWORD, "new": password}
    answer = house.client("auth").post("/auth/password", json=sent, headers=bearer(log_in(house, person)))
    assert answer.status_code in {422, 204}
    assert (answer.status_code == 204) == ("\u0000" in password), "argon2 hashes bytes, NUL included"


def test_the_same_characters_are_the_same_password_however_they_are_composed(house: House, person: Somebody) -> None:
    composed, apart = "contraseña de año", "contrasen\u0303a de an\u0303o"
    client = house.client("auth")
    assert (
        client.post(
            "/auth/password", json={"current": PASSWORD, "new": composed}, headers=bearer(log_in(house, person))
        ).status_code
        == 204
    )
    assert client.post("/auth/login", json={"email": person.email, "password": apart}).status_code == 200
