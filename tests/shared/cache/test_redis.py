"""The cache against a real Valkey, and without one: speed, never truth."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knative.embedded.valkey import Valkey
from shared.cache.redis import REST_SECONDS, Cache


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    made = Valkey(Path(tmp_path_factory.mktemp("valkey")) / "data").start()
    yield made
    made.stop()


@pytest.fixture
def cache(server: Valkey) -> Cache:
    return Cache(server.url)


@pytest.fixture
def nowhere() -> Cache:
    return Cache("redis://127.0.0.1:1/0")


def test_what_was_put_is_there_until_it_is_dropped_or_its_life_ends(cache: Cache) -> None:
    cache.put("a", "señora", seconds=60)
    assert cache.get("a") == "señora"
    cache.drop("a")
    assert cache.get("a") is None
    cache.put("b", "x", seconds=1)
    assert cache.get("b") == "x"
    time.sleep(1.1)
    assert cache.get("b") is None


def test_only_the_first_of_many_is_the_one(cache: Cache) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: cache.only_one("lock", seconds=60), range(16)))
    assert answers.count(True) == 1


def test_without_a_server_nothing_is_there_and_everybody_goes_on(nowhere: Cache) -> None:
    nowhere.put("a", "x", seconds=60)
    nowhere.drop("a")
    assert nowhere.get("a") is None
    assert [nowhere.only_one("lock", seconds=60) for _ in range(2)] == [True, True]


def test_without_a_server_nobody_waits(nowhere: Cache) -> None:
    nowhere.get("warm up the import")
    began = time.monotonic()
    nowhere.get("a")
    assert time.monotonic() - began < 1.0


def test_a_server_that_comes_back_is_used_again(tmp_path: Path) -> None:
    first = Valkey(tmp_path / "data").start()
    cache = Cache(first.url)
    cache.put("a", "x", seconds=60)
    first.stop()
    assert cache.get("a") is None
    second = Valkey(tmp_path / "data", port=first.port).start()
    try:
        assert cache.get("b") is None, "it rests, so that nobody waits for a server that is away"
        time.sleep(REST_SECONDS)
        cache.put("b", "y", seconds=60)
        assert cache.get("b") == "y"
    finally:
        second.stop()
