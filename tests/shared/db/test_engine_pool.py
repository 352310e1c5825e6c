"""TEN-06: eight tenants take turns on two connections, with errors and cancels; nobody ever reads another's row."""

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from shared.db import driver
from shared.db.engine import Database, Transaction
from shared.db.ids import uuid7
from shared.db.seal import Seal
from shared.errors import Unavailable
from tests.house import SEAL_KEY, House
from tests.shared.db.bouncer import bouncer, follows_prepared_statements, installed

TENANTS = 8
REQUESTS = 2000 if os.environ.get("FULL_FIGURES") == "1" else 100
READ = "SELECT tenant_id FROM plans.subscriptions"


class GaveUp(Exception):
    """The request ended in the middle."""


def request(tx: Transaction, chance: random.Random) -> list[str]:
    """What one request reads; one in four fails afterwards, in one way or another."""
    read = [row.tenant_id for row in tx.rows(READ)]
    match chance.randrange(12):
        case 0:
            raise GaveUp
        case 1:
            tx.rows("SELECT 1/0")
        case 2:
            tx.rows("SET LOCAL statement_timeout = '1ms'")
            tx.rows("SELECT pg_sleep(0.02)")
    return read


def serve(database: Database, tenant: str, seed: int) -> Counter[str]:
    """How many requests of the tenant read its canary, failed, or read anything else."""
    chance, counts = random.Random(seed), Counter[str]()
    for _ in range(REQUESTS):
        try:
            with database.transaction(tenant) as tx:
                read = request(tx, chance)
            counts["own" if read == [tenant] else "foreign"] += 1
        except (GaveUp, DBAPIError, Unavailable):
            counts["failed"] += 1
    return counts


@pytest.fixture
def tenants(house: House) -> list[str]:
    """Each with its canary."""
    made, database = [uuid7() for _ in range(TENANTS)], house.database("plans")
    for tenant in made:
        with database.transaction(tenant) as tx:
            tx.rows("INSERT INTO plans.subscriptions (tenant_id, plan) VALUES (:t, 'estandar')", t=tenant)
    database.close()
    return made


def counted(database: Database, tenants: list[str]) -> Counter[str]:
    with ThreadPoolExecutor(TENANTS) as pool:
        counts = sum(pool.map(lambda pair: serve(database, pair[1], pair[0]), enumerate(tenants)), Counter[str]())
    database.close()
    sys.stdout.write(json.dumps({"test": "TEN-06", "requests": TENANTS * REQUESTS, **counts}) + "\n")
    return counts


def assert_nobody_crossed(counts: Counter[str]) -> None:
    assert counts["foreign"] == 0
    assert counts["own"] > TENANTS * REQUESTS / 2
    assert counts["failed"] > TENANTS * REQUESTS / 10, "who never failed proves nothing"


def test_eight_tenants_on_a_pool_of_two_read_their_own_rows_only(house: House, tenants: list[str]) -> None:
    address = house.settings("plans").database_url.get_secret_value()
    assert_nobody_crossed(counted(Database(address, Seal(SEAL_KEY), pool_size=2), tenants))


@pytest.fixture
def through_bouncer(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if not follows_prepared_statements(installed()):
        monkeypatch.setattr(driver, "prepare_statements", lambda engine: None)
    with bouncer(house.settings("plans").database_url.get_secret_value(), tmp_path) as address:
        yield address


@pytest.mark.judge
def test_behind_pgbouncer_in_transaction_mode_too(through_bouncer: str, tenants: list[str]) -> None:
    assert_nobody_crossed(counted(Database(through_bouncer, Seal(SEAL_KEY), pool_size=TENANTS), tenants))


class Forgetful(Database):
    """The mutant: the tenant is said once a connection, for the whole session."""

    def _begun(self, context: str) -> Connection:
        connection = self.engine.connect()
        raw = connection.connection.dbapi_connection
        assert raw is not None
        if not connection.info.setdefault("said", False):
            raw.execute_simple(f"SET app.ctx = '{context}'")  # type: ignore[attr-defined]
            connection.info["said"] = True
        raw.execute_simple("BEGIN")  # type: ignore[attr-defined]
        return connection


def test_a_context_that_outlives_its_transaction_is_seen(house: House, tenants: list[str]) -> None:
    address = house.settings("plans").database_url.get_secret_value()
    assert counted(Forgetful(address, Seal(SEAL_KEY), pool_size=2), tenants)["foreign"] > 0


@pytest.mark.judge
def test_behind_pgbouncer_it_is_seen_too(through_bouncer: str, tenants: list[str]) -> None:
    assert counted(Forgetful(through_bouncer, Seal(SEAL_KEY), pool_size=TENANTS), tenants)["foreign"] > 0
