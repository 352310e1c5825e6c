"""DG-12: a seed that comes again is never signed, whichever process sees it, with Redis and without."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from functions.dgii.seeds import Seeds
from knative.embedded.valkey import Valkey
from shared.cache.redis import Cache
from shared.dgii.failures import SeedUnusable

NOWHERE = Cache("redis://127.0.0.1:1")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path / "data").start()
    yield made
    made.stop()


def test_another_process_knows_a_seed_that_was_signed(server: Valkey) -> None:
    one, another = Seeds(Cache(server.url)), Seeds(Cache(server.url))
    one.use(b"a seed")
    with pytest.raises(SeedUnusable):
        another.use(b"a seed")
    another.use(b"another seed")
    redis = Redis.from_url(server.url)
    assert {0 < int(redis.ttl(key)) <= 86_400 for key in redis.keys("*")} == {True}
    assert not [key for key in redis.keys("*") if b"a seed" in key]


def test_without_redis_a_process_knows_its_own() -> None:
    one, another = Seeds(NOWHERE), Seeds(NOWHERE)
    one.use(b"a seed")
    with pytest.raises(SeedUnusable):
        one.use(b"a seed")
    another.use(b"a seed")


def test_a_process_that_runs_long_forgets_only_the_oldest() -> None:
    seeds = Seeds(NOWHERE)
    for number in range(1000):
        seeds.use(str(number).encode())
    with pytest.raises(SeedUnusable):
        seeds.use(b"999")
    seeds.use(b"0")
