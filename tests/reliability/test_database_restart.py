"""REL-08: PostgreSQL dies without a goodbye under load and comes back; nothing acknowledged is lost, no number is missing."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from knative.embedded.postgres import Postgres
from shared.db.migrate import FUNCTIONS, upgrade
from tests.house import SEAL_KEY, House
from tests.reliability.load import Load

DATABASE = "restarted"
PASSWORD = "of-a-test"
RESTARTS = 6 if "FULL_FIGURES" in os.environ else 2
SECONDS_BETWEEN = 10 if "FULL_FIGURES" in os.environ else 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of its own that keeps what it has promised."""
    made = Postgres(tmp_path_factory.mktemp("restart") / "pg").start()
    made.ensure_database(DATABASE)
    upgrade(made.url(database=DATABASE), passwords=dict.fromkeys(FUNCTIONS, PASSWORD), seal_key=SEAL_KEY)
    yield made
    made.stop()


def crash(server: Postgres) -> None:
    """As a power cut for its sessions: SIGQUIT is immediate shutdown, and the next start recovers from the log."""
    lock: Path = server.data / "postmaster.pid"
    os.kill(int(lock.read_text(encoding="ascii").split("\n")[0]), signal.SIGQUIT)
    server.stop()
    server.start()


def test_rel_08_a_database_that_crashes_under_load_loses_nothing_acknowledged(server: Postgres) -> None:
    with House(lambda role: server.url(role, DATABASE, PASSWORD)) as house:
        tenant = house.company()
        recovered = list[float]()
        with Load(house, tenant) as load:
            for _ in range(RESTARTS):
                time.sleep(SECONDS_BETWEEN)
                crash(server)
                recovered.append(load.await_answer())
        rows = server.ask(
            DATABASE,
            "SELECT k.key, i.encf, i.secuencia FROM billing.invoices i "
            "JOIN billing.idempotency k ON k.tenant_id = i.tenant_id AND k.invoice_id = i.id",
        )
    held = {key: encf for key, encf, _ in rows}
    assert {key: encf for key, encf in load.acknowledged.items() if held.get(key) != encf} == {}, "acknowledged and lost"
    assert sorted(number for _, _, number in rows) == list(range(1, len(rows) + 1)), "a gap or a double"
    assert len(set(load.acknowledged.values())) == len(load.acknowledged), "one number for two wishes"
    assert set(load.statuses) <= {200, 201, 202, 409, 503}, load.statuses
    assert load.statuses[503], "the crash was felt, or the test did nothing"
    assert max(recovered) <= 5
