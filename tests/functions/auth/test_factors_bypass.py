"""AUTH-12: nothing that leaves the second factor out leads to an access token, a refresh token or another address."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.auth import store
from functions.auth.domain import token_hash
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from tests.functions.auth.people import PASSWORD, Somebody, challenge_of, enrolled, owner
from tests.house import House


@pytest.fixture
def person(house: House) -> Somebody:
    somebody = owner(house)
    enrolled(house, somebody)
    return somebody


def comes_in(answer: Any) -> bool:
    """Whether an answer let its reader in."""
    return answer.status_code < 300 and "access_token" in answer.text


def post(house: House, path: str, body: dict[str, object], **headers: str) -> Any:
    client = house.client("auth")
    client.cookies.clear()
    return client.post(path, json=body, headers=headers)


def sessions(house: House, person: Somebody) -> int:
    with house.database("auth").transaction(PLATFORM) as tx:
        return len(tx.rows("SELECT 1 FROM auth.sessions WHERE user_id = CAST(:u AS uuid) AND revoked_at IS NULL", u=person.id))


def test_what_the_password_alone_gives_neither_refreshes_nor_acts(house: House, person: Somebody) -> None:
    before, challenge = sessions(house, person), challenge_of(house, person, "verify")
    answers = [
        post(house, "/auth/refresh", {"refresh_token": challenge}),
        post(house, "/auth/refresh", {}, Cookie=f"__Host-refresh={challenge}"),
        post(house, "/auth/switch", {"company": person.tenant}, Authorization=f"Bearer {challenge}"),
        post(house, "/auth/token", {"grant_type": "refresh_token", "refresh_token": challenge}),
    ]
    assert [comes_in(answer) for answer in answers] == [False] * 4
    assert {answer.status_code for answer in answers} <= {400, 401}
    assert sessions(house, person) == before


def test_the_second_step_alone_or_with_an_empty_proof_is_refused(house: House, person: Somebody) -> None:
    challenge = challenge_of(house, person, "verify")
    skips: list[dict[str, object]] = [
        {},
        {"code": "000000"},
        {"challenge": challenge},
        {"challenge": challenge, "code": ""},
        {"challenge": challenge, "recovery_code": ""},
        {"challenge": "x" * 43, "code": "000000"},
    ]
    answers = [post(house, "/auth/mfa/verify", body) for body in skips]
    answers.append(post(house, "/auth/mfa/enroll", {"challenge": challenge}))
    assert not any(comes_in(answer) or "secret" in json.dumps(answer.json()) for answer in answers)
    assert {answer.status_code for answer in answers} <= {401, 409, 422}


def test_nobody_changes_an_address_or_password_before_the_second_step(house: House, person: Somebody) -> None:
    """No route changes a person's own address; those that change what proves a person want a token, and a challenge is none."""
    challenge, new = challenge_of(house, person, "verify"), f"{uuid7()}@example.com"
    client = house.client("auth")
    tries = [
        client.request(method, path, json={"email": new, "password": PASSWORD}, headers={"Authorization": f"Bearer {challenge}"})
        for method in ("POST", "PUT", "PATCH")
        for path in ("/auth/me", "/auth/email", f"/auth/users/{person.id}", "/auth/password")
    ]
    assert {answer.status_code for answer in tries} <= {401, 404, 405}
    with house.database("auth").transaction(PLATFORM) as tx:
        assert tx.rows("SELECT email FROM auth.users WHERE id = CAST(:u AS uuid)", u=person.id)[0].email == person.email


def test_a_reset_drops_no_second_factor(house: House, person: Somebody) -> None:
    token, hour = "r" * 23 + uuid7()[:20], datetime.now(UTC) + timedelta(hours=1)
    with house.database("auth").transaction(PLATFORM) as tx:
        store.invite(tx, user_id=person.id, token_hash=token_hash(token), expires_at=hour, purpose="reset")
    answer = post(house, "/auth/password/reset", {"token": token, "password": PASSWORD * 2})
    assert (answer.status_code, comes_in(answer)) == (204, False)
    asked = post(house, "/auth/login", {"email": person.email, "password": PASSWORD * 2})
    assert (asked.json()["second_factor"], comes_in(asked)) == ("verify", False)


def test_a_log_in_without_the_factor_would_be_seen(house: House) -> None:
    """The mutant: whoever has no second factor comes in by the password alone."""
    somebody = owner(house)
    assert comes_in(post(house, "/auth/login", {"email": somebody.email, "password": PASSWORD}))
