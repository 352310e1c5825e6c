"""One sealed transaction: what commits, what rolls back, what is left on a pooled connection, what a dead server looks like."""

# ruff: noqa: PT012 - what is refused is a transaction, and it has statements.

import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from shared.db.engine import Database, DatabaseUnavailable, Transaction, ValueUnstorable, constraint, sqlstate
from shared.db.ids import uuid7
from shared.db.seal import Seal
from shared.errors import InvalidInput
from tests.conftest import _administrator
from tests.house import SEAL_KEY, House

ADD = "INSERT INTO plans.subscriptions (tenant_id, plan) VALUES (:t, 'estandar')"
COUNT = "SELECT count(*) AS n FROM plans.subscriptions"


@pytest.fixture
def url(house: House) -> str:
    text: str = house.settings("plans").database_url.get_secret_value()
    return text


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = Database(url, Seal(SEAL_KEY), pool_size=1)
    yield made
    made.close()


def count(database: Database, tenant: str) -> int:
    with database.transaction(tenant) as tx:
        row = tx.row(COUNT)
    assert row is not None
    return int(row.n)


def pid(tx: Transaction) -> int:
    row = tx.row("SELECT pg_backend_pid() AS pid")
    assert row is not None
    return int(row.pid)


def terminate(process: int) -> None:
    administrator = _administrator()
    administrator.run("SELECT pg_terminate_backend(:p, 5000)", p=process)
    administrator.close()


def test_what_was_written_is_there_after_success_and_gone_after_an_error(database: Database) -> None:
    kept, lost = uuid7(), uuid7()
    with database.transaction(kept) as tx:
        tx.rows(ADD, t=kept)
    with pytest.raises(RuntimeError), database.transaction(lost) as tx:
        tx.rows(ADD, t=lost)
        raise RuntimeError
    assert (count(database, kept), count(database, lost)) == (1, 0)


def test_a_row_of_another_tenant_cannot_be_written(database: Database) -> None:
    with pytest.raises(DBAPIError) as refusal, database.transaction(uuid7()) as tx:
        tx.rows(ADD, t=uuid7())
    assert sqlstate(refusal.value) == "42501"


def test_a_pooled_connection_keeps_no_tenant(database: Database) -> None:
    with database.transaction(uuid7()) as tx:
        first = pid(tx)
    with database.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT pg_backend_pid(), current_setting('app.ctx', true)").one()
    assert row[0] == first, "the same server session, or this proves nothing"
    assert row[1] in (None, "")


def test_a_context_set_for_the_whole_session_is_overruled_by_the_next_transaction(database: Database) -> None:
    first, second = uuid7(), uuid7()
    for tenant in (first, second):
        with database.transaction(tenant) as tx:
            tx.rows(ADD, t=tenant)
    with database.transaction(first) as tx:
        tx.rows("SELECT set_config('app.ctx', :c, false)", c=Seal(SEAL_KEY).context(first))
    with database.transaction(second) as tx:
        assert [r.tenant_id for r in tx.rows("SELECT tenant_id FROM plans.subscriptions")] == [second]


def test_a_connection_that_failed_serves_the_next_transaction(database: Database) -> None:
    tenant = uuid7()
    with pytest.raises(DBAPIError), database.transaction(tenant) as tx:
        tx.rows("SELECT 1/0")
    assert count(database, tenant) == 0


def test_an_error_that_is_swallowed_inside_does_not_commit_half(database: Database) -> None:
    tenant = uuid7()
    with pytest.raises(DatabaseUnavailable), database.transaction(tenant) as tx:
        tx.rows(ADD, t=tenant)
        with pytest.raises(DBAPIError):
            tx.rows("SELECT 1/0")
    assert count(database, tenant) == 0


def test_an_inner_transaction_is_one_of_its_own(url: str) -> None:
    database, outer, inner = Database(url, Seal(SEAL_KEY), pool_size=2), uuid7(), uuid7()
    with pytest.raises(RuntimeError), database.transaction(outer) as one:
        one.rows(ADD, t=outer)
        with database.transaction(inner) as two:
            two.rows(ADD, t=inner)
            assert pid(one) != pid(two)
        assert [r.tenant_id for r in one.rows("SELECT tenant_id FROM plans.subscriptions")] == [outer]
        raise RuntimeError
    assert (count(database, outer), count(database, inner)) == (0, 1)
    database.close()


def test_hooks_run_before_and_after_the_commit_and_not_after_an_error(database: Database) -> None:
    tenant, seen = uuid7(), []
    with database.transaction(tenant) as tx:
        tx.before_commit.append(lambda t: seen.append(("before", int(t.row(COUNT).n))))
        tx.after_commit.append(lambda: seen.append(("after", count(database, tenant))))
        tx.rows(ADD, t=tenant)
    assert seen == [("before", 1), ("after", 1)]
    with pytest.raises(RuntimeError), database.transaction(tenant) as tx:
        tx.before_commit.append(lambda t: seen.append(("before", 0)))
        tx.after_commit.append(lambda: seen.append(("after", 0)))
        raise RuntimeError
    assert len(seen) == 2


def test_a_hook_that_fails_before_the_commit_undoes_everything(database: Database) -> None:
    def fail(_: Transaction) -> None:
        raise RuntimeError

    tenant = uuid7()
    with pytest.raises(RuntimeError), database.transaction(tenant) as tx:
        tx.rows(ADD, t=tenant)
        tx.before_commit.append(fail)
    assert count(database, tenant) == 0


