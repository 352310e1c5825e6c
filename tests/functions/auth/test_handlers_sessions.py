"""Refresh, switch, leave: one line of descent a session, whatever is lost, repeated or copied on the way."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.db.seal import PLATFORM
from shared.identity.tokens import verify_user_token
from tests.functions.auth.people import PASSWORD, Somebody, bearer, grant, log_in, owner, unknown
from tests.house import House


@pytest.fixture
def person(house: House) -> Somebody:
    return owner(house)


def refresh(house: House, token: str, **more: Any) -> Any:
    return house.client("auth").post("/auth/refresh", json={"refresh_token": token}, **more)


def age(house: House, person: Somebody, interval: str) -> None:
    """As if the last rotation and the start of the session were that long ago."""
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows(
            "UPDATE auth.sessions SET rotated_at = rotated_at - CAST(:past AS interval), "
            "expires_at = expires_at - CAST(:past AS interval) WHERE user_id = CAST(:u AS uuid)",
            u=person.id,
            past=interval,
        )


def announced(house: House, kind: str) -> list[dict[str, Any]]:
    with house.database("relay").transaction(PLATFORM) as tx:
        rows = tx.rows("SELECT data FROM flow.outbox WHERE type = :t", t=f"do.getupnet.{kind}.v1")
    return [json.loads(row.data) for row in rows]


def test_a_refresh_token_gives_a_new_pair_and_is_spent(house: House, person: Somebody) -> None:
    first = log_in(house, person).json()["refresh_token"]
    second = refresh(house, first)
    assert second.status_code == 200, second.text
    assert second.headers["cache-control"] == "no-store"
    third = refresh(house, second.json()["refresh_token"])
    assert len({first, second.json()["refresh_token"], third.json()["refresh_token"]}) == 3


def test_a_lost_answer_is_given_again_within_ten_seconds(house: House, person: Somebody) -> None:
    first = log_in(house, person).json()["refresh_token"]
    lost, again = refresh(house, first).json(), refresh(house, first).json()
    assert lost["refresh_token"] == again["refresh_token"]
    assert refresh(house, again["refresh_token"]).status_code == 200


def test_twenty_at_once_go_on_as_one_family(house: House, person: Somebody) -> None:
    first = log_in(house, person).json()["refresh_token"]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: refresh(house, first), range(20)))
    assert [a.status_code for a in answers] == [200] * 20
    (successor,) = {a.json()["refresh_token"] for a in answers}
    assert refresh(house, successor).status_code == 200


@pytest.mark.parametrize("rotations", [1, 2])
def test_a_spent_token_that_comes_back_late_kills_its_family(house: House, person: Somebody, rotations: int) -> None:
    first = newest = log_in(house, person).json()["refresh_token"]
    for _ in range(rotations):
        newest = refresh(house, newest).json()["refresh_token"]
    if rotations == 1:
        age(house, person, "11 seconds")
    assert refresh(house, first).json()["type"] == "urn:getupnet:session-over"
    assert refresh(house, newest).status_code == 401
    assert log_in(house, person).status_code == 200, "the person is not locked out"
    assert {"person_id": person.id, "because": "reused"} in announced(house, "session.ended")


def test_eight_hours_are_the_end_however_often_it_was_rotated(house: House, person: Somebody) -> None:
    token = log_in(house, person).json()["refresh_token"]
    age(house, person, "7 hours 59 minutes")
    token = refresh(house, token).json()["refresh_token"]
    age(house, person, "2 minutes")
    assert refresh(house, token).status_code == 401


@pytest.mark.parametrize("made_up", ["", "x", "a.b.c", "00000000-0000-0000-0000-000000000000.0." + "A" * 43])
def test_a_made_up_token_opens_nothing_and_kills_nothing(house: House, person: Somebody, made_up: str) -> None:
    assert refresh(house, made_up).status_code == 401


def test_a_forged_generation_of_a_real_session_kills_nothing(house: House, person: Somebody) -> None:
    token = log_in(house, person).json()["refresh_token"]
    session, _, mac = token.split(".")
    assert refresh(house, f"{session}.7.{mac}").status_code == 401
    assert refresh(house, token).status_code == 200


def test_log_out_ends_the_session_and_no_other(house: House, person: Somebody) -> None:
    here, there = (log_in(house, person).json()["refresh_token"] for _ in range(2))
    assert house.client("auth").post("/auth/logout", json={"refresh_token": here}).status_code == 204
    assert (refresh(house, here).status_code, refresh(house, there).status_code) == (401, 200)


def test_sessions_are_listed_and_ended_by_their_own_person(house: House, person: Somebody) -> None:
    client, here, there = house.client("auth"), log_in(house, person), log_in(house, person)
    items = client.get("/auth/sessions", headers=bearer(here)).json()["items"]
    assert [item["current"] for item in items] == [False, True]
    stranger = bearer(log_in(house, owner(house)))
    assert client.delete(f"/auth/sessions/{items[0]['id']}", headers=stranger).status_code == 404
    assert client.delete(f"/auth/sessions/{items[0]['id']}", headers=bearer(here)).status_code == 204
    assert refresh(house, there.json()["refresh_token"]).status_code == 401


def test_a_refresh_learns_what_the_person_may_do_now(house: House, person: Somebody) -> None:
    token = log_in(house, person).json()["refresh_token"]
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.grants SET role = 'auditor' WHERE user_id = CAST(:u AS uuid)", u=person.id)
    renewed = refresh(house, token).json()
    permissions = verify_user_token(renewed["access_token"], house.shell("auth").user_keys).permissions
    assert "ecf.emit" not in permissions
    assert "audit.read" in permissions
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.users SET disabled_at = now() WHERE id = CAST(:u AS uuid)", u=person.id)
    assert refresh(house, renewed["refresh_token"]).status_code == 401
    assert log_in(house, person).status_code == 401


def test_one_session_acts_for_one_company_at_a_time(house: House, person: Somebody) -> None:
    other, client = owner(house), house.client("auth")
    grant(house, person, other.tenant, "accountant")
    came = log_in(house, person)
    assert sorted(came.json()["companies"]) == sorted([person.tenant, other.tenant])
    moved = client.post("/auth/switch", json={"company": other.tenant}, headers=bearer(came))
    assert (moved.status_code, moved.json()["tenant"]) == (200, other.tenant)
    assert refresh(house, moved.json()["refresh_token"]).json()["tenant"] == other.tenant
    names = [c["role"] for c in client.get("/auth/me", headers=bearer(moved)).json()["companies"]]
    assert sorted(names) == ["accountant", "owner"]
    for refused in (owner(house).tenant, PLATFORM, "nada"):
        assert client.post("/auth/switch", json={"company": refused}, headers=bearer(came)).status_code == 403


def test_a_grant_that_is_past_opens_nothing(house: House, person: Somebody) -> None:
    other = owner(house)
    grant(house, person, other.tenant, "accountant")
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.grants SET expires_at = now() WHERE company = :c AND role = 'accountant'", c=other.tenant)
    assert log_in(house, person, company=other.tenant).status_code == 401
    assert log_in(house, person).json()["companies"] == [person.tenant]


def test_ten_wrong_passwords_close_one_network_and_not_the_account(house: House, person: Somebody) -> None:
    client = house.client("auth")

    def attempt(password: str, address: str, email: str = person.email) -> int:
        sent = {"email": email, "password": password}
        return int(client.post("/auth/login", json=sent, headers={"X-Forwarded-For": address}).status_code)

    assert [attempt("no es esta clave", "203.0.113.7") for _ in range(10)] == [401] * 10
    assert attempt(PASSWORD, "203.0.113.99") == 429
    assert attempt(PASSWORD, "198.51.100.1") == 200
    stranger = unknown()
    assert [attempt("x", "203.0.113.7", stranger) for _ in range(11)] == [401] * 10 + [429], "nobody learns who exists"
    assert attempt("no es esta", "198.51.100.1, 203.0.113.5") == 429, "what the caller says of itself does not count"


def test_a_portal_keeps_its_refresh_token_in_a_cookie_no_script_reads(house: House, person: Somebody) -> None:
    client = house.client("auth")
    came = log_in(house, person, cookie=True)
    cookie = came.headers["set-cookie"]
    assert came.json()["refresh_token"] is None
    for part in ("__Host-refresh=", "HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie
    held = {"Cookie": cookie.split(";")[0]}
    right = held | {"X-CSRF-Token": came.json()["csrf_token"]}
    client.cookies.clear()
    for refused in (
        held,
        held | {"X-CSRF-Token": "x"},
        held | {"X-CSRF-Token": log_in(house, person, cookie=True).json()["csrf_token"]},
        right | {"Origin": "https://evil.example"},
        right | {"Origin": "null"},
        right | {"Sec-Fetch-Site": "cross-site"},
        right | {"Sec-Fetch-Site": "same-site"},
    ):
        client.cookies.clear()
        assert client.post("/auth/refresh", json={}, headers=refused).status_code == 403, refused
    client.cookies.clear()
    renewed = client.post(
        "/auth/refresh", json={}, headers=right | {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    )
    assert renewed.status_code == 200
    assert "__Host-refresh=" in renewed.headers["set-cookie"]
    client.cookies.clear()
