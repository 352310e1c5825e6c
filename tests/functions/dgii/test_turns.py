"""One turn at a time over processes: renewed while it is used, free when it is through or its owner died."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.dgii import turns
from functions.dgii.turns import Turn
from knative.embedded.valkey import Valkey
from shared.cache.redis import Cache


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path / "data").start()
    yield made
    made.stop()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LEASE_SECONDS", 1)
    monkeypatch.setattr(turns, "RENEWED_SECONDS", 0.2)


def two(server: Valkey) -> tuple[Turn, Turn]:
    return Turn(Cache(server.url), "a:turn"), Turn(Cache(server.url), "a:turn")


@pytest.mark.usefixtures("short")
def test_a_turn_lasts_as_long_as_it_is_kept_and_is_free_at_once_after(server: Valkey) -> None:
    one, another = two(server)
    assert one.take()
    with one.kept():
        time.sleep(1.5)
        assert not another.take(), "longer than its lease"
    assert another.take()


@pytest.mark.usefixtures("short")
def test_the_turn_of_a_process_that_died_passes_on_with_its_lease(server: Valkey) -> None:
    one, another = two(server)
    assert one.take()
    assert not another.take()
    time.sleep(1.1)
    assert another.take()


@pytest.mark.usefixtures("short")
def test_whoever_was_late_takes_nothing_from_the_next(server: Valkey) -> None:
    one, another = two(server)
    assert one.take()
    time.sleep(1.1)
    assert another.take()
    with one.kept():
        time.sleep(0.5)
    third = Turn(Cache(server.url), "a:turn")
    assert not third.take(), "the mark of the second is still there"
    time.sleep(1.1)
    assert third.take(), "and the first did not renew it"


def test_without_redis_it_is_everybodys_turn() -> None:
    nowhere = Cache("redis://127.0.0.1:1")
    for turn in (Turn(nowhere, "a:turn"), Turn(nowhere, "a:turn")):
        assert turn.take()
        with turn.kept():
            pass
