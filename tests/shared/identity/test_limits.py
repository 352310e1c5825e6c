"""Requests by tenant and class on a real Valkey: no window lets more through, nobody pays for a neighbour (WEB-05, WEB-07)."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knative.embedded.valkey import Valkey
from shared.cache.redis import Cache
from shared.db.ids import uuid7
from shared.identity.limits import Class, Limiter, RateLimited
from shared.identity.permissions import Permission
from tests.house import House

KIND = Class.WRITE
RATE = 1_000_000 // KIND.every
SECONDS = 3.0
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    made = Valkey(Path(tmp_path_factory.mktemp("valkey")) / "data").start()
    yield made
    made.stop()


def accepted(limiter: Limiter, who: str, kind: Class = KIND) -> bool:
    try:
        limiter.take(who, kind)
    except RateLimited:
        return False
    return True


def storm(take: Callable[[], bool], threads: int = 4) -> tuple[list[float], int]:
    """As much as they can for SECONDS: when something passed, and how much was asked."""
    passed, asked, lock = list[float](), [0], threading.Lock()

    def one(until: float) -> None:
        while (now := time.monotonic()) < until:
            good = take()
            with lock:
                asked[0] += 1
                if good:
                    passed.append(now)

    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, [until] * threads))
    return sorted(passed), asked[0]


def excess(passed: Sequence[float], *, rate: float = RATE, burst: int = KIND.burst) -> float:
    """The worst window: what passed in it, as a share of what may pass in a window of its length."""
    steps = range(0, len(passed), max(1, len(passed) // 200))
    return max((j - i + 1) / (burst + rate * (passed[j] - passed[i])) for i in steps for j in range(i, len(passed)))


def test_no_window_lets_more_through_than_the_limit(server: Valkey) -> None:
    limiters, who = [Limiter(Cache(server.url)) for _ in range(2)], uuid7()
    turn = iter(range(10**9))
    passed, asked = storm(lambda: accepted(limiters[next(turn) % 2], who))
    assert asked > 10 * RATE * SECONDS, "the storm is too weak to prove anything"
    assert excess(passed) <= 1.05
    assert len(passed) >= 0.9 * (KIND.burst + RATE * SECONDS), "nor is anybody short-changed"


def test_a_window_with_edges_is_seen() -> None:
    """The mutant: twice the limit, half before and half after the edge of a fixed window."""
    assert excess([0.99 + n / 1e6 for n in range(150)] + [1.0 + n / 1e6 for n in range(150)]) > 1.05


def test_a_storm_of_one_company_costs_another_nothing(server: Valkey) -> None:
    limiter, quiet = Limiter(Cache(server.url)), uuid7()
    stop = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        noisy = [pool.submit(lambda: [accepted(limiter, "noisy") for _ in iter(stop.is_set, True)]) for _ in range(3)]
        passed = []
        for _ in range(int(RATE / 2 * 2)):
            passed.append(accepted(limiter, quiet))
            time.sleep(2 / RATE)
        stop.set()
        assert sum(not ok for one in noisy for ok in one.result()) > 0
    assert all(passed)


def test_who_is_refused_is_told_when_to_come_back(server: Valkey) -> None:
    limiter, who = Limiter(Cache(server.url)), uuid7()
    rooms = [limiter.take(who, KIND).remaining for _ in range(3)]
    assert rooms == sorted(rooms, reverse=True)
    while accepted(limiter, who):
        continue
    with pytest.raises(RateLimited) as refusal:
        limiter.take(who, KIND)
    time.sleep(float(str(refusal.value.facts["retry_after"])))
    assert accepted(limiter, who)
    assert accepted(limiter, who, Class.READ), "each class counts for itself"


def test_without_redis_a_process_counts_for_itself() -> None:
    limiter, who = Limiter(Cache(NOWHERE)), uuid7()
    passed, asked = storm(lambda: accepted(limiter, who))
    assert asked > 10 * len(passed)
    assert 0.9 * (KIND.burst + RATE * SECONDS) <= len(passed)
    assert excess(passed) <= 1.05


def test_red_04_when_redis_goes_a_local_bucket_takes_over_neither_open_nor_closed(tmp_path: Path) -> None:
    """Whoever has just used their room at Redis gets it once more from the process: twice the limit at the most."""
    server = Valkey(tmp_path / "data").start()
    limiter, who = Limiter(Cache(server.url)), uuid7()
    ends = threading.Timer(SECONDS / 2, server.stop)
    ends.start()
    gone = time.monotonic() + SECONDS / 2
    passed, asked = storm(lambda: accepted(limiter, who))
    ends.join()
    after = [at for at in passed if at > gone + 0.5]
    assert 0 < len(after) < asked / 10, "it goes on, and goes on refusing"
    assert excess(passed) <= 2
    assert len(passed) > 1.1 * (KIND.burst + RATE * SECONDS), "and the second room was really given, or nothing was shown"


def test_red_04_a_limiter_that_opens_without_redis_is_seen() -> None:
    """The mutant: whatever is asked while Redis is away passes."""
    limiter, who = Limiter(Cache(NOWHERE)), uuid7()
    limiter._alone = lambda key, kind: [1, 1, 0]  # type: ignore[method-assign]
    passed, _ = storm(lambda: accepted(limiter, who))
    assert excess(passed) > 2


def test_what_is_counted_starts_with_whom(server: Valkey) -> None:
    cache, who = Cache(server.url), uuid7()
    Limiter(cache).take(who, KIND)
    assert cache.get(f"{who}:limit:write") is not None


def test_an_answer_tells_what_is_left_and_a_refusal_when_to_return(house: House) -> None:
    tenant = house.company(certificate=False, ranges=False)
    headers, client = house.token(tenant, Permission.PLANS_READ), house.client("plans")
    first = client.get("/tenant/plans/current", headers=headers).headers
    assert int(first["ratelimit-limit"]) == Class.READ.burst > int(first["ratelimit-remaining"])
    shell = house.shell("plans")
    while accepted(shell.limiter, tenant, Class.READ):
        continue
    spoofs = [{}, {"X-Forwarded-For": "198.51.100.9"}, {"X-Real-IP": "198.51.100.9"}, {"X-Tenant-ID": tenant}]
    answers = [client.get("/tenant/plans/current", headers=headers | spoof) for spoof in spoofs]
    refused = [a for a in answers if a.status_code == 429]
    assert refused
    assert all(int(a.headers["retry-after"]) >= 1 for a in refused)
    other = {"X-Tenant-ID": uuid7()}
    assert client.get("/tenant/plans/current", headers=headers | other).status_code in (403, 429)


@pytest.mark.parametrize(
    "address",
    [lambda n: f"203.0.113.{n % 250}", lambda n: f"2001:db8:77:{n % 60000:x}::1", lambda n: f"10.9.{n % 250}.1, 192.0.2.5"],
)
def test_no_spelling_of_an_address_makes_more_room_at_a_public_door(house: House, address: Callable[[int], str]) -> None:
    client = house.client("auth")
    asked = 3 * Class.PUBLIC.burst
    began = time.monotonic()
    answers = [client.get("/auth/jwks.json", headers={"X-Forwarded-For": address(n)}).status_code for n in range(asked)]
    room = Class.PUBLIC.burst + Class.PUBLIC.value[0] * (time.monotonic() - began)
    assert answers.count(200) <= 1.05 * room + 1
    assert set(answers) <= {200, 429}
