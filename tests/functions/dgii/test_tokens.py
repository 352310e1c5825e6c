"""One new token however many callers want one, and never the one DGII refused."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from functions.dgii.tokens import Sealed, Tokens
from shared.cache.redis import Cache
from shared.dgii.answers import Token
from shared.dgii.failures import AuthorityUnavailable


class Authority:
    """Counts how often it was asked."""

    def __init__(self, life: timedelta = timedelta(minutes=55)) -> None:
        self.asked, self._life, self._lock = 0, life, threading.Lock()

    def __call__(self) -> Token:
        with self._lock:
            self.asked += 1
            number = self.asked
        time.sleep(0.02)
        return Token(f"token {number}", self._life)


@pytest.fixture
def tokens() -> Tokens:
    """Without Redis: the process remembers by itself."""
    return Tokens(Sealed(Cache("redis://127.0.0.1:1"), bytes(32)))


def test_a_crowd_asks_once_and_a_crowd_that_was_refused_asks_once_more(tokens: Tokens) -> None:
    authority = Authority()
    with ThreadPoolExecutor(32) as pool:
        first = set(pool.map(lambda _: tokens.get("a", authority), range(100)))
        second = set(pool.map(lambda _: tokens.get("a", authority, refused="token 1"), range(100)))
    assert (first, second, authority.asked) == ({"token 1"}, {"token 2"}, 2)


def test_names_do_not_share_a_token(tokens: Tokens) -> None:
    authority = Authority()
    assert tokens.get("a", authority) != tokens.get("b", authority)


def test_a_token_without_life_is_used_once(tokens: Tokens) -> None:
    authority = Authority(timedelta())
    assert [tokens.get("a", authority) for _ in range(2)] == ["token 1", "token 2"]


def test_a_failed_request_leaves_the_way_free(tokens: Tokens) -> None:
    def fail() -> Token:
        raise AuthorityUnavailable

    with pytest.raises(AuthorityUnavailable):
        tokens.get("a", fail)
    assert tokens.get("a", Authority()) == "token 1"