def test_a_connection_killed_while_it_waited_in_the_pool_costs_nothing(database: Database) -> None:
    with database.transaction(uuid7()) as tx:
        killed = pid(tx)
    terminate(killed)
    with database.transaction(uuid7()) as tx:
        assert pid(tx) != killed


def test_every_connection_of_a_pool_may_die_at_once(url: str) -> None:
    database = Database(url, Seal(SEAL_KEY), pool_size=2)
    with database.transaction(uuid7()) as one, database.transaction(uuid7()) as two:
        killed = pid(one), pid(two)
    for process in killed:
        terminate(process)
    for _ in range(3):
        with database.transaction(uuid7()) as tx:
            assert pid(tx) not in killed
    database.close()


def test_a_connection_killed_in_the_middle_is_unavailable_and_the_next_one_works(database: Database) -> None:
    tenant = uuid7()
    with pytest.raises(DatabaseUnavailable), database.transaction(tenant) as tx:
        tx.rows(ADD, t=tenant)
        terminate(pid(tx))
        tx.row(COUNT)
    assert count(database, tenant) == 0


def test_a_connection_killed_just_before_the_commit_is_unavailable(database: Database) -> None:
    tenant = uuid7()
    with pytest.raises(DatabaseUnavailable), database.transaction(tenant) as tx:
        tx.rows(ADD, t=tenant)
        terminate(pid(tx))
    assert count(database, tenant) == 0


@pytest.mark.parametrize("change", [{"port": 1}, {"database": "nobody_made_this"}])
def test_a_server_that_is_not_there_is_unavailable(url: str, change: dict[str, Any]) -> None:
    other = make_url(url).set(**change).render_as_string(hide_password=False)
    database = Database(other, Seal(SEAL_KEY), pool_size=1)
    with pytest.raises((DatabaseUnavailable, DBAPIError)) as refusal, database.transaction(uuid7()):
        pytest.fail("there is no transaction")
    if "port" in change:
        assert isinstance(refusal.value, DatabaseUnavailable)


def test_a_lock_that_is_not_given_in_time_is_unavailable(url: str) -> None:
    database, tenant = Database(url, Seal(SEAL_KEY), pool_size=2), uuid7()
    with database.transaction(tenant) as tx:
        tx.rows(ADD, t=tenant)
    with database.transaction(tenant) as holder:
        holder.rows("SELECT 1 FROM plans.subscriptions FOR UPDATE")
        with pytest.raises(DatabaseUnavailable), database.transaction(tenant) as waiter:
            waiter.rows("SET LOCAL lock_timeout = '50ms'")
            waiter.rows("SELECT 1 FROM plans.subscriptions FOR UPDATE")
    database.close()


def test_a_deadlock_is_unavailable_for_the_one_that_lost(url: str) -> None:
    database, tenants = Database(url, Seal(SEAL_KEY), pool_size=2), [uuid7(), uuid7()]
    lock = "SELECT pg_advisory_xact_lock(hashtext(:k))"
    outcomes: list[object] = []

    def take(first: str, second: str) -> None:
        try:
            with database.transaction(uuid7()) as tx:
                tx.rows(lock, k=first)
                time.sleep(0.2)
                tx.rows(lock, k=second)
            outcomes.append(None)
        except DatabaseUnavailable as error:
            outcomes.append(error)

    threads = [Thread(target=take, args=pair) for pair in (tenants, tenants[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(o is None for o in outcomes) == [False, True]
    database.close()


def test_errors_of_the_caller_pass_as_they_are(database: Database) -> None:
    with pytest.raises(InvalidInput), database.transaction(uuid7()):
        raise InvalidInput
    with pytest.raises(FileNotFoundError), database.transaction(uuid7()):
        raise FileNotFoundError


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_a_value_that_cannot_be_stored_is_bad_input_and_the_connection_goes_on(database: Database, value: str) -> None:
    tenant = uuid7()
    with pytest.raises(ValueUnstorable), database.transaction(tenant) as tx:
        tx.rows("SELECT CAST(:v AS text)", v=value)
    with pytest.raises(ValueUnstorable), database.transaction(tenant) as tx:
        tx.rows("SELECT CAST(:v AS uuid)", v="no id")
    with pytest.raises(ValueUnstorable), database.transaction(tenant) as tx:
        tx.rows("SELECT CAST(:v AS smallint)", v=201136601087)
    assert count(database, tenant) == 0


def test_a_violated_constraint_is_told_by_name(database: Database) -> None:
    tenant = uuid7()
    with pytest.raises(DBAPIError) as refusal, database.transaction(tenant) as tx:
        tx.rows(ADD, t=tenant)
        tx.rows(ADD, t=tenant)
    assert (sqlstate(refusal.value), constraint(refusal.value)) == ("23505", "subscriptions_pkey")
    assert (sqlstate(ValueError()), constraint(ValueError("x"))) == (None, None)


def test_parameters_travel_as_values(database: Database) -> None:
    hostile = "'; DROP TABLE plans.plans; --"
    with database.transaction(uuid7()) as tx:
        sql = "SELECT :text AS text, CAST(:list AS text[]) AS list, CAST(:dict AS jsonb) AS dict, CAST(:none AS int) AS none"
        row = tx.row(sql, text=hostile, list=[hostile, 'a"b', "c,d", "{}", "NULL", ""], dict={"ñ": [hostile]}, none=None)
        assert tx.row("SELECT 1 AS one WHERE false") is None
    assert row is not None
    assert (row.text, row.list) == (hostile, [hostile, 'a"b', "c,d", "{}", "NULL", ""])
    assert (row.dict, row.none) == ({"ñ": [hostile]}, None)
