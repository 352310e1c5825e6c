"""Durable work: fair (WEB-06), leased, fenced, never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.flow.work import Job, LeaseLost, Work, backoff
from tests.house import House

WORK = Work("plans")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(fresh: House) -> Database:
    return fresh.database("plans")


def add(database: Database, tenant: str, *keys: str, delay: timedelta = timedelta()) -> None:
    for key in keys:
        with database.transaction(tenant) as tx:
            WORK.add(tx, "a-kind", key, {"key": key, "ñ": [1, None]}, delay=delay)


def claim(database: Database, lease: timedelta = MINUTE) -> Job:
    job = WORK.claim(database, lease=lease)
    assert job is not None
    return job


def state(database: Database, job: Job) -> tuple[str, int, str | None]:
    with database.transaction(job.tenant) as tx:
        row = tx.row("SELECT state, attempts, last_error FROM flow.work WHERE key = :k", k=job.key)
    assert row is not None
    return row.state, row.attempts, row.last_error


def test_a_job_comes_back_as_it_was_added_and_only_once(database: Database) -> None:
    tenant = uuid7()
    add(database, tenant, "one")
    job = claim(database)
    assert (job.tenant, job.kind, job.key, job.payload, job.attempts) == (
        tenant,
        "a-kind",
        "one",
        {"key": "one", "ñ": [1, None]},
        1,
    )
    assert WORK.claim(database, lease=MINUTE) is None


def test_adding_a_job_again_changes_nothing_even_after_it_is_done(database: Database) -> None:
    tenant = uuid7()
    add(database, tenant, "one", "one")
    job = claim(database)
    with database.transaction(tenant) as tx:
        WORK.finish(tx, job)
    add(database, tenant, "one")
    assert WORK.claim(database, lease=MINUTE) is None
    assert state(database, job) == ("done", 1, None)


def test_a_job_that_is_not_due_is_not_claimed(database: Database) -> None:
    add(database, uuid7(), "later", delay=MINUTE)
    assert WORK.claim(database, lease=MINUTE) is None


def test_a_job_of_a_transaction_that_failed_does_not_exist(database: Database) -> None:
    def fail() -> None:
        with database.transaction(uuid7()) as tx:
            WORK.add(tx, "a-kind", "one")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert WORK.claim(database, lease=MINUTE) is None


def test_tenants_take_turns_however_much_one_of_them_has(database: Database) -> None:
    big, small, late = uuid7(), uuid7(), uuid7()
    add(database, big, *(f"big-{n}" for n in range(6)))
    add(database, small, "small-0", "small-1")
    order = [claim(database).tenant for _ in range(3)]
    assert set(order[:2]) == {big, small}
    add(database, late, "late")
    order += [claim(database).tenant for _ in range(2)]
    assert {small, late} <= set(order[2:]), "a newcomer waits for one turn, not for the crowd"


def test_within_a_tenant_the_oldest_is_first(database: Database) -> None:
    add(database, uuid7(), "one", "two", "three")
    assert [claim(database).key for _ in range(3)] == ["one", "two", "three"]


def test_claims_at_once_never_share_a_job(fresh: House) -> None:
    database = fresh.database("plans")
    for _ in range(4):
        add(database, uuid7(), *(uuid7() for _ in range(5)))
    databases = [fresh.database("plans") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        took = list(pool.map(lambda n: [WORK.claim(databases[n], lease=MINUTE) for _ in range(7)], range(4)))
    keys = [job.key for jobs in took for job in jobs if job is not None]
    assert len(keys) == len(set(keys)) == 20
    for one in databases:
        one.close()


def test_a_lease_that_ran_out_gives_the_job_back_and_fences_the_late_worker(database: Database) -> None:
    add(database, uuid7(), "one")
    late = claim(database, lease=timedelta())
    current = claim(database)
    assert (current.key, current.attempts) == (late.key, 2)
    for end in (
        lambda tx: WORK.finish(tx, late),
        lambda tx: WORK.postpone(tx, late, MINUTE),
        lambda tx: WORK.bury(tx, late, "x"),
    ):
        with pytest.raises(LeaseLost), database.transaction(late.tenant) as tx:
            end(tx)
    with database.transaction(current.tenant) as tx:
        WORK.finish(tx, current)
    assert state(database, current) == ("done", 2, None)


def test_a_finished_job_cannot_be_ended_again(database: Database) -> None:
    add(database, uuid7(), "one")
    job = claim(database)
    with database.transaction(job.tenant) as tx:
        WORK.finish(tx, job)
    with pytest.raises(LeaseLost), database.transaction(job.tenant) as tx:
        WORK.finish(tx, job)


def test_a_postponed_job_remembers_and_comes_back_when_due(database: Database) -> None:
    add(database, uuid7(), "one")
    job = claim(database)
    with database.transaction(job.tenant) as tx:
        WORK.postpone(tx, job, timedelta(), error="e" * 900, payload={"seen": 1})
    again = claim(database)
    assert (again.payload, again.attempts) == ({"seen": 1}, 2)
    assert state(database, again) == ("pending", 2, "e" * 500)
    with database.transaction(again.tenant) as tx:
        WORK.postpone(tx, again, MINUTE)
    assert WORK.claim(database, lease=MINUTE) is None


def test_what_a_job_remembers_while_it_is_worked_stays_whoever_ends_the_claim(database: Database) -> None:
    tenant = uuid7()
    add(database, tenant, "one")
    job = claim(database)
    with database.transaction(tenant) as tx:
        known = WORK.remember(tx, job, {"sent": True})
    assert (known.payload, known.leased_until) == ({"sent": True}, job.leased_until)
    assert WORK.keep(database, known, lease=MINUTE) is not None, "the claim goes on"
    with database.transaction(tenant) as tx:
        WORK.postpone(tx, job, timedelta(), error="it died with the job as it was claimed")
    assert claim(database).payload == {"sent": True}
    with pytest.raises(LeaseLost), database.transaction(tenant) as tx:
        WORK.remember(tx, job, {})


def test_a_buried_job_stays_dead(database: Database) -> None:
    add(database, uuid7(), "one")
    job = claim(database)
    with database.transaction(job.tenant) as tx:
        WORK.bury(tx, job, "no way")
    assert state(database, job) == ("dead", 1, "no way")
    assert WORK.claim(database, lease=MINUTE) is None


def test_a_settled_job_is_done_whoever_holds_it(database: Database) -> None:
    add(database, uuid7(), "one")
    job = claim(database)
    with database.transaction(job.tenant) as tx:
        WORK.settle(tx, "a-kind", "one")
    assert state(database, job)[0] == "done"
    with pytest.raises(LeaseLost), database.transaction(job.tenant) as tx:
        WORK.postpone(tx, job, MINUTE)


def test_a_function_claims_only_its_own_work(fresh: House) -> None:
    add(fresh.database("plans"), uuid7(), "one")
    assert Work("audit").claim(fresh.database("audit"), lease=MINUTE) is None
    assert Work("audit").claim(fresh.database("plans"), lease=MINUTE) is not None, "the login decides, not the word"


@given(st.integers(1, 10_000))
def test_backoff_doubles_within_its_bounds(attempts: int) -> None:
    full = min(2 ** min(attempts - 1, 20), 600)
    assert full / 2 <= backoff(attempts).total_seconds() <= full


def test_a_kept_lease_runs_on(database: Database) -> None:
    add(database, uuid7(), "one")
    job = claim(database, timedelta())
    kept = WORK.keep(database, job, lease=MINUTE)
    assert kept is not None
    assert kept.leased_until > job.leased_until
    assert WORK.claim(database, lease=MINUTE) is None
    with database.transaction(job.tenant) as tx:
        WORK.finish(tx, kept)
    assert state(database, job) == ("done", 1, None)


def test_keeping_a_lease_leaves_alone_what_is_no_longer_held(database: Database) -> None:
    add(database, uuid7(), "one")
    lost = claim(database, timedelta())
    other = claim(database)
    assert WORK.keep(database, lost, lease=MINUTE) is None
    with database.transaction(other.tenant) as tx:
        WORK.postpone(tx, other, timedelta())
    assert WORK.keep(database, other, lease=MINUTE) is None
    assert claim(database).key == "one", "a postponed job is due when its worker said"
