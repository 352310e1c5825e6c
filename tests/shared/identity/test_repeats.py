"""A flood of the same is said once a minute, of something else at once, and one company's flood hides nothing of another's."""

import time

from hypothesis import given
from hypothesis import strategies as st

from shared.cache.redis import Cache
from shared.identity.repeats import _REMEMBERED, SECONDS, Repeats, repeat_key

AWAY = Cache("redis://127.0.0.1:1")
WORDS = st.lists(st.text(max_size=8), max_size=4)


def test_the_same_is_said_once_a_minute_and_anything_else_at_once() -> None:
    repeats = Repeats(AWAY)
    said = [repeats.is_new("a", "somebody", "GET /x", "no") for _ in range(1000)]
    assert (said[0], sum(said)) == (True, 1)
    for other in (("b", "somebody", "GET /x", "no"), ("a", "another", "GET /x", "no"), ("a", "somebody", "GET /y", "no")):
        assert repeats.is_new(*other)
    repeats._said.clock = lambda: time.monotonic() + SECONDS
    assert repeats.is_new("a", "somebody", "GET /x", "no")


def test_memory_is_bounded() -> None:
    repeats = Repeats(AWAY)
    for number in range(_REMEMBERED + 50):
        repeats.is_new("a", str(number))
    assert len(repeats._said) == _REMEMBERED


@given(one=WORDS, other=WORDS)
def test_two_things_never_share_a_key(one: list[str], other: list[str]) -> None:
    assert (repeat_key("t", *one) == repeat_key("t", *other)) == (one == other)
    assert repeat_key("t", *one).startswith("t:")
