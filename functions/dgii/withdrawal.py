"""A document that was never sent is let go: in the row that records each intent to send, so that one of the two comes first."""

from datetime import UTC, datetime

from functions.dgii import store
from functions.dgii.attempt import SUBMISSION, Estado
from functions.dgii.gateway import Authority
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.errors import Unavailable
from shared.events.envelope import Envelope
from shared.events.withdrawal import WithdrawalAnswered, WithdrawalAsked
from shared.http.shell import Shell

_WITHDRAW = """
WITH moved AS (
  UPDATE dgii.submissions SET estado = 'retirado', version = version + 1
  WHERE tenant_id = :tenant AND encf = :encf AND intento = :intento AND estado = 'pendiente' AND posts = 0
  RETURNING version, sha256, estado
), noted AS (
  INSERT INTO dgii.evidence (tenant_id, id, encf, intento, sha256, step, estado, detail)
  SELECT :tenant, CAST(:id AS uuid), :encf, :intento, sha256, 'withdraw', estado, :asker FROM moved
)
SELECT version FROM moved
"""


class SubmissionNotSeen(Unavailable):
    """The question has overtaken the document."""

    slug = "submission-not-seen"


def on_asked(shell: Shell[Authority], tx: Transaction, event: WithdrawalAsked, envelope: Envelope) -> None:
    """Let it go if nothing has left: a worker that read it before can write no intent any more. SubmissionNotSeen."""
    moved = tx.row(_WITHDRAW, tenant=tx.tenant, id=uuid7(), encf=event.encf, intento=event.intento, asker=event.by)
    held = store.load(tx, event.encf, event.intento)
    if held is None:
        raise SubmissionNotSeen
    if moved is not None:
        shell.work.settle(tx, SUBMISSION, held.key)
    answer = WithdrawalAnswered(
        invoice_id=event.invoice_id,
        encf=event.encf,
        intento=event.intento,
        withdrawn=held.estado is Estado.RETIRADO,
        observed_at=datetime.now(UTC).isoformat(),
    )
    shell.announce(tx, answer, subject=event.invoice_id, sequence=held.version)
