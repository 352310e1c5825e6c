"""After a restore: DGII is asked which of our free numbers it knows, and until the last answer the company only reads."""

from functions.billing import reconciliations
from functions.billing.gateway import Outside
from shared.db.engine import Transaction
from shared.events.envelope import Envelope
from shared.events.sequences import NumbersSurveyed, ReconciliationBegan, ReconciliationEnded
from shared.flow.work import Job
from shared.http.shell import Shell

RECONCILE = "reconcile"
"""The kind of the work row that asks dgii; the operator's command adds it."""


def ask(shell: Shell[Outside], job: Job) -> None:
    """Tell dgii what to look for. A company without a free number has nothing to lose."""
    with shell.transaction(job.tenant) as tx:
        run = reconciliations.running(tx)
        windows = reconciliations.windows(tx)
        if run is not None and windows:
            began = ReconciliationBegan(reconciliation_id=run.id, margin=run.margin, windows=windows)
            shell.announce(tx, began, subject=run.id, sequence=1)
        elif run is not None:
            reconciliations.end(tx)
            _tell(shell, tx, run.id)
        shell.work.finish(tx, job)


def on_surveyed(shell: Shell[Outside], tx: Transaction, event: NumbersSurveyed, envelope: Envelope) -> None:
    """One page of what DGII knows."""
    reconciliations.adopt(tx, event)
    if reconciliations.count(tx, event.reconciliation_id, event.pages):
        _tell(shell, tx, event.reconciliation_id)


def _tell(shell: Shell[Outside], tx: Transaction, reconciliation_id: str) -> None:
    found = reconciliations.adopted(tx, reconciliation_id)
    ended = ReconciliationEnded(reconciliation_id=reconciliation_id, adoptados=found.adoptados, sin_noticia=found.sin_noticia)
    shell.announce(tx, ended, subject=reconciliation_id, sequence=2)
