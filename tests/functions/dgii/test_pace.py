"""The first look goes where DGII is through, and few documents want a second one."""

import math
import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from functions.dgii.pace import USUAL, Pace, next_look, next_query

DOCUMENTS = 3000


def looks(pace: Pace, takes: timedelta) -> tuple[int, timedelta]:
    """How many looks one document wants, and when the last of them was."""
    at, early = pace.first_look, 0
    while at < takes:
        early += 1
        at += next_look(at, early)
    pace.learn(early, at)
    return early + 1, at


def lognormal(median: float, sigma: float) -> Callable[[random.Random], float]:
    return lambda chance: chance.lognormvariate(math.log(median), sigma)


def mixed(share: float, slow: float) -> Callable[[random.Random], float]:
    """Mostly around 300 ms, and a share of documents that take `slow` seconds."""
    return lambda chance: slow if chance.random() < share else chance.uniform(0.25, 0.35)


DGIIS: dict[str, Callable[[random.Random], float]] = {
    "always 200 ms": lambda chance: 0.2,
    "around 200 ms": lognormal(0.2, 0.5),
    "around 20 s": lognormal(20, 0.5),
    "between 1 and 5 s": lambda chance: chance.uniform(1, 5),
    "mostly 300 ms, one of ten half a minute": mixed(0.1, 30.0),
    "mostly 300 ms, one of twenty two minutes": mixed(0.05, 120.0),
    "mostly 300 ms, one of ten three seconds": mixed(0.1, 3.0),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", DGIIS)
def test_a_document_wants_at_most_half_a_look_more_than_an_oracle_that_looks_once(
    name: str, seed: int, record_property: Callable[[str, object], None]
) -> None:
    chance, pace = random.Random(seed), Pace()
    counts = [looks(pace, timedelta(seconds=DGIIS[name](chance)))[0] for _ in range(DOCUMENTS)]
    rate = sum(counts) / DOCUMENTS
    record_property("looks a document", round(rate, 2))
    assert rate <= 1.5
    if "300 ms" in name:
        assert pace.first_look < timedelta(seconds=0.6), "the slow ones do not make the others wait"


def test_without_learning_the_same_documents_want_far_more() -> None:
    """The mutant: the usual first look for an authority that takes twenty seconds."""
    chance, counts = random.Random(5), []
    for _ in range(DOCUMENTS):
        counts.append(looks(Pace(), timedelta(seconds=DGIIS["around 20 s"](chance)))[0])
    assert sum(counts) / DOCUMENTS > 5


def test_an_authority_that_gets_slower_and_faster_is_followed() -> None:
    pace = Pace()
    for seconds in (0.2, 8.0, 0.3):
        for _ in range(400):
            looks(pace, timedelta(seconds=seconds))
        assert 0.9 * seconds <= pace.first_look.total_seconds() <= 1.2 * seconds


def test_a_look_that_came_late_for_other_reasons_teaches_nothing() -> None:
    pace = Pace()
    pace.learn(0, USUAL * 3)
    assert pace.first_look == USUAL
    assert pace.to_keep(100.0) is None


def test_what_is_learnt_is_kept_now_and_then() -> None:
    pace = Pace()
    pace.learn(1, USUAL)
    assert pace.to_keep(100.0) == pace.first_look
    pace.learn(1, USUAL)
    assert pace.to_keep(104.0) is None
    assert pace.to_keep(106.0) == pace.first_look


def test_looks_and_queries_are_bounded() -> None:
    assert next_look(timedelta(hours=3), 1) == timedelta(minutes=10)
    assert next_look(timedelta(), 1) == timedelta(milliseconds=100)
    assert [next_look(timedelta(seconds=2), early).total_seconds() for early in (1, 2, 3)] == [2, 6, 6]
    quarter = timedelta(minutes=15)
    assert [next_query(misses, quarter).total_seconds() for misses in range(4)] == [5, 25, 300, 300]
