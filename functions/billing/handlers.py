"""The tenant's door to emission, invoices and ranges; DGII's outcomes; the job that finishes what nobody finished."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import Response

from functions.billing import (
    batch,
    batch_doors,
    contingency_doors,
    domain,
    emission,
    emit_doors,
    forecast,
    holding,
    ledger_doors,
    paperwork,
    reconciliation,
    sequences,
    store,
    voiding,
    voiding_doors,
    waiting,
    withdrawal,
)
from functions.billing.domain import Step
from functions.billing.gateway import Outside
from functions.billing.schemas import (
    InvoiceOut,
    InvoicePage,
    TrailList,
    TrailOut,
)
from shared.db.engine import Record, Transaction
from shared.ecf.clock import fiscal_day
from shared.ecf.encf import ENCF
from shared.errors import NotFound
from shared.events.authority import OutageEnded, OutageStarted, SubmissionAlarmed, SubmissionExplained
from shared.events.catalogue import (
    CertificateRegistered,
    CompanyCreated,
    EcfAccepted,
    EcfAcceptedConditionally,
    EcfOutcome,
    EcfOutcomeUnknown,
    EcfRejected,
    EcfSubmitted,
)
from shared.events.certificates import CertificateRevoked
from shared.events.companies import CompanyChanged, CompanyResumed, CompanySealed, CompanyStanding, CompanySuspended
from shared.events.envelope import Envelope
from shared.events.sequences import NumbersSurveyed, SequenceForeignUse, SequenceStopped
from shared.events.voidings import VoidingAnswered
from shared.events.withdrawal import WithdrawalAnswered
from shared.flow.work import Job, backoff
from shared.http.events import Events
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.http.work import Jobs
from shared.identity.permissions import Permission

XML = "application/xml"
House = Annotated[Shell[Outside], Depends(shell_of)]


def show(invoice_id: str, caller: Caller, shell: House) -> InvoiceOut:
    return InvoiceOut.of(emit_doors.find(shell, caller.tenant, invoice_id))


def listing(
    caller: Caller,
    shell: House,
    estado: Annotated[domain.Estado | None, Query()] = None,
    encf: Annotated[str | None, Query(max_length=13)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> InvoicePage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        found = store.page(tx, estado=estado, encf=encf, before=before, limit=limit + 1)
    following = seal_cursor(found[limit - 1].id, caller.tenant) if len(found) > limit else None
    return InvoicePage(items=[InvoiceOut.of(invoice) for invoice in found[:limit]], next=following)


def xml(invoice_id: str, caller: Caller, shell: House) -> Response:
    return _document(shell, caller.tenant, invoice_id, lambda held: held.signed_xml)


def rfce(invoice_id: str, caller: Caller, shell: House) -> Response:
    return _document(shell, caller.tenant, invoice_id, lambda held: held.rfce_xml)


def _document(
    shell: Shell[Outside],
    tenant: str,
    invoice_id: str,
    choose: Callable[[Record], bytes | None],
) -> Response:
    invoice = emit_doors.find(shell, tenant, invoice_id)
    with shell.transaction(tenant) as tx:
        content = choose(store.signed_bytes(tx, invoice_id))
    if content is None:
        raise NotFound
    name = f"{invoice.rnc_emisor}{invoice.encf}.xml"
    return Response(content, media_type=XML, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def trail(invoice_id: str, caller: Caller, shell: House) -> TrailList:
    emit_doors.find(shell, caller.tenant, invoice_id)
    with shell.transaction(caller.tenant) as tx:
        rows = store.trail(tx, invoice_id)
    return TrailList(items=[TrailOut.of(row) for row in rows])


def withdraw(invoice_id: str, caller: Caller, shell: House) -> InvoiceOut:
    return InvoiceOut.of(withdrawal.ask(shell, caller.tenant, caller.user, invoice_id))


def on_company_created(shell: Shell[Outside], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
    sequences.remember_company(tx, event)


def on_company_changed(shell: Shell[Outside], tx: Transaction, event: CompanyChanged, envelope: Envelope) -> None:
    sequences.change_company(tx, event, version=envelope.sequence)


def on_standing(shell: Shell[Outside], tx: Transaction, event: CompanyStanding, envelope: Envelope) -> None:
    sequences.set_standing(tx, event.estado, version=envelope.sequence)


def on_certificate_registered(shell: Shell[Outside], tx: Transaction, event: CertificateRegistered, envelope: Envelope) -> None:
    sequences.remember_certificate(tx, event)


def on_certificate_revoked(shell: Shell[Outside], tx: Transaction, event: CertificateRevoked, envelope: Envelope) -> None:
    sequences.revoke_certificate(tx, event)


def on_outcome(step: Step, shell: Shell[Outside], tx: Transaction, event: EcfOutcome, envelope: Envelope) -> None:
    detail = event.model_dump(include={"track_id", "mensajes", "secuencia_utilizada", "observed_at", "evidence"})
    moved = None
    if step in domain.TRANSITIONS:
        said = domain.mensajes(event.mensajes)
        moved = store.move(tx, event.invoice_id, step, detail=detail, track_id=event.track_id, mensajes=said)
    if moved is None:
        store.note(tx, event.invoice_id, domain.unmoved(step), detail | {"step": step.value})
    elif step in domain.VERDICTS:
        waiting.wake(shell.work, tx, event.encf)
        if step is Step.REJECT and event.secuencia_utilizada is False:
            store.return_number(tx, event.invoice_id)
        elif step is not Step.REJECT:
            paperwork.accepted(shell, tx, moved, event.observed_at)


def on_explained(shell: Shell[Outside], tx: Transaction, event: SubmissionExplained, envelope: Envelope) -> None:
    """Only told: what moves a document is an outcome."""
    store.note(tx, event.invoice_id, Step.EXPLAIN, event.model_dump(include={"observed_at", "evidence"}))


def on_alarmed(shell: Shell[Outside], tx: Transaction, event: SubmissionAlarmed, envelope: Envelope) -> None:
    store.note(tx, event.invoice_id, Step.ALARM, event.model_dump(include={"observed_at", "code", "detail"}))


def on_foreign_use(shell: Shell[Outside], tx: Transaction, event: SequenceForeignUse, envelope: Envelope) -> None:
    today = fiscal_day(datetime.now(UTC))
    row = sequences.stop(tx, ENCF.parse(event.encf), because=event.encf, today=today)
    if row is not None:
        told = SequenceStopped(sequence_id=row.id, tipo_ecf=row.tipo_ecf, encf=event.encf, reason="foreign-use")
        shell.announce(tx, told, subject=row.id, sequence=row.version)


def finish(shell: Shell[Outside], job: Job) -> None:
    invoice = emission.finish(shell, job.tenant, job.key)
    with shell.transaction(job.tenant) as tx:
        if invoice is not None and invoice.estado is domain.Estado.NUMERADO:
            shell.work.postpone(tx, job, backoff(job.attempts), error="the signer did not answer")
        else:
            shell.work.settle(tx, job.kind, job.key)


ROUTES = [
    Route(
        "POST",
        "/tenant/emit/ecf",
        emit_doors.emit,
        Permission.ECF_EMIT,
        status=201,
        summary="Emit an e-CF",
        openapi=emit_doors.EMIT_BODY,
    ),
    Route("GET", "/tenant/emit/rules", emit_doors.rules, Permission.ECF_EMIT, summary="The rules a document is checked with"),
    Route(
        "POST",
        "/tenant/emit/batch",
        batch_doors.accept,
        Permission.ECF_EMIT,
        status=202,
        summary="Emit up to 10,000 documents",
        openapi=batch_doors.NDJSON,
        body_limit=batch.BODY_LIMIT,
    ),
    Route("GET", "/tenant/emit/batch", batch_doors.listing, Permission.INVOICES_READ, summary="Batches, newest first"),
    Route("GET", "/tenant/emit/batch/{batch_id}", batch_doors.show, Permission.INVOICES_READ, summary="Progress of a batch"),
    Route("GET", "/tenant/emit/batch/{batch_id}/rows", batch_doors.rows, Permission.INVOICES_READ, summary="Its rows, by line"),
    Route(
        "GET",
        "/tenant/emit/batch/{batch_id}/results",
        batch_doors.results,
        Permission.INVOICES_READ,
        summary="All its rows as a file",
        openapi=batch_doors.RESULTS,
        media=batch_doors.MEDIA,
    ),
    Route("GET", "/tenant/invoices", listing, Permission.INVOICES_READ, summary="Invoices, newest first"),
    Route("GET", "/tenant/invoices/{invoice_id}", show, Permission.INVOICES_READ, summary="One invoice"),
    Route("GET", "/tenant/invoices/{invoice_id}/xml", xml, Permission.INVOICES_READ, summary="Its signed e-CF", media=XML),
    Route("GET", "/tenant/invoices/{invoice_id}/rfce", rfce, Permission.INVOICES_READ, summary="Its signed summary", media=XML),
    Route("GET", "/tenant/invoices/{invoice_id}/trail", trail, Permission.INVOICES_READ, summary="Every step it took"),
    Route(
        "POST",
        "/tenant/invoices/{invoice_id}/withdraw",
        withdraw,
        Permission.SEQUENCES_WRITE,
        status=202,
        summary="Ask that it is not sent, if DGII never had it; its number can then be voided",
    ),
    *voiding_doors.ROUTES,
    *ledger_doors.ROUTES,
    *contingency_doors.ROUTES,
]

EVENTS: Events = {
    CompanyCreated: on_company_created,
    CompanyChanged: on_company_changed,
    CompanySuspended: on_standing,
    CompanyResumed: on_standing,
    CompanySealed: on_standing,
    CertificateRegistered: on_certificate_registered,
    CertificateRevoked: on_certificate_revoked,
    EcfSubmitted: partial(on_outcome, Step.SUBMIT),
    EcfAccepted: partial(on_outcome, Step.ACCEPT),
    EcfAcceptedConditionally: partial(on_outcome, Step.ACCEPT_CONDITIONALLY),
    EcfRejected: partial(on_outcome, Step.REJECT),
    EcfOutcomeUnknown: partial(on_outcome, Step.LOSE_ANSWER),
    SubmissionExplained: on_explained,
    SubmissionAlarmed: on_alarmed,
    SequenceForeignUse: on_foreign_use,
    VoidingAnswered: voiding.on_answer,
    WithdrawalAnswered: withdrawal.on_answered,
    OutageStarted: holding.on_outage_started,
    OutageEnded: holding.on_outage_ended,
    NumbersSurveyed: reconciliation.on_surveyed,
}

JOBS: Jobs = {
    emission.FINISH: finish,
    holding.RELEASE: waiting.release,
    holding.HOLD: holding.hold,
    holding.HOLD_OURS: holding.hold_ours,
    holding.REMIND: holding.remind,
    paperwork.DUE: paperwork.remind,
    batch.BATCH: batch.work,
    forecast.FORECAST: forecast.look,
    voiding.VOID: voiding.finish,
    reconciliation.RECONCILE: reconciliation.ask,
}
