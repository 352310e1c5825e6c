"""Notes that wait: signed, but not given to DGII before it has accepted the document they modify (message 614).

The work row of a waiting note looks again by itself; the verdict on its original wakes it.
"""

from dataclasses import replace
from datetime import timedelta

from functions.billing import notes, store
from functions.billing.domain import FINAL, Estado, Invoice, Step, mensajes
from functions.billing.gateway import Outside
from functions.billing.holding import RELEASE, go_out
from shared.db.engine import Transaction
from shared.flow.work import Job, Work, backoff
from shared.http.shell import Shell

LONGEST_PAUSE = timedelta(minutes=5)
_NEVER = "La DGII no aceptó el {encf}, al que esta nota modifica. La nota no se envió y su número se usará en otro documento."
_ACCEPTED = frozenset({Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL})


def must_wait(tx: Transaction, invoice: Invoice) -> bool:
    """Whether it modifies a document of ours that has no verdict yet."""
    original = notes.original_state(tx, invoice.ncf_modificado) if invoice.ncf_modificado else None
    return original is not None and original not in FINAL


def hold(work: Work, tx: Transaction, invoice: Invoice) -> None:
    """In the transaction that stores its signed bytes, in place of announcing them."""
    store.note(tx, invoice.id, Step.WAIT, {"ncf_modificado": invoice.ncf_modificado})
    work.add(tx, RELEASE, invoice.id, delay=timedelta(seconds=1))


def waits(work: Work, tx: Transaction, invoice_id: str) -> bool:
    """Whether it is held here until its original has its verdict."""
    return work.is_pending(tx, RELEASE, invoice_id)


def wake(work: Work, tx: Transaction, encf: str) -> None:
    """The document `encf` has its verdict: what waits for it is due now."""
    for note_id in notes.signed_notes_on(tx, encf):
        work.bring_forward(tx, RELEASE, note_id, timedelta())


def release(shell: Shell[Outside], job: Job) -> None:
    """Announce a note whose original is accepted; give back the number of one whose original never will be."""
    with shell.transaction(job.tenant) as tx:
        note = store.find(tx, job.key)
        if note is None or note.estado is not Estado.FIRMADO or note.ncf_modificado is None:
            shell.work.finish(tx, job)
            return
        original = notes.original_state(tx, note.ncf_modificado)
        if original is not None and original not in FINAL:
            shell.work.postpone(tx, job, backoff(job.attempts, cap=LONGEST_PAUSE))
            return
        if original in _ACCEPTED:
            _announce(shell, tx, note)
        else:
            _withdraw(tx, note)
        shell.work.finish(tx, job)


def _announce(shell: Shell[Outside], tx: Transaction, note: Invoice) -> None:
    store.note(tx, note.id, Step.RELEASE, {"ncf_modificado": note.ncf_modificado})
    held = store.signed_bytes(tx, note.id)
    released = replace(note, version=note.version + 1)
    go_out(shell, tx, released, xml=held.signed_xml, rfce=held.rfce_xml, sha256=held.sha256)


def _withdraw(tx: Transaction, note: Invoice) -> None:
    """It never left the house, so its number may be issued again."""
    said = [{"codigo": "ECF-1081", "valor": _NEVER.format(encf=note.ncf_modificado)}]
    store.move(tx, note.id, Step.WITHDRAW, detail={"ncf_modificado": note.ncf_modificado}, mensajes=mensajes(said))
    store.return_number(tx, note.id)
