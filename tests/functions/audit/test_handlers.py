"""The chain holds, forks never, and names the place where somebody touched it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from functions.audit import handlers
from shared.db import ids
from shared.db.ids import uuid7
from shared.events.catalogue import ChargeRecorded
from shared.flow.outbox import Announcer
from shared.flow.work import Work
from tests.conftest import _url
from tests.data.facts import example
from tests.house import House


@pytest.fixture
def administrator(fresh: House) -> Iterator[Connection]:
    name = make_url(fresh.settings("audit").database_url.get_secret_value()).database
    engine = create_engine(_url(str(name)), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def record(house: House, tenant: str, facts: int) -> None:
    announcer, database = Announcer(house.keys["plans"]), house.database("plans")
    with database.transaction(tenant) as tx:
        for n in range(facts):
            announcer.announce(tx, example(ChargeRecorded), subject=f"s{n}", sequence=n + 1)
    database.close()


def seal(house: House, tenant: str) -> None:
    """One seal job, as relay orders it."""
    shell, work = house.shell("audit"), Work("audit")
    with shell.transaction(tenant) as tx:
        work.add(tx, "seal", uuid7())
    job = work.claim(shell.database, lease=timedelta(minutes=1))
    assert job is not None
    handlers.seal(shell, job)


def verify(house: House, tenant: str) -> dict[str, Any]:
    answer = house.client("audit").get("/audit/verify", headers=house.token(tenant))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
def tenant(fresh: House) -> str:
    made = uuid7()
    record(fresh, made, 5)
    seal(fresh, made)
    return made


def test_a_chain_that_nobody_touched_is_intact(fresh: House, tenant: str) -> None:
    verdict = verify(fresh, tenant)
    assert (verdict["intact"], verdict["records"], verdict["broken_at"], verdict["pending"]) == (True, 5, None, 0)
    record(fresh, tenant, 2)
    assert verify(fresh, tenant)["pending"] == 2
    seal(fresh, tenant)
    assert (verify(fresh, tenant)["records"], verify(fresh, tenant)["intact"]) == (7, True)


def test_a_clock_that_goes_back_changes_no_order_of_the_chain(fresh: House, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """CLK: time is data; a fact of ten minutes ago is the newest when it was recorded last."""
    monkeypatch.setattr(ids, "time", SimpleNamespace(time_ns=lambda: time.time_ns() - 600 * 10**9))
    record(fresh, tenant, 2)
    monkeypatch.undo()
    record(fresh, tenant, 1)
    seal(fresh, tenant)
    listed = fresh.client("audit").get("/audit/logs", headers=fresh.token(tenant)).json()["items"]
    assert [one["seq"] for one in listed] == [8, 7, 6, 5, 4, 3, 2, 1]
    made = [one["record"]["id"] for one in listed]
    assert (max(made[1:3]) < min(made[3:]), verify(fresh, tenant)["intact"]) == (True, True), "their ids are the older ones"


def test_a_tenant_without_facts_has_an_empty_chain(fresh: House) -> None:
    assert verify(fresh, uuid7()) == {"intact": True, "records": 0, "head": "0" * 128, "broken_at": None, "pending": 0}


TAMPERING = {
    "a record's text": ("UPDATE audit.records SET record = replace(record, 's2', 's9') WHERE seq = 3", 3),
    "a record's hash": ("UPDATE audit.records SET hash_curr = repeat('a', 128) WHERE seq = 2", 2),
    "a record's link": ("UPDATE audit.records SET hash_prev = repeat('a', 128) WHERE seq = 4", 4),
    "the first record gone": ("DELETE FROM audit.records WHERE seq = 1", 1),
    "a record gone from the middle": ("DELETE FROM audit.records WHERE seq = 3", 3),
    "the end cut off": ("DELETE FROM audit.records WHERE seq > 3", 4),
    "everything gone": ("DELETE FROM audit.records", 1),
    "two records swapped": ("UPDATE audit.records SET seq = 9 - seq - 4 + 100 WHERE seq IN (2, 3)", 2),
    "a gap closed": ("DELETE FROM audit.records WHERE seq = 2; UPDATE audit.records SET seq = seq - 1 WHERE seq > 2", 2),
    "the head's hash": ("UPDATE audit.heads SET hash = repeat('a', 128)", 6),
    "the head set back": ("UPDATE audit.heads SET (seq, hash) = (SELECT seq, hash_curr FROM audit.records WHERE seq = 3)", 6),
    "the head's number": ("UPDATE audit.heads SET seq = 9", 6),
    "the head gone": ("DELETE FROM audit.heads", 6),
    "a record appended": (
        "INSERT INTO audit.records SELECT tenant_id, 6, gen_random_uuid(), record, hash_curr, hash_curr FROM audit.records"
        " WHERE seq = 5",
        6,
    ),
}


@pytest.mark.parametrize(("sql", "broken_at"), TAMPERING.values(), ids=TAMPERING.keys())
def test_whoever_touches_the_chain_is_found_where_it_happened(
    fresh: House, administrator: Connection, tenant: str, sql: str, broken_at: int
) -> None:
    other = uuid7()
    record(fresh, other, 1)
    seal(fresh, other)
    for statement in sql.split(";"):
        where = f"tenant_id = '{tenant}'"
        scoped = f"{statement} AND {where}" if "WHERE" in statement and "SELECT" not in statement else statement
        if "WHERE" not in statement:
            scoped = f"{statement} WHERE {where}"
        elif "SELECT" in statement:
            scoped = statement.replace("WHERE seq", f"WHERE {where} AND seq") + (
                f" WHERE {where}" if "heads SET (" in statement else ""
            )
        administrator.execute(text(scoped))
    verdict = verify(fresh, tenant)
    assert (verdict["intact"], verdict["broken_at"]) == (False, broken_at)
    assert verify(fresh, other)["intact"] is True


def test_sealing_at_once_makes_one_chain_without_fork(fresh: House) -> None:
    tenant, shell = uuid7(), fresh.shell("audit")
    for _ in range(6):
        record(fresh, tenant, 20)
    with ThreadPoolExecutor(2) as pool:
        sealed = list(pool.map(lambda _: handlers._seal_batch(shell, tenant), range(6)))
    assert sum(sealed) == 120
    assert (verify(fresh, tenant)["records"], verify(fresh, tenant)["intact"]) == (120, True)


def test_more_than_a_batch_is_sealed_in_one_job(fresh: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "BATCH", 4)
    tenant = uuid7()
    record(fresh, tenant, 11)
    seal(fresh, tenant)
    assert (verify(fresh, tenant)["records"], verify(fresh, tenant)["pending"]) == (11, 0)


def test_records_tell_attributes_and_never_the_data(fresh: House, tenant: str) -> None:
    page = fresh.client("audit").get("/audit/logs?limit=3", headers=fresh.token(tenant)).json()
    rest = fresh.client("audit").get(f"/audit/logs?limit=3&cursor={page['next']}", headers=fresh.token(tenant)).json()
    items = page["items"] + rest["items"]
    assert [i["seq"] for i in items] == [5, 4, 3, 2, 1]
    assert rest["next"] is None
    assert all("data" not in i["record"] and len(i["record"]["data_sha256"]) == 64 for i in items)
    assert items[0]["record"]["tenant"] == tenant


def test_another_company_sees_none_of_it(fresh: House, tenant: str) -> None:
    other = uuid7()
    assert fresh.client("audit").get("/audit/logs", headers=fresh.token(other)).json()["items"] == []
    assert verify(fresh, other)["records"] == 0
    assert tenant != other
