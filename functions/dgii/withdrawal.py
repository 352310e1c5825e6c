"""A document that was never sent is let go: in the row that records each intent to send, so that one of the two comes first."""

from datetime import UTC, datetime

from functions.dgii import store
from functions.dgii.attempt import SUBMISSION, Estado
from functions.dgii.gateway import Authority
from shared.db.engine import Transaction
from shared.errors import Unavailable
from shared.events.envelope import Envelope
from shared.events.withdrawal import WithdrawalAnswered, WithdrawalAsked
from shared.http.shell import Shell


class SubmissionNotSeen(Unavailable):
    """The question has overtaken the document."""

    slug = "submission-not-seen"


def on_asked(shell: Shell[Authority], tx: Transaction, event: WithdrawalAsked, envelope: Envelope) -> None:
    """Let it go if nothing has left, and say what became of it. SubmissionNotSeen."""
    withdrawn = store.withdraw(tx, event.encf, event.intento, event.by)
    held = store.load(tx, event.encf, event.intento)
    if held is None:
        raise SubmissionNotSeen
    if withdrawn:
        shell.work.settle(tx, SUBMISSION, held.key)
    answer = WithdrawalAnswered(
        invoice_id=event.invoice_id,
        encf=event.encf,
        intento=event.intento,
        withdrawn=held.estado is Estado.RETIRADO,
        observed_at=datetime.now(UTC).isoformat(),
    )
    shell.announce(tx, answer, subject=event.invoice_id, sequence=held.version)
