"""REL-10: the network between billing and its database falls silent in the middle of transactions, and comes back or does not."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pg8000.native
import pytest
from sqlalchemy.engine import make_url

from shared.db.engine import Database, DatabaseUnavailable
from shared.db.ids import uuid7
from shared.db.seal import Seal
from tests.conftest import PASSWORD
from tests.house import SEAL_KEY, House
from tests.reliability.load import Load
from tests.reliability.proxy import Proxy
from tests.reliability.sampler import Sampler

FULL = "FULL_FIGURES" in os.environ
IDLE_SECONDS = 30 if FULL else 2
"""What roles.sql gives a session that is idle in a transaction; the short form gives less."""

PARTED_SECONDS = IDLE_SECONDS + (10 if FULL else 3)
LONGEST_SECONDS = IDLE_SECONDS + (5 if FULL else 2)
_OLDEST = """
SELECT COALESCE(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8
FROM pg_stat_activity WHERE datname = current_database() AND usename = 'fn_billing'
"""


@dataclass(frozen=True)
class Wired:
    """A database of its own behind a wire that can be cut; `administrator` looks at it from the other side."""

    wire: Proxy
    administrator: pg8000.native.Connection
    database: str

    def url_of(self, role: str) -> str:
        return f"postgresql+pg8000://{role}:{PASSWORD}@127.0.0.1:{self.wire.port}/{self.database}"

    def oldest(self) -> float:
        return float(self.administrator.run(_OLDEST)[0][0])

    def allow_idle(self, seconds: int) -> None:
        wanted = f"idle_in_transaction_session_timeout = '{seconds}s'"
        self.administrator.run(f"ALTER ROLE fn_billing IN DATABASE {self.database} SET {wanted}")


@pytest.fixture
def wired(admin_url: str) -> Iterator[Wired]:
    url = make_url(admin_url)
    assert url.port is not None
    looking = pg8000.native.Connection(
        str(url.username), host=url.host, port=url.port, database=url.database, password=url.password
    )
    with Proxy(url.port) as wire:
        yield Wired(wire, looking, str(url.database))
    looking.close()


@dataclass(frozen=True)
class Seen:
    """`open_for`: the age of billing's oldest transaction at each look."""

    open_for: list[float]
    acknowledged: dict[str, str]
    numbers: list[int]


def cut_within_a_transaction(wired: Wired) -> None:
    """Again and again until one was caught open."""
    wired.wire.parted = True
    time.sleep(0.3)
    while wired.oldest() < 0.2:
        wired.wire.parted = False
        time.sleep(0.05)
        wired.wire.parted = True
        time.sleep(0.3)


def parted(wired: Wired) -> Seen:
    with House(wired.url_of) as house:
        tenant = house.company()
        with Load(house, tenant, again=FULL) as load:
            load.await_answer()
            cut_within_a_transaction(wired)
            with Sampler(wired.oldest) as ages:
                time.sleep(PARTED_SECONDS)
            wired.wire.parted = False
            load.await_answer()
        rows = wired.administrator.run("SELECT secuencia FROM billing.invoices WHERE estado <> 'sin_usar'")
    return Seen(ages, load.acknowledged, [row[0] for row in rows])


def test_rel_10_no_transaction_outlives_a_partition_and_nothing_is_double(wired: Wired) -> None:
    if not FULL:
        wired.allow_idle(IDLE_SECONDS)
    seen = parted(wired)
    assert IDLE_SECONDS / 2 < max(seen.open_for) <= LONGEST_SECONDS
    assert seen.open_for[-1] == 0
    assert len(set(seen.acknowledged.values())) == len(seen.acknowledged)
    assert len(set(seen.numbers)) == len(seen.numbers) >= len(seen.acknowledged)


def test_a_transaction_that_nobody_ends_would_be_seen(wired: Wired) -> None:
    """The mutant: no time-out of the role."""
    wired.allow_idle(0)
    assert max(parted(wired).open_for) > LONGEST_SECONDS


def test_a_process_gives_a_silent_database_up_and_takes_no_late_answer_for_another_statements(wired: Wired) -> None:
    database, tenant = Database(wired.url_of("fn_billing"), Seal(SEAL_KEY), pool_size=1, silence=0.5), uuid7()
    for number, cut in enumerate((cut_within, cut_before)):
        assert answered(database, tenant, 2 * number) == 2 * number
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            cut(wired, database, tenant)
        with pytest.raises(DatabaseUnavailable):
            answered(database, tenant, -1)
        assert time.monotonic() - began < 5
        wired.wire.parted = False
        assert answered(database, tenant, 2 * number + 1) == 2 * number + 1
    database.close()


def answered(database: Database, tenant: str, number: int) -> int:
    with database.transaction(tenant) as tx:
        return int(tx.rows("SELECT CAST(:n AS int) AS n", n=number)[0].n)


def cut_within(wired: Wired, database: Database, tenant: str) -> None:
    """A statement of an open transaction is not answered."""
    with database.transaction(tenant) as tx:
        wired.wire.parted = True
        tx.rows("SELECT CAST(:n AS int) AS n", n=-2)


def cut_before(wired: Wired, database: Database, tenant: str) -> None:
    """A transaction begins on a pooled connection that says nothing any more."""
    wired.wire.parted = True
    answered(database, tenant, -3)
