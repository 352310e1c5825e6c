"""The work loop: claim the fairest due job, work it without a transaction, record how it ended.

The lease is short, so that what a killed process held is soon worked again, and is kept up while the worker lives.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from shared.db.engine import sqlstate
from shared.errors import AppError
from shared.flow.work import Job, LeaseLost, backoff
from shared.http.shell import Shell
from shared.telemetry.logs import tenant_of_this_task
from shared.telemetry.metrics import JOBS
from shared.telemetry.traces import span

log = logging.getLogger(__name__)

Worker = Callable[[Shell[Any], Job], None]
Jobs = dict[str, Worker]
LEASE = timedelta(seconds=15)
LONGEST = timedelta(minutes=10)
"""How long a lease is kept up at most: a worker that hangs loses its job to another."""

FAILURES = 25
"""In a row; then the job is dead and people decide. A job that is merely not through yet is postponed without an error."""


def run_due(shell: Shell[Any], workers: Jobs, *, jobs: int, seconds: float) -> int:
    """Work at most `jobs` due jobs within `seconds`; the number worked. A worker ends its job itself unless it raises."""
    worked, until = 0, time.monotonic() + seconds
    while worked < jobs and time.monotonic() < until:
        job = shell.work.claim(shell.database, lease=LEASE)
        if job is None:
            break
        _run(shell, workers.get(job.kind, _unknown), job)
        worked += 1
    return worked


@contextmanager
def _kept(shell: Shell[Any], job: Job) -> Iterator[None]:
    """Keep the lease up from a thread of its own until the worker is through."""
    through = threading.Event()
    threading.Thread(target=_keep_up, args=(shell, job, through), name="lease", daemon=True).start()
    try:
        yield
    finally:
        through.set()


def _keep_up(shell: Shell[Any], job: Job, through: threading.Event) -> None:
    held: Job | None = job
    until = time.monotonic() + LONGEST.total_seconds()
    while held is not None and time.monotonic() < until and not through.wait(LEASE.total_seconds() / 3):
        try:
            held = shell.work.keep(shell.database, held, lease=LEASE)
        except AppError:
            log.warning("a lease could not be kept up", extra={"kind": job.kind, "key": job.key})


def _unknown(shell: Shell[Any], job: Job) -> None:
    """A kind of an older or newer release: it dies where people see it."""
    with shell.transaction(job.tenant) as tx:
        shell.work.bury(tx, job, f"{shell.name} has no job of kind {job.kind}")


def _run(shell: Shell[Any], worker: Worker, job: Job) -> None:
    token = tenant_of_this_task.set(job.tenant)
    try:
        with span(f"{shell.name} {job.kind}", traceparent=job.traceparent, attributes={"key": job.key, "attempt": job.attempts}):
            try:
                with _kept(shell, job):
                    worker(shell, job)
                JOBS.labels(job.kind, "done").inc()
            except LeaseLost:
                log.info("another worker took or ended the job meanwhile", extra={"kind": job.kind, "key": job.key})
            except AppError as error:
                JOBS.labels(job.kind, "again").inc()
                _put_back(shell, job, f"{error.slug} {error.facts}")
            except Exception as error:
                log.exception("a job failed", extra={"kind": job.kind, "key": job.key, "sqlstate": sqlstate(error)})
                JOBS.labels(job.kind, "failed").inc()
                _put_back(shell, job, type(error).__name__)
    finally:
        tenant_of_this_task.reset(token)


def _put_back(shell: Shell[Any], job: Job, reason: str) -> None:
    try:
        with shell.transaction(job.tenant) as tx:
            if job.failures + 1 >= FAILURES:
                shell.work.bury(tx, job, reason)
            else:
                shell.work.postpone(tx, job, backoff(job.failures + 1), error=reason)
    except AppError:
        log.warning("the job comes back when its lease ends", extra={"kind": job.kind, "key": job.key})
