"""Guessing passwords and codes, in figures (AUTH-08, AUTH-11, D-26): strangers do not get in, and cannot keep the owner out."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.auth import throttle
from shared.db.seal import PLATFORM
from shared.identity.limits import Room
from tests.functions.auth.people import PASSWORD, bearer, challenge_of, enrolled, log_in, owner, unknown
from tests.house import House


class Cheap:
    """A hasher for volume: what is counted here is tries, and argon2 has tests of its own."""

    @staticmethod
    def hash(password: str) -> str:
        return f"cheap:{password}"

    @staticmethod
    def matches(password: str, stored: str | None) -> bool:
        return stored == f"cheap:{password}"

    @staticmethod
    def is_outdated(stored: str) -> bool:
        return False


def roomy(who: str, kind: Any) -> Room:
    """No limit of requests: the door's own limit has its own tests."""
    return Room(1, 1)


@pytest.fixture
def cheap(fresh: House) -> Iterator[House]:
    fresh.shell("auth").outside.hasher = Cheap()
    fresh.shell("auth").limiter.take = roomy
    return fresh


def attempt(house: House, email: str, address: str, password: str = "no es esta clave", **cookies: str) -> Any:
    client = house.client("auth")
    client.cookies.clear()
    headers = {"X-Forwarded-For": address}
    if cookies:
        headers["Cookie"] = "; ".join(f"__Host-{name}={value}" for name, value in cookies.items())
    answer = client.post("/auth/login", json={"email": email, "password": password}, headers=headers)
    client.cookies.clear()
    return answer


def device_of(answer: Any) -> str:
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-device=")]
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie
    return str(cookie.split(";")[0].partition("=")[2])


def attacks(house: House) -> list[dict[str, Any]]:
    with house.database("relay").transaction(PLATFORM) as tx:
        rows = tx.rows("SELECT subject, data FROM flow.outbox WHERE type = 'do.getupnet.login.attacked.v1'")
    return [{"subject": row.subject} | json.loads(row.data) for row in rows]


def test_auth_08_a_spray_over_a_hundred_people_gets_ten_tries_each_and_locks_nobody_out(cheap: House) -> None:
    victim = owner(cheap)
    emails = [victim.email, *(unknown() for _ in range(99))]
    seen = Counter(attempt(cheap, email, "203.0.113.7").status_code for _ in range(20) for email in emails)
    assert seen == {401: 1000, 429: 1000}
    assert attempt(cheap, victim.email, "198.51.100.1", PASSWORD).status_code == 200


@pytest.mark.parametrize("networks", [1, 50])
def test_auth_08_a_thousand_tries_at_one_person_are_cut_short_and_the_owner_comes_in(cheap: House, networks: int) -> None:
    victim = owner(cheap)
    device = device_of(attempt(cheap, victim.email, "203.0.113.200", PASSWORD))
    places = itertools.cycle(f"10.1.{n}.7" for n in range(networks))
    tries = [attempt(cheap, victim.email, next(places)).status_code for _ in range(1000)]
    assert set(tries) == {401, 429}
    # Fifty networks in turn have failed twice each when the account counts as attacked; a third failure is each one's last.
    assert tries.count(401) == (10 if networks == 1 else 3 * 50)
    came = [attempt(cheap, victim.email, f"172.16.{n}.1", PASSWORD).status_code for n in range(100)]
    assert came.count(200) >= 99
    assert attempt(cheap, victim.email, "10.1.0.7", PASSWORD).status_code == 429, "without the device, that network is closed"
    assert attempt(cheap, victim.email, "10.1.0.7", PASSWORD, device=device).status_code == 200


def test_auth_08_an_account_under_attack_allows_strange_networks_less_and_is_reported_once(cheap: House) -> None:
    victim = owner(cheap)
    for n in range(51):
        for _ in range(2):
            assert attempt(cheap, victim.email, f"10.2.{n}.1").status_code == 401
    tries = [attempt(cheap, victim.email, "10.3.0.1").status_code for _ in range(5)]
    assert tries == [401] * 3 + [429] * 2
    for n in range(20):
        attempt(cheap, victim.email, f"10.4.{n}.1")
    (told,) = attacks(cheap)
    assert told == {"subject": throttle.account(victim.email), "network": "10.2.50.0/24", "failures": 101}


def test_a_device_has_a_counter_of_its_own_and_is_one_accounts_only(cheap: House) -> None:
    mine, other = owner(cheap), owner(cheap)
    device = device_of(attempt(cheap, mine.email, "203.0.113.7", PASSWORD))
    assert device_of(attempt(cheap, mine.email, "203.0.113.7", PASSWORD, device=device)) == device, "it keeps its name"
    for email in (mine.email, other.email):
        assert [attempt(cheap, email, "203.0.113.7").status_code for _ in range(10)] == [401] * 10
    assert attempt(cheap, mine.email, "203.0.113.7", PASSWORD, device=device).status_code == 200
    assert attempt(cheap, other.email, "203.0.113.7", PASSWORD, device=device).status_code == 429
    for made_up in ("x", f"{'A' * 22}.{'A' * 43}", device[:-1], device + "A", "%C3%B1"):
        assert attempt(cheap, mine.email, "203.0.113.7", PASSWORD, device=made_up).status_code == 429
    assert [attempt(cheap, mine.email, "203.0.113.99", device=device).status_code for _ in range(11)] == [401] * 10 + [429]
    closed = attempt(cheap, mine.email, "203.0.113.99", PASSWORD, device=device)
    assert (closed.status_code, int(closed.headers["retry-after"]) > 0) == (429, True)


def test_auth_08_many_tries_at_once_are_no_more_tries(fresh: House) -> None:
    """With the real hasher: what was being compared when the counter closed tells nothing."""
    victim, client = owner(fresh), fresh.client("auth")

    def guess(password: str) -> int:
        sent = {"email": victim.email, "password": password}
        return int(client.post("/auth/login", json=sent, headers={"X-Forwarded-For": "203.0.113.7"}).status_code)

    with ThreadPoolExecutor(16) as pool:
        seen = Counter(pool.map(guess, ["no es esta clave"] * 30))
    assert seen[401] <= 10
    assert set(seen) <= {401, 429, 503}
    assert guess(PASSWORD) == 429


def test_auth_11_guesses_of_a_code_at_once_are_five_and_no_more(fresh: House) -> None:
    person = owner(fresh)
    totp, _ = enrolled(fresh, person)
    challenges = [challenge_of(fresh, person, "verify") for _ in range(3)]

    def guess(n: int) -> int:
        sent = {"challenge": challenges[n % 3], "code": "abcdef"}
        return int(fresh.client("auth").post("/auth/mfa/verify", json=sent).status_code)

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(guess, range(40))) == {401: 5, 429: 35}
    closed = fresh.client("auth").post("/auth/mfa/verify", json={"challenge": challenges[0], "code": totp.now()})
    assert closed.status_code == 429
    assert int(closed.headers["retry-after"]) > 0


def test_a_device_is_remembered_after_the_second_factor_and_not_before(fresh: House) -> None:
    person = owner(fresh)
    totp, _ = enrolled(fresh, person)
    fresh.client("auth").cookies.clear()
    asked = log_in(fresh, person)
    assert "set-cookie" not in asked.headers
    answer = fresh.client("auth").post("/auth/mfa/verify", json={"challenge": asked.json()["challenge"], "code": totp.now()})
    assert device_of(answer)
    again = fresh.client("auth").post("/auth/mfa/verify", json={"code": "000000"}, headers=bearer(answer))
    assert "set-cookie" not in again.headers
