"""What was not sent, not seen or not worked is found and sent; the rest is left alone."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.relay.watch import Watch
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.events.catalogue import ChargeRecorded, CompanyCreated, WorkDue
from shared.flow.outbox import Announcer
from shared.flow.work import Work
from tests.data.facts import example
from tests.house import House


class Sent:
    """Takes what relay posts; `takes` says whether the sink does."""

    def __init__(self, shell: Any) -> None:
        self.takes, self.headers = True, list[dict[str, str]]()
        shell.publisher.send = self.send

    def send(self, headers: dict[str, str], body: bytes) -> bool:
        self.headers.append(dict(headers))
        return self.takes

    def ids(self) -> list[str]:
        return [h["ce-id"] for h in self.headers if h["ce-type"] != WorkDue.type]

    def woken(self) -> list[str]:
        return [h["ce-subject"] for h in self.headers if h["ce-type"] == WorkDue.type]


@pytest.fixture
def shell(fresh: House) -> Any:
    made = fresh.shell("relay")
    made.outside._stop.set()  # the thread would tick on its own clock
    return made


@pytest.fixture
def sent(shell: Any) -> Sent:
    return Sent(shell)


def watch(shell: Any, *, sweep: float = 0.0, heal: float = 0.0, seal: float = 0.0) -> Watch:
    return Watch(shell.outside._subscriptions, sweep_after=sweep, heal_after=heal, seal_after=seal)


def announce(house: House, facts: int = 1) -> list[str]:
    tenant, database = uuid7(), house.database("admin")
    with database.transaction(tenant) as tx:
        made = [Announcer(house.keys["admin"]).announce(tx, example(CompanyCreated), subject=tenant).id for _ in range(facts)]
    database.close()
    return made


def flow(house: House, sql: str, **parameters: object) -> Any:
    database = house.database("relay")
    with database.transaction(PLATFORM) as tx:
        rows = tx.rows(sql, **parameters)
    database.close()
    return rows


def test_an_unsent_fact_is_sent_once_and_marked(fresh: House, shell: Any, sent: Sent) -> None:
    ids = announce(fresh, 3)
    for _ in range(2):
        watch(shell).tick(shell)
    assert sorted(sent.ids()) == sorted(ids)
    assert [r.n for r in flow(fresh, "SELECT count(*) AS n FROM flow.outbox WHERE sent_at IS NULL")] == [0]


def test_a_fact_that_is_young_is_left_to_its_publisher(fresh: House, shell: Any, sent: Sent) -> None:
    announce(fresh)
    watch(shell, sweep=60).tick(shell)
    assert sent.ids() == []


def test_what_the_sink_does_not_take_comes_again_after_the_lease(fresh: House, shell: Any, sent: Sent) -> None:
    (one,) = announce(fresh)
    sent.takes = False
    for _ in range(2):
        watch(shell).tick(shell)
    assert sent.ids() == [one], "within its lease nobody tries again"
    flow(fresh, "UPDATE flow.outbox SET lease_until = now() - interval '1 second'")
    sent.takes = True
    watch(shell).tick(shell)
    assert sent.ids() == [one, one]
    assert flow(fresh, "SELECT sent_at FROM flow.outbox")[0].sent_at is not None


def test_two_relays_at_once_send_nothing_twice(fresh: House, shell: Any, sent: Sent) -> None:
    ids = announce(fresh, 100)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: watch(shell).tick(shell), range(4)))
    assert sorted(sent.ids()) == sorted(ids)


def see(house: House, event_id: str, *consumers: str) -> None:
    for consumer in consumers:
        database = house.database(consumer)
        tenant = flow(house, "SELECT tenant_id FROM flow.outbox WHERE id = CAST(:id AS uuid)", id=event_id)[0].tenant_id
        with database.transaction(tenant) as tx:
            tx.rows(
                "INSERT INTO flow.inbox (tenant_id, consumer, source, id) VALUES (:t, :c, '/functions/admin', :i)",
                t=tenant,
                c=consumer,
                i=event_id,
            )
        database.close()


def test_a_fact_that_was_sent_and_lost_is_healed_until_every_consumer_has_it(fresh: House, shell: Any, sent: Sent) -> None:
    lost, whole = announce(fresh, 2)
    flow(fresh, "UPDATE flow.outbox SET sent_at = now() - interval '5 seconds'")
    see(fresh, whole, "auth", "billing", "dgii", "plans", "sign")
    see(fresh, lost, "auth", "billing", "dgii", "plans")
    assert watch(shell, heal=1).heal(shell) == 1
    assert sent.ids() == [lost]
    assert watch(shell, heal=1).heal(shell) == 0, "each try waits longer"
    flow(fresh, "UPDATE flow.outbox SET lease_until = now() - interval '1 second'")
    see(fresh, lost, "sign")
    assert watch(shell, heal=1).heal(shell) == 0


def test_a_fact_that_nobody_subscribes_to_or_that_is_old_is_not_healed(fresh: House, shell: Any, sent: Sent) -> None:
    database = fresh.database("plans")
    with database.transaction(uuid7()) as tx:
        Announcer(fresh.keys["plans"]).announce(tx, example(ChargeRecorded), subject="s")
    database.close()
    announce(fresh)
    flow(fresh, "UPDATE flow.outbox SET sent_at = now() - interval '5 seconds'")
    assert watch(shell, heal=1).heal(shell, window=0.001) == 0
    assert watch(shell, heal=60).heal(shell) == 0
    assert sent.ids() == []
    assert watch(shell, heal=1).heal(shell) == 1, "only the one that somebody subscribes to"


def test_due_work_wakes_its_function_and_no_other(fresh: House, shell: Any, sent: Sent) -> None:
    database = fresh.database("dgii")
    with database.transaction(uuid7()) as tx:
        Work("dgii").add(tx, "a-kind", "one")
    database.close()
    watch(shell).tick(shell)
    assert sent.woken() == ["dgii"]
    assert [h["ce-tenantid"] for h in sent.headers] == [PLATFORM]


def test_unsealed_facts_order_one_seal_job_a_tenant_and_a_done_one_again(fresh: House, shell: Any, sent: Sent) -> None:
    announce(fresh, 2)
    announce(fresh, 1)
    watch(shell, seal=60).tick(shell)
    assert flow(fresh, "SELECT 1 FROM flow.work WHERE function = 'audit'") == []
    for _ in range(2):
        watch(shell).tick(shell)
    count = "SELECT count(*) AS n FROM flow.work WHERE function = 'audit' AND kind = 'seal' AND state = 'pending'"
    assert flow(fresh, count)[0].n == 2
    flow(fresh, "UPDATE flow.work SET state = 'done'")
    watch(shell).tick(shell)
    assert flow(fresh, count)[0].n == 2
    flow(fresh, "UPDATE flow.work SET state = 'done'")


def test_the_real_audit_seals_what_relay_orders(fresh: House, shell: Any) -> None:
    shell.publisher.send = fresh._take
    announce(fresh, 3)
    watch(shell, sweep=3600).tick(shell)
    fresh.broker.settle()
    assert flow(fresh, "SELECT bool_and(sealed) AS all FROM flow.outbox")[0].all is True
