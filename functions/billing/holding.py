"""Documents that cannot go to DGII at once: held under the terms of their contingency, and people told before time runs out.

A document is held in the transaction that signs it when an outage stands, and by a job when it was signed before. Its bytes and its
number stay; dgii goes on trying by itself.
"""

from datetime import UTC, datetime, timedelta

from functions.billing import outages, remission, store
from functions.billing.domain import Estado, Invoice, Step
from functions.billing.gateway import Outside
from functions.billing.outages import Standing
from functions.billing.remission import Modalidad, Phase
from functions.billing.signed import signed_fact
from shared.db.engine import Transaction
from shared.db.seal import PLATFORM
from shared.events.authority import OutageEnded, OutageStarted
from shared.events.envelope import Envelope
from shared.events.remission import EcfHeld, EcfRemissionDue
from shared.flow.work import Job
from shared.http.shell import Shell

HOLD, HOLD_OURS, REMIND = "hold", "hold_ours", "remind"
"""The kinds of work rows: hold what waits in an environment, or in one company; look at a document's deadline."""

RELEASE = "release"
"""The kind of the work row of a note that waits for its original."""

AGAIN = timedelta(minutes=1)
"""After which waiting documents are looked for once more: one may have been signed while its outage was on the way here."""

TOGETHER = timedelta(minutes=15)
"""Deadlines so near to each other are told in one fact."""

_AT_ONCE = 100
_NAMED = 50


def go_out(shell: Shell[Outside], tx: Transaction, invoice: Invoice, *, xml: bytes, rfce: bytes | None, sha256: str) -> Invoice:
    """Announce a signed document, held first if an outage stands; the invoice as it is then."""
    if invoice.modalidad == Modalidad.NORMAL:
        standing = outages.over(tx, invoice.id, invoice.environment)
        invoice = (_hold(shell, tx, invoice, standing) if standing else None) or invoice
    elif invoice.modalidad == Modalidad.ENVIO_DIFERIDO:
        _watch(shell, tx, invoice.id, remission.deferred(invoice.fecha_hora_firma).remind_at)
    shell.announce(tx, signed_fact(invoice, xml=xml, rfce=rfce, sha256=sha256), subject=invoice.id, sequence=invoice.version)
    return invoice


def _hold(shell: Shell[Outside], tx: Transaction, invoice: Invoice, standing: Standing) -> Invoice | None:
    """The invoice in contingency; None when it has gone further meanwhile."""
    terms = remission.terms(standing.regimen, invoice.fecha_hora_firma)
    if not outages.bind(tx, invoice.id, terms):
        return None
    detail = {"cause": standing.cause, "regimen": terms.regimen, "remitir_hasta": terms.remitir_hasta.isoformat()}
    _watch(shell, tx, invoice.id, terms.remind_at)
    return store.move(tx, invoice.id, Step.HOLD, detail=detail)


def _watch(shell: Shell[Outside], tx: Transaction, invoice_id: str, remind_at: datetime) -> None:
    shell.work.add(tx, REMIND, invoice_id, delay=remind_at - datetime.now(UTC))


def on_outage_started(shell: Shell[Outside], tx: Transaction, event: OutageStarted, envelope: Envelope) -> None:
    outages.remember(tx, envelope.subject, event)
    said = {"environment": event.environment, "started_at": event.started_at}
    shell.work.add(tx, HOLD, envelope.subject, said)


def on_outage_ended(shell: Shell[Outside], tx: Transaction, event: OutageEnded, envelope: Envelope) -> None:
    outages.remember(tx, envelope.subject, event)


def hold(shell: Shell[Outside], job: Job) -> None:
    """What waits in the environment of an outage, whosever it is; looked for twice."""
    since = datetime.fromisoformat(job.payload["started_at"]) - remission.LOST_HOURS
    with shell.transaction(PLATFORM) as tx:
        companies = outages.companies_waiting(tx, job.payload["environment"], since)
    for company in companies:
        _hold_waiting(shell, company, since)
    with shell.transaction(PLATFORM) as tx:
        if job.payload.get("again"):
            shell.work.finish(tx, job)
        else:
            shell.work.postpone(tx, job, AGAIN, payload=job.payload | {"again": True})


def hold_ours(shell: Shell[Outside], job: Job) -> None:
    """What waits in a company that has declared itself without connection."""
    _hold_waiting(shell, job.tenant, job.created_at - remission.LOST_HOURS)
    with shell.transaction(job.tenant) as tx:
        shell.work.finish(tx, job)


def _hold_waiting(shell: Shell[Outside], tenant: str, since: datetime) -> None:
    """Documents older than the longest clock counted in hours are beyond it whatever happens, and stay as they are."""
    after = None
    while True:
        with shell.transaction(tenant) as tx:
            found = outages.unsent(tx, since=since, waiting=RELEASE, after=after, limit=_AT_ONCE)
            for invoice_id in found:
                _hold_announced(shell, tx, invoice_id)
        if len(found) < _AT_ONCE:
            return
        after = found[-1]


def _hold_announced(shell: Shell[Outside], tx: Transaction, invoice_id: str) -> None:
    invoice = store.find(tx, invoice_id)
    assert invoice is not None, "it was found in this transaction, and nothing is deleted"
    standing = outages.over(tx, invoice_id, invoice.environment)
    held = _hold(shell, tx, invoice, standing) if standing else None
    if standing is None or held is None:
        return
    assert held.remitir_hasta is not None, "_hold has just set it"
    fact = EcfHeld(
        invoice_id=held.id,
        encf=held.encf,
        intento=held.intento,
        modalidad=held.modalidad,
        regimen=standing.regimen,
        remitir_hasta=held.remitir_hasta.isoformat(),
        cause=standing.cause,
    )
    shell.announce(tx, fact, subject=held.id, sequence=held.version)


def remind(shell: Shell[Outside], job: Job) -> None:
    """Tell of this document's deadline and those near to it, before it and after it; nothing is left to tell once DGII has it."""
    now = datetime.now(UTC)
    with shell.transaction(job.tenant) as tx:
        invoice = store.find(tx, job.key)
        waits = invoice is not None and invoice.estado in (Estado.FIRMADO, Estado.EN_CONTINGENCIA)
        if invoice is None or invoice.remitir_hasta is None or not waits:
            shell.work.finish(tx, job)
            return
        _tell(shell, tx, invoice, Phase.PASSED, now)
        _tell(shell, tx, invoice, Phase.NEAR, now + TOGETHER)
        if invoice.remitir_hasta <= now:
            shell.work.finish(tx, job)
        else:
            shell.work.postpone(tx, job, invoice.remitir_hasta + TOGETHER - now)


def _tell(shell: Shell[Outside], tx: Transaction, invoice: Invoice, phase: Phase, until: datetime) -> None:
    due = outages.remind(tx, phase, until)
    if not due:
        return
    fact = EcfRemissionDue(
        phase=phase.value,
        count=len(due),
        encfs=[row.encf for row in due[:_NAMED]],
        remitir_hasta=due[0].remitir_hasta.isoformat(),
    )
    shell.announce(tx, fact, subject=invoice.id, sequence=invoice.version + 1)
