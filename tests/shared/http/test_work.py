"""The work loop: what a worker raises puts its job back, and only failures in a row kill it."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from shared.db.ids import uuid7
from shared.errors import Unavailable
from shared.flow.work import Job
from shared.http import work
from shared.http.shell import Shell
from shared.http.work import FAILURES, run_due
from tests.house import House


@pytest.fixture
def shell(fresh: House) -> Shell[Any]:
    made: Shell[Any] = fresh.shell("dgii")
    return made


@pytest.fixture
def tenant(shell: Shell[Any]) -> str:
    made = uuid7()
    with shell.transaction(made) as tx:
        shell.work.add(tx, "a-kind", "one")
    return made


def due_now(shell: Shell[Any], tenant: str) -> None:
    with shell.transaction(tenant) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() WHERE state = 'pending'")


def row(shell: Shell[Any], tenant: str) -> Any:
    with shell.transaction(tenant) as tx:
        return tx.rows("SELECT state, failures, attempts, last_error FROM flow.work")[0]


def fail(shell: Shell[Any], job: Job) -> None:
    raise Unavailable


def look_again(shell: Shell[Any], job: Job) -> None:
    with shell.transaction(job.tenant) as tx:
        shell.work.postpone(tx, job, timedelta())


def test_failures_in_a_row_bury_a_job_with_its_last_reason(shell: Shell[Any], tenant: str) -> None:
    for _ in range(FAILURES):
        assert row(shell, tenant).state == "pending"
        due_now(shell, tenant)
        run_due(shell, {"a-kind": fail}, jobs=1, seconds=5)
    assert (row(shell, tenant).state, row(shell, tenant).last_error) == ("dead", "unavailable {}")


def test_a_job_that_is_only_not_through_yet_lives_on_after_one_failure(shell: Shell[Any], tenant: str) -> None:
    run_due(shell, {"a-kind": look_again}, jobs=FAILURES + 5, seconds=20)
    assert row(shell, tenant).attempts >= FAILURES + 5
    due_now(shell, tenant)
    run_due(shell, {"a-kind": fail}, jobs=1, seconds=5)
    assert (row(shell, tenant).state, row(shell, tenant).failures) == ("pending", 1)


def test_an_unexpected_error_is_a_failure_too(shell: Shell[Any], tenant: str) -> None:
    run_due(shell, {"a-kind": lambda shell, job: 1 / 0}, jobs=1, seconds=5)  # type: ignore[dict-item, return-value]
    assert (row(shell, tenant).failures, row(shell, tenant).last_error) == (1, "ZeroDivisionError")


def test_a_kind_that_nobody_knows_dies_where_people_see_it(shell: Shell[Any], tenant: str) -> None:
    run_due(shell, {}, jobs=1, seconds=5)
    assert (row(shell, tenant).state, row(shell, tenant).last_error) == ("dead", "dgii has no job of kind a-kind")


@pytest.mark.parametrize(("kept", "workers"), [(True, 1), (False, 2)])
def test_a_job_that_takes_longer_than_its_lease_stays_with_its_worker(
    shell: Shell[Any], tenant: str, monkeypatch: pytest.MonkeyPatch, kept: bool, workers: int
) -> None:
    monkeypatch.setattr(work, "LEASE", timedelta(seconds=1))
    if not kept:
        monkeypatch.setattr(work, "_keep_up", lambda *_: None)
    seen = []

    def slow(shell: Shell[Any], job: Job) -> None:
        seen.append(job.attempts)
        time.sleep(2.5)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run_due, shell, {"a-kind": slow}, jobs=1, seconds=9)
        time.sleep(1.7)
        pool.submit(run_due, shell, {"a-kind": slow}, jobs=1, seconds=9).result()
        first.result()
    assert len(seen) == workers
