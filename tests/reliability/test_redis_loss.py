"""RED-01: Redis dies, forgets, falls silent, gets slow or full while documents are emitted; emission does not notice."""

import math
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from knative.embedded.valkey import Valkey
from shared.db.ids import uuid7
from tests.conftest import _url
from tests.functions.billing.bodies import FACTURA
from tests.house import House
from tests.reliability.proxy import Proxy

SECONDS = 30.0 if "FULL_FIGURES" in os.environ else 1.5
CLIENTS = 2
TIMEOUT_SECONDS = 0.5
"""How long the cache waits for a Redis that says nothing."""

_FULL = "x" * 30_000


class Redis:
    """The server behind a wire that can be cut."""

    def __init__(self, folder: Path) -> None:
        self.server = Valkey(folder / "valkey").start()
        self.proxy = Proxy(self.server.port)

    def say(self, *commands: str) -> str:
        """An operator's commands; everything that was answered."""
        asked = "".join(f"{command}\r\n" for command in (f"AUTH {self.server.password}", *commands, "QUIT"))
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=5) as connection:
            connection.sendall(asked.encode())
            said = b""
            while piece := connection.recv(65536):
                said += piece
        return said.decode()

    def kill(self) -> None:
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)

    def fill(self) -> None:
        said = self.say("CONFIG SET maxmemory 2mb", *(f"SET filled:{n} {_FULL}" for n in range(120)))
        assert "OOM" in said, "it is full, or the test did nothing"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    made = Redis(tmp_path)
    with made.proxy:
        yield made
    made.server.stop()


@pytest.fixture
def house(redis: Redis, _shared_copy: str) -> Iterator[House]:
    url = f"redis://default:{redis.server.password}@127.0.0.1:{redis.proxy.port}/0"
    with House(lambda role: _url(_shared_copy, role), redis_url=url) as made:
        yield made


LOSSES: dict[str, Callable[[Redis], object]] = {
    "kill -9": Redis.kill,
    "FLUSHALL": lambda redis: redis.say("FLUSHALL"),
    "partition": lambda redis: setattr(redis.proxy, "parted", True),
    "2 s latency": lambda redis: setattr(redis.proxy, "latency", 2.0),
    "maxmemory full": Redis.fill,
}


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


@dataclass(frozen=True)
class Loaded:
    """What clients saw: (key, status, seconds, e-NCF) of each request, the first `before` of them while Redis was well."""

    answers: list[tuple[str, int, float, str | None]]
    before: int

    @property
    def availability(self) -> float:
        return sum(status == 201 for _, status, _, _ in self.answers) / len(self.answers)

    @property
    def p95_ratio(self) -> float:
        """After the loss, of the same before it."""
        seconds = [taken for _, _, taken, _ in self.answers]
        return p95(seconds[self.before :]) / p95(seconds[CLIENTS : self.before])


def load(house: House, redis: Redis, tenant: str, loss: str) -> Loaded:
    answers, over = list[tuple[str, int, float, str | None]](), threading.Event()

    def emit() -> None:
        while not over.is_set():
            key, began = uuid7(), time.monotonic()
            answer = house.emit(tenant, FACTURA, key=key)
            answers.append((key, answer.status_code, time.monotonic() - began, answer.json().get("encf")))

    clients = [threading.Thread(target=emit) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(SECONDS)
    before = len(answers)
    assert redis.proxy.passed > before, "each request asks Redis, or the loss touches nothing"
    LOSSES[loss](redis)
    time.sleep(SECONDS)
    over.set()
    for client in clients:
        client.join()
    return Loaded(answers, before)


@pytest.mark.parametrize("loss", LOSSES)
def test_red_01_emission_goes_on_without_redis(
    loss: str, house: House, redis: Redis, record_property: Callable[[str, object], None]
) -> None:
    tenant = house.company()
    seen = load(house, redis, tenant, loss)
    record_property("p95 of its own before", round(seen.p95_ratio, 2))
    with house.database("billing").transaction(tenant) as tx:
        rows = tx.rows(
            "SELECT k.key, i.encf FROM billing.invoices i JOIN billing.idempotency k "
            "ON k.tenant_id = i.tenant_id AND k.invoice_id = i.id WHERE i.tenant_id = :tenant",
            tenant=tenant,
        )
    held = {row.key: row.encf for row in rows}
    assert [key for key, status, _, encf in seen.answers if status == 201 and held.get(key) != encf] == [], "lost"
    assert len(rows) == len(set(held.values())) == len(held), "double"
    assert seen.availability >= 0.99
    assert seen.p95_ratio <= 2 or "FULL_FIGURES" not in os.environ


def test_a_cache_that_asks_a_silent_redis_each_time_would_be_seen(
    house: House, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: no rest after a failure."""
    tenant = house.company()
    monkeypatch.setattr("shared.cache.redis.REST_SECONDS", 0.0)
    seen = load(house, redis, tenant, "partition")
    waited = [taken for _, _, taken, _ in seen.answers[seen.before + CLIENTS :]]
    assert min(waited) >= TIMEOUT_SECONDS
