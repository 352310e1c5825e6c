"""Whether an account exists is nobody's to find out (AUTH-09): not by what is answered, and not by how long it takes."""

import itertools
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import argon2
import pytest

from functions.auth import gateway, store, throttle
from functions.auth.gateway import Hasher
from shared.db.seal import PLATFORM
from tests.functions.auth.people import Somebody, owner, unknown
from tests.functions.auth.test_throttle_rows import Cheap, attempt, roomy
from tests.house import House

FULL = os.environ.get("FULL_FIGURES") == "1"
SAMPLES, LEAST, MOST = (200, 0.40, 0.60) if FULL else (30, 0.20, 0.80)
"""With few samples chance alone moves the AUC by 0.075; the figure is that of the full form."""
LIGHT = argon2.PasswordHasher(time_cost=1, memory_cost=65536, parallelism=1)
OURS = {"x-trace-id", "content-length"}
"""Headers that are an id, or the length of a body that holds one."""


@pytest.fixture
def open_house(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """No limit of requests: that one counts by network and knows no accounts."""
    monkeypatch.setattr(house.shell("auth").limiter, "take", roomy)
    return house


@pytest.fixture
def person(house: House) -> Somebody:
    return owner(house)


@pytest.fixture
def weighed(house: House, person: Somebody, monkeypatch: pytest.MonkeyPatch) -> Somebody:
    """In the short form hashes are lighter, the real one as much as nobody's: it is their likeness that is measured."""
    if not FULL:
        monkeypatch.setattr(gateway, "_NOBODY", LIGHT.hash("nobody"))
        with house.database("auth").transaction(PLATFORM) as tx:
            store.set_password(tx, person.id, LIGHT.hash("somebody"))
    return person


def said(answer: Any) -> tuple[int, dict[str, str], str]:
    """Status, headers and bytes, without ids and times to wait."""
    headers = {name: value for name, value in answer.headers.items() if name not in OURS}
    body = re.sub(r'"instance":"[0-9a-f]{32}"', "", answer.text)
    return answer.status_code, headers, body


def pairs(house: House, person: Somebody) -> Iterator[tuple[str, Any, Any]]:
    client, nobody = house.client("auth"), unknown()
    yield "log-in", attempt(house, person.email, "203.0.113.7"), attempt(house, nobody, "203.0.113.7")
    forgot = [client.post("/auth/password/forgot", json={"email": email}) for email in (person.email, nobody)]
    yield "reset", *forgot
    sent = {"token": "x" * 43, "password": "una clave bien larga"}
    for path in ("/auth/password/reset", "/auth/invitations/accept"):
        yield path, client.post(path, json=sent), client.post(path, json=sent | {"token": "y" * 43})
    for body in ({"code": "123456"}, {"recovery_code": "abcde-fghjk"}):
        both = [client.post("/auth/mfa/verify", json={"challenge": c * 43, **body}) for c in "xy"]
        yield "factor", *both


def test_auth_09_known_and_unknown_are_answered_alike(open_house: House, person: Somebody) -> None:
    for step, known, stranger in pairs(open_house, person):
        assert said(known) == said(stranger), step


def test_auth_09_locked_and_unlocked_look_alike_for_known_and_unknown(
    open_house: House, person: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_house.shell("auth").outside, "hasher", Cheap())
    seen = {}
    for name, email in (("known", person.email), ("stranger", unknown())):
        answers = [said(attempt(open_house, email, "203.0.113.77")) for _ in range(throttle.PASSWORDS + 2)]
        seen[name] = [(status, sorted(headers), re.sub(r"\d+", "", body)) for status, headers, body in answers]
    assert seen["known"] == seen["stranger"]
    assert {status for status, _, _ in seen["known"]} == {401, 429}


def auc(left: Sequence[float], right: Sequence[float]) -> float:
    """The chance that one drawn of `left` is larger than one of `right`: 0.5 when nothing tells them apart."""
    return sum((a > b) + (a == b) / 2 for a in left for b in right) / (len(left) * len(right))


def timed(house: House, person: Somebody) -> float:
    """AUC of how long known and unknown take, asked in turn, the counters forgotten in between."""
    asked = {True: list[float](), False: list[float]()}
    for n, known in zip(range(2 * SAMPLES), itertools.cycle([True, False]), strict=False):
        email = person.email if known else unknown()
        began = time.process_time()
        attempt(house, email, f"10.{n % 200}.{n // 200}.1")
        asked[known].append(time.process_time() - began)
        forget(house, person)
    return auc(asked[True], asked[False])


def forget(house: House, person: Somebody) -> None:
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.failures SET count = 0 WHERE account = :a", a=throttle.account(person.email))


def test_auth_09_the_time_of_an_answer_tells_nothing(open_house: House, weighed: Somebody) -> None:
    found = timed(open_house, weighed)
    assert LEAST <= found <= MOST, found


def test_auth_09_without_a_hash_for_nobody_time_tells_everything(
    open_house: House, weighed: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: whom nobody knows is not compared with anything."""
    real: Callable[..., bool] = Hasher.matches
    monkeypatch.setattr(Hasher, "matches", lambda hasher, password, stored: stored is not None and real(hasher, password, stored))
    found = timed(open_house, weighed)
    assert found > 0.95, found
