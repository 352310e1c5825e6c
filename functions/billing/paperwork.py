"""A contingency as its days go by: people told before time runs out; ended by a person or by the e-CF that DGII accepts.

| deadline    | runs                                     | told                            |
|-------------|------------------------------------------|---------------------------------|
| paper       | 15 calendar days from its start          | 3 days before, and when it passed |
| replacement | 30 calendar days from its end            | 5 days before, and when it passed |
"""

from datetime import UTC, datetime

from functions.billing import contingency, papers
from functions.billing.contingency import Contingency, Deadline, Tipo
from functions.billing.domain import Invoice
from functions.billing.gateway import Outside
from functions.billing.remission import Phase
from shared.db.engine import Transaction
from shared.ecf.clock import fiscal_day
from shared.events.contingency import ContingencyDue, ContingencyFinished
from shared.flow.work import Job
from shared.http.shell import Shell

DUE = "contingency_due"
"""The kind of the work row that looks at a deadline of a contingency; its key is `{contingency}:{deadline}`."""

DGII = "dgii"


def watch_paper(shell: Shell[Outside], tx: Transaction, declared: Contingency) -> None:
    """People are told of the last day of its paper, if it has any."""
    if declared.tipo is Tipo.PAPEL:
        _watch(shell, tx, declared, Deadline.PAPER)


def end(shell: Shell[Outside], tx: Transaction, contingency_id: str, *, at: datetime, by: str) -> Contingency:
    """By a person; ContingencyEnded when it is over already."""
    papers.end(tx, contingency_id, at)
    return _ended(shell, tx, contingency_id, at=at, by=by, encf=None)


def accepted(shell: Shell[Outside], tx: Transaction, invoice: Invoice, observed_at: str) -> None:
    """DGII has an e-CF that was signed after its start: a total contingency is over (IT 2022)."""
    at = datetime.fromisoformat(observed_at)
    ended = papers.end_total(tx, signed_at=invoice.fecha_hora_firma, at=at)
    if ended is not None:
        _ended(shell, tx, ended, at=at, by=DGII, encf=invoice.encf)


def _ended(shell: Shell[Outside], tx: Transaction, contingency_id: str, *, at: datetime, by: str, encf: str | None) -> Contingency:
    ended = papers.find(tx, contingency_id)
    assert ended is not None, "this transaction has just ended it"
    fact = ContingencyFinished(
        ended_at=at.isoformat(),
        replace_until=ended.replace_until.isoformat() if ended.replace_until else None,
        pending=ended.pending,
        by=by,
        encf=encf,
    )
    shell.announce(tx, fact, subject=contingency_id, sequence=ended.version)
    if ended.replace_until is not None:
        _watch(shell, tx, ended, Deadline.REPLACEMENT)
    return ended


def _watch(shell: Shell[Outside], tx: Transaction, found: Contingency, deadline: Deadline) -> None:
    near = contingency.told_at(found.last_day(deadline), deadline, Phase.NEAR)
    shell.work.add(tx, DUE, f"{found.id}:{deadline.value}", delay=near - datetime.now(UTC))


def remind(shell: Shell[Outside], job: Job) -> None:
    """Tell of the deadline before it and after it, once each; nothing is left to tell once the paper has ended, or is replaced."""
    contingency_id, _, word = job.key.partition(":")
    deadline, now = Deadline(word), datetime.now(UTC)
    with shell.transaction(job.tenant) as tx:
        found = papers.find(tx, contingency_id)
        assert found is not None, "its row was there with the job, and nothing is deleted"
        last = found.last_day(deadline)
        phase = Phase.PASSED if fiscal_day(now) > last else Phase.NEAR
        if found.runs(deadline):
            _tell(shell, tx, found, deadline, phase)
        if phase is Phase.PASSED or (deadline is Deadline.PAPER and found.ended_at):
            shell.work.finish(tx, job)
        else:
            shell.work.postpone(tx, job, contingency.told_at(last, deadline, Phase.PASSED) - now)


def _tell(shell: Shell[Outside], tx: Transaction, found: Contingency, deadline: Deadline, phase: Phase) -> None:
    fact = ContingencyDue(
        deadline=deadline.value,
        phase=phase.value,
        until=found.last_day(deadline).isoformat(),
        sucursal=found.sucursal,
        pending=found.pending,
    )
    shell.announce(tx, fact, subject=found.id, sequence=found.version)
