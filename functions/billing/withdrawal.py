"""A signed document that was never sent may be withdrawn: dgii is asked, and only its word frees the number, for voiding alone."""

from functions.billing import store, waiting
from functions.billing.domain import Estado, Invoice, Step
from functions.billing.gateway import Outside
from functions.billing.remission import Modalidad
from shared.db.engine import Transaction
from shared.errors import Conflict, NotFound
from shared.events.envelope import Envelope
from shared.events.withdrawal import WithdrawalAnswered, WithdrawalAsked
from shared.http.shell import Shell


class NotWithdrawable(Conflict):
    """It is not signed yet, has left the house, or was made to be handed out before DGII has it. Fact: `estado`."""

    slug = "not-withdrawable"


class WaitsForOriginal(Conflict):
    """A note that waits goes, or not, with the document that it modifies."""

    slug = "waits-for-original"


def ask(shell: Shell[Outside], tenant: str, user: str, invoice_id: str) -> Invoice:
    """Have it withdrawn; the invoice as it is until dgii has answered. Asking again asks dgii again."""
    with shell.transaction(tenant) as tx:
        invoice = store.find(tx, invoice_id)
        if invoice is None:
            raise NotFound
        if invoice.estado is not Estado.FIRMADO or invoice.modalidad != Modalidad.NORMAL:
            raise NotWithdrawable(estado=invoice.estado.value)
        if waiting.waits(shell.work, tx, invoice_id):
            raise WaitsForOriginal
        store.note(tx, invoice_id, Step.ASK_WITHDRAWAL, {"by": user})
        asked = WithdrawalAsked(invoice_id=invoice_id, encf=invoice.encf, intento=invoice.intento, by=user)
        shell.announce(tx, asked, subject=invoice_id, sequence=invoice.version + 1)
    return invoice


def on_answered(shell: Shell[Outside], tx: Transaction, event: WithdrawalAnswered, envelope: Envelope) -> None:
    """Withdrawn: its number is for a voiding alone, as somebody may have seen the document."""
    detail = event.model_dump(include={"observed_at"})
    if not event.withdrawn:
        store.note(tx, event.invoice_id, Step.KEEP, detail)
    elif store.move(tx, event.invoice_id, Step.RETIRE, detail=detail):
        store.return_number(tx, event.invoice_id, only_void=True)
        waiting.wake(shell.work, tx, event.encf)
