"""DGII's tokens in a real Valkey: sealed, one a flight over processes, and their loss costs one new token (RED-01, DG-03)."""

import base64
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from functions.dgii import turns
from functions.dgii.tokens import Sealed, Tokens
from knative.embedded.valkey import Valkey
from shared.cache.redis import REST_SECONDS, Cache
from shared.dgii.answers import Token
from shared.dgii.failures import AuthorityUnavailable

KEY = base64.b64encode(os.urandom(32)).decode()
NAME = "a-tenant:dgii:token:testecf:a-certificate"


class Authority:
    def __init__(self, seconds: float = 0.05) -> None:
        self.asked, self._seconds, self._lock = 0, seconds, threading.Lock()

    def __call__(self) -> Token:
        with self._lock:
            self.asked += 1
            number = self.asked
        time.sleep(self._seconds)
        return Token(f"secret token {number}", timedelta(minutes=55))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path / "data").start()
    yield made
    made.stop()


def processes(url: str, count: int) -> list[Tokens]:
    """As many processes have them: nothing shared but Redis."""
    return [Tokens(Sealed.of(Cache(url), KEY)) for _ in range(count)]


def crowd(all_of_them: list[Tokens], authority: Authority, *, refused: str | None = None) -> set[str]:
    with ThreadPoolExecutor(40) as pool:
        return set(pool.map(lambda n: all_of_them[n % len(all_of_them)].get(NAME, authority, refused=refused), range(100)))


def test_a_hundred_callers_of_four_processes_ask_once_and_once_more_when_it_is_refused(server: Valkey) -> None:
    authority, all_of_them = Authority(), processes(server.url, 4)
    assert crowd(all_of_them, authority) == {"secret token 1"}
    assert crowd(all_of_them, authority, refused="secret token 1") == {"secret token 2"}
    assert authority.asked == 2


def test_an_authentication_that_takes_longer_than_a_lease_is_still_the_only_one(
    server: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LEASE_SECONDS", 1)
    monkeypatch.setattr(turns, "RENEWED_SECONDS", 0.2)
    authority = Authority(seconds=2.5)
    assert crowd(processes(server.url, 2), authority) == {"secret token 1"}
    assert authority.asked == 1


def test_whoever_waits_notices_that_the_asker_got_nothing(server: Valkey) -> None:
    """And asks in its place, long before the asker's lease would have ended."""
    asking, one_by_one = threading.Event(), processes(server.url, 2)

    def fail() -> Token:
        asking.set()
        time.sleep(0.3)
        raise AuthorityUnavailable

    def first() -> None:
        with suppress(AuthorityUnavailable):
            one_by_one[0].get(NAME, fail)

    thread = threading.Thread(target=first)
    thread.start()
    asking.wait(5)
    began = time.monotonic()
    assert one_by_one[1].get(NAME, Authority()) == "secret token 1"
    assert time.monotonic() - began < 3
    thread.join()


def test_the_store_shows_no_token_and_another_key_or_name_opens_none(server: Valkey) -> None:
    (tokens,) = processes(server.url, 1)
    tokens.get(NAME, Authority())
    redis = Redis.from_url(server.url)
    kept = [bytes(redis.get(key) or b"") for key in redis.keys("*")]
    assert kept
    assert not [value for value in kept if b"secret" in value or b"secret" in base64.b64decode(value)]
    assert Sealed.of(Cache(server.url), KEY).get(NAME) == "secret token 1"
    assert Sealed(Cache(server.url), bytes(32)).get(NAME) is None
    redis.rename(NAME, "another:dgii:token:testecf:a-certificate")
    assert Sealed.of(Cache(server.url), KEY).get("another:dgii:token:testecf:a-certificate") is None


def test_red01_an_emptied_store_costs_one_new_token_for_all(server: Valkey) -> None:
    """The process that asked still has the old one, which is good; the others share one new one."""
    authority, all_of_them = Authority(), processes(server.url, 3)
    crowd(all_of_them, authority)
    Redis.from_url(server.url).flushall()
    crowd(all_of_them, authority)
    assert crowd(processes(server.url, 3), authority) == {"secret token 2"}
    assert authority.asked == 2


def test_red01_a_killed_store_costs_at_most_one_token_a_process_and_no_call(server: Valkey) -> None:
    authority, old = Authority(), processes(server.url, 2)
    crowd(old, authority)
    os.kill(server.pid or 0, signal.SIGKILL)
    began = time.monotonic()
    crowd(old, authority)
    crowd(processes(server.url, 2), authority)
    assert authority.asked <= 4
    assert time.monotonic() - began < 2 * REST_SECONDS
