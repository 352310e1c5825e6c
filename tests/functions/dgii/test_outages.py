"""After an outage the queue is drained in turns between companies, and of each the oldest deadline first."""

import os
from datetime import timedelta
from typing import Any

import pytest

from functions.dgii import outages, store
from functions.dgii.attempt import SUBMISSION, Estado
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.flow.work import Job
from shared.http.work import LEASE
from tests.functions.dgii.world import START, submission
from tests.house import House

MANY = 500 if os.environ.get("FULL_FIGURES") == "1" else 60
FEW = 5
PUT_OFF = timedelta(minutes=5)


def waiting(shell: Any, tenant: str, number: int, *, hours: int | None = None, **changes: object) -> str:
    """A submission that was put off during the outage; `hours` is its deadline. The key of its job."""
    made = submission(encf=f"E31{number:010d}", invoice_id=uuid7(), **changes)
    with shell.transaction(tenant) as tx:
        store.add(tx, made)
        if hours is not None:
            store.keep_deadline(tx, made.invoice_id, (START + timedelta(hours=hours)).isoformat())
        shell.work.add(tx, SUBMISSION, made.key, delay=PUT_OFF)
    return made.key


def drain(shell: Any, environment: str = "testecf") -> int:
    with shell.transaction(PLATFORM) as tx:
        return outages.drain(tx, environment, lease=LEASE)


def claimed(shell: Any) -> list[Job]:
    """Everything that is due, in the order in which it is given out."""
    jobs = list[Job]()
    while job := shell.work.claim(shell.database, lease=timedelta(minutes=10)):
        jobs.append(job)
    return jobs


@pytest.fixture
def shell(fresh: House) -> Any:
    return fresh.shell("dgii")


def test_a_company_with_few_documents_waits_for_none_with_many_and_each_keeps_its_deadlines(shell: Any) -> None:
    big, small = uuid7(), uuid7()
    # The later the number, the nearer the deadline: nothing but the deadline gives this order.
    of_big = [waiting(shell, big, n, hours=MANY - n) for n in range(MANY)]
    of_small = [waiting(shell, small, n, hours=MANY - n) for n in range(FEW)]
    assert claimed(shell) == []
    assert drain(shell) == MANY + FEW
    given = claimed(shell)
    assert {job.tenant for job in given[: 2 * FEW]} == {big, small}
    assert [job.tenant for job in given[: 2 * FEW]].count(small) == FEW, "every second place, until all of its are given out"
    assert [job.key for job in given if job.tenant == small] == of_small[::-1]
    assert [job.key for job in given if job.tenant == big] == of_big[::-1]


def test_what_has_no_deadline_comes_after_what_has_one_as_it_came(shell: Any) -> None:
    tenant = uuid7()
    plain = [waiting(shell, tenant, n) for n in (3, 1, 2)]
    due = waiting(shell, tenant, 9, hours=1000)
    drain(shell)
    assert [job.key for job in claimed(shell)] == [due, *plain]


def test_only_what_waits_for_that_environment_is_moved_and_nothing_in_a_workers_hands(shell: Any) -> None:
    tenant = uuid7()
    waiting(shell, tenant, 1, environment="certecf")
    waiting(shell, tenant, 2, estado=Estado.DESCONOCIDO)
    held = waiting(shell, tenant, 3)
    with shell.transaction(tenant) as tx:
        shell.work.bring_forward(tx, SUBMISSION, held, timedelta())
    job = shell.work.claim(shell.database, lease=LEASE)
    assert job.key == held
    assert drain(shell) == 0, "asking early whether a document arrived, or taking one from its worker, helps nobody"
    waiting(shell, tenant, 4)
    assert drain(shell) == 1


def test_a_company_cannot_drain_the_queue_of_all(shell: Any) -> None:
    with pytest.raises(Exception, match="not the platform"), shell.transaction(uuid7()) as tx:
        outages.drain(tx, "testecf", lease=LEASE)
