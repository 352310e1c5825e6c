"""REL-11: DGII takes connections and never answers; nobody holds a lock meanwhile, and documents are emitted as ever."""

import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pg8000.native
from sqlalchemy.engine import make_url

from shared.db.seal import PLATFORM
from shared.events.catalogue import EcfSigned
from shared.events.envelope import Envelope
from tests.flows.following import facts_of
from tests.functions.billing.bodies import FACTURA
from tests.house import House
from tests.reliability.program import ENTRY, Program, running
from tests.reliability.proxy import Proxy
from tests.reliability.sampler import Sampler

FULL = "FULL_FIGURES" in os.environ
STALLED_SECONDS = 60.0 if FULL else 5.0
QUEUED = 200 if FULL else 40
SENDERS = 16
"""As many deliveries at once as dgii's containerConcurrency lets in."""

LONGEST_LOCK_SECONDS = 1.0
_OLDEST_ROW_LOCK = """
SELECT COALESCE(max(extract(epoch FROM clock_timestamp() - a.xact_start)), 0)::float8
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.mode IN ('RowShareLock', 'RowExclusiveLock') AND a.datname = current_database() AND a.usename LIKE 'fn\\_%'
"""


@dataclass(frozen=True)
class Seen:
    """`locks`: the age of the oldest row lock at each look; `stuck`: deliveries that dgii still worked on at the end."""

    locks: list[float]
    stuck: int
    before: list[float]
    during: list[float]

    @property
    def p95_ratio(self) -> float:
        return p95(self.during) / p95(self.before)


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


def emitted(house: House, tenant: str) -> float:
    began = time.monotonic()
    answer = house.emit(tenant, FACTURA)
    assert answer.status_code == 201, answer.text
    return time.monotonic() - began


def signed(house: House, tenant: str) -> list[Envelope]:
    return [fact for fact in facts_of(house, tenant) if fact.type == EcfSigned.type]


def deliver(program: Program, fact: Envelope) -> int:
    headers, body = fact.to_http()
    try:
        return httpx.post(f"{program.url}/events", headers=headers, content=body, timeout=120, trust_env=False).status_code
    except httpx.TransportError:
        return 0


@contextmanager
def delivering(program: Program, facts: list[Envelope]) -> Iterator[list[Future[int]]]:
    """As the broker does, sixteen at once, until the block ends and the process with it."""
    with ThreadPoolExecutor(SENDERS) as pool:
        under_way = [pool.submit(deliver, program, fact) for fact in facts]
        try:
            yield under_way
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            program.kill()


@contextmanager
def looking_at_locks(house: House) -> Iterator[list[float]]:
    with house.database("billing").transaction(PLATFORM) as tx:
        name = tx.rows("SELECT current_database() AS name")[0].name
    url = make_url(os.environ["TEST_DATABASE_URL"])
    connection = pg8000.native.Connection(str(url.username), host=url.host, port=url.port, database=name, password=url.password)
    with Sampler(lambda: float(connection.run(_OLDEST_ROW_LOCK)[0][0])) as seen:
        yield seen
    connection.close()


def stalled(
    house: House, folder: Path, *, entry: tuple[str, ...] = ENTRY, seconds: float = STALLED_SECONDS, queued: int = QUEUED
) -> Seen:
    """A queue of signed documents, a DGII that falls silent, and a company that goes on emitting."""
    tenant, port = house.company(), make_url(house.address("sandbox")).port
    assert port is not None
    with Proxy(port) as authority:
        where = f"http://127.0.0.1:{authority.port}"
        with running(house, "dgii", folder, entry=entry, dgii_ecf_url=where, dgii_fc_url=where) as program:
            emitted(house, tenant)
            assert deliver(program, signed(house, tenant)[0]) == 204, "and dgii has a token"
            before = [emitted(house, tenant) for _ in range(queued)]
            authority.parted = True
            with delivering(program, signed(house, tenant)[1:]) as under_way, looking_at_locks(house) as locks:
                during, until = list[float](), time.monotonic() + seconds
                while time.monotonic() < until:
                    during.append(emitted(house, tenant))
                stuck = sum(sent.running() for sent in under_way)
    return Seen(locks, stuck, before, during)


def test_rel_11_no_lock_is_held_while_dgii_is_silent(
    fresh: House, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seen = stalled(fresh, tmp_path)
    record_property("oldest row lock, seconds", round(max(seen.locks), 3))
    record_property("p95 of its own before", round(seen.p95_ratio, 2))
    assert seen.stuck > 0, "DGII was waited for, or the test did nothing"
    assert len(seen.locks) >= STALLED_SECONDS
    assert max(seen.locks) <= LONGEST_LOCK_SECONDS
    assert seen.p95_ratio <= 1.5 or not FULL


def test_a_lock_that_is_held_over_the_network_would_be_seen(fresh: House, tmp_path: Path) -> None:
    seen = stalled(fresh, tmp_path, entry=("-m", "tests.reliability.holding"), seconds=2 * LONGEST_LOCK_SECONDS, queued=4)
    assert max(seen.locks) > LONGEST_LOCK_SECONDS
