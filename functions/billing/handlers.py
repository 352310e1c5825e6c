"""The tenant's door to emission, invoices and ranges; DGII's outcomes; the job that finishes what nobody finished."""

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated

import anyio
from fastapi import Depends, Header, Query
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from functions.billing import domain, emission, sequences, store
from functions.billing.domain import Invoice, Step
from functions.billing.gateway import Outside
from functions.billing.schemas import (
    InvoiceOut,
    InvoicePage,
    SequenceIn,
    SequenceOut,
    SequencePage,
    TrailList,
    TrailOut,
)
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.errors import NotFound
from shared.events.catalogue import (
    CertificateRegistered,
    CompanyCreated,
    EcfAccepted,
    EcfAcceptedConditionally,
    EcfOutcome,
    EcfOutcomeUnknown,
    EcfRejected,
    EcfSubmitted,
    SequenceRegistered,
)
from shared.events.envelope import Envelope
from shared.flow.work import Job, backoff
from shared.http.events import Events
from shared.http.json_body import parse_json
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Body, Caller, Route, shell_of
from shared.http.shell import Shell
from shared.http.work import Jobs
from shared.identity.permissions import Permission

House = Annotated[Shell[Outside], Depends(shell_of)]
LONGEST_WAIT = 30
LOOK_AGAIN_SECONDS = 0.15


async def emit(
    body: Body,
    caller: Caller,
    shell: House,
    idempotency_key: Annotated[str | None, Header()] = None,
    prefer: Annotated[str | None, Header()] = None,
) -> JSONResponse:
    key, payload = domain.check_key(idempotency_key), parse_json(body)
    emitted = await run_in_threadpool(
        emission.emit,
        shell,
        tenant=caller.tenant,
        user=caller.user,
        key=key,
        payload=payload,
        strict=_is_strict(prefer),
    )
    invoice = await _awaited(shell, caller.tenant, emitted.invoice, _wait_seconds(prefer))
    status = 202 if invoice.estado is domain.Estado.NUMERADO else 201
    headers = {"Location": f"/tenant/invoices/{invoice.id}"}
    if emitted.replayed:
        headers["Idempotency-Replayed"] = "true"
    return JSONResponse(InvoiceOut.of(invoice).model_dump(), status_code=status, headers=headers)


async def _awaited(shell: Shell[Outside], tenant: str, invoice: Invoice, seconds: int) -> Invoice:
    """The invoice as it is once DGII has spoken, or after `seconds`."""
    with anyio.move_on_after(seconds):
        while invoice.estado not in domain.FINAL:
            await anyio.sleep(LOOK_AGAIN_SECONDS)
            invoice = await run_in_threadpool(_find, shell, tenant, invoice.id)
    return invoice


def _wait_seconds(prefer: str | None) -> int:
    asked = re.search(r"\bwait=([0-9]{1,4})\b", prefer or "")
    return min(int(asked[1]), LONGEST_WAIT) if asked else 0


def _is_strict(prefer: str | None) -> bool:
    """RFC 7240: `handling=strict` asks to stop where DGII would accept with a condition."""
    return bool(re.search(r"\bhandling=strict\b", prefer or ""))


def _find(shell: Shell[Outside], tenant: str, invoice_id: str) -> Invoice:
    with shell.transaction(tenant) as tx:
        invoice = store.find(tx, invoice_id)
    if invoice is None:
        raise NotFound
    return invoice


def show(invoice_id: str, caller: Caller, shell: House) -> InvoiceOut:
    return InvoiceOut.of(_find(shell, caller.tenant, invoice_id))


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
    return _document(shell, caller.tenant, invoice_id, lambda pair: pair[0])


def rfce(invoice_id: str, caller: Caller, shell: House) -> Response:
    return _document(shell, caller.tenant, invoice_id, lambda pair: pair[1])


def _document(
    shell: Shell[Outside],
    tenant: str,
    invoice_id: str,
    choose: Callable[[tuple[bytes | None, bytes | None]], bytes | None],
) -> Response:
    invoice = _find(shell, tenant, invoice_id)
    with shell.transaction(tenant) as tx:
        content = choose(store.signed_bytes(tx, invoice_id))
    if content is None:
        raise NotFound
    name = f"{invoice.rnc_emisor}{invoice.encf}.xml"
    return Response(content, media_type="application/xml", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def trail(invoice_id: str, caller: Caller, shell: House) -> TrailList:
    _find(shell, caller.tenant, invoice_id)
    with shell.transaction(caller.tenant) as tx:
        rows = store.trail(tx, invoice_id)
    steps = [TrailOut(version=r.version, estado=r.estado, step=r.step, detail=r.detail, at=r.at.isoformat()) for r in rows]
    return TrailList(items=steps)


def register_sequence(body: SequenceIn, caller: Caller, shell: House) -> SequenceOut:
    wanted = domain.check_range(body.tipo_ecf, body.desde, body.hasta, body.vencimiento)
    sequence_id = uuid7()
    with shell.transaction(caller.tenant) as tx:
        row = sequences.register(
            tx,
            sequence_id=sequence_id,
            tipo_ecf=int(wanted.tipo),
            desde=wanted.desde,
            hasta=wanted.hasta,
            vencimiento=wanted.vencimiento,
        )
        registered = SequenceRegistered(
            sequence_id=sequence_id,
            tipo_ecf=int(wanted.tipo),
            desde=wanted.desde,
            hasta=wanted.hasta,
            vencimiento=wanted.vencimiento.isoformat() if wanted.vencimiento else None,
        )
        shell.announce(tx, registered, subject=sequence_id)
    return _sequence(row)


def list_sequences(
    caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> SequencePage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = sequences.page(tx, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return SequencePage(items=[_sequence(row) for row in rows[:limit]], next=following)


def _sequence(row: Record) -> SequenceOut:
    vencimiento: date | None = row.vencimiento
    return SequenceOut(
        id=row.id,
        tipo_ecf=row.tipo_ecf,
        desde=row.desde,
        hasta=row.hasta,
        next=row.next,
        remaining=row.hasta - row.next + 1,
        vencimiento=vencimiento.isoformat() if vencimiento else None,
        created_at=row.created_at.isoformat(),
    )


def on_company_created(shell: Shell[Outside], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
    sequences.remember_company(tx, event)


def on_certificate_registered(shell: Shell[Outside], tx: Transaction, event: CertificateRegistered, envelope: Envelope) -> None:
    sequences.remember_certificate(tx, event)


def on_outcome(step: Step, shell: Shell[Outside], tx: Transaction, event: EcfOutcome, envelope: Envelope) -> None:
    detail = event.model_dump(include={"track_id", "mensajes", "secuencia_utilizada", "observed_at"})
    moved = step in domain.TRANSITIONS and store.move(
        tx, event.invoice_id, step, detail=detail, track_id=event.track_id, mensajes=domain.mensajes(event.mensajes)
    )
    if not moved:
        store.note(tx, event.invoice_id, domain.unmoved(step), detail | {"step": step.value})


def finish(shell: Shell[Outside], job: Job) -> None:
    invoice = emission.finish(shell, job.tenant, job.key)
    with shell.transaction(job.tenant) as tx:
        if invoice is not None and invoice.estado is domain.Estado.NUMERADO:
            shell.work.postpone(tx, job, backoff(job.attempts), error="the signer did not answer")
        else:
            shell.work.settle(tx, job.kind, job.key)


EMIT_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}, "example": domain.EXAMPLE}},
    }
}

ROUTES = [
    Route("POST", "/tenant/emit/ecf", emit, Permission.ECF_EMIT, status=201, summary="Emit an e-CF", openapi=EMIT_BODY),
    Route("GET", "/tenant/invoices", listing, Permission.INVOICES_READ, summary="Invoices, newest first"),
    Route("GET", "/tenant/invoices/{invoice_id}", show, Permission.INVOICES_READ, summary="One invoice"),
    Route("GET", "/tenant/invoices/{invoice_id}/xml", xml, Permission.INVOICES_READ, summary="Its signed e-CF"),
    Route("GET", "/tenant/invoices/{invoice_id}/rfce", rfce, Permission.INVOICES_READ, summary="Its signed summary (RFCE)"),
    Route("GET", "/tenant/invoices/{invoice_id}/trail", trail, Permission.INVOICES_READ, summary="Every step it took"),
    Route("POST", "/tenant/sequences", register_sequence, Permission.SEQUENCES_WRITE, status=201, summary="Register a range"),
    Route("GET", "/tenant/sequences", list_sequences, Permission.SEQUENCES_READ, summary="Ranges, newest first"),
]

EVENTS: Events = {
    CompanyCreated: on_company_created,
    CertificateRegistered: on_certificate_registered,
    EcfSubmitted: partial(on_outcome, Step.SUBMIT),
    EcfAccepted: partial(on_outcome, Step.ACCEPT),
    EcfAcceptedConditionally: partial(on_outcome, Step.ACCEPT_CONDITIONALLY),
    EcfRejected: partial(on_outcome, Step.REJECT),
    EcfOutcomeUnknown: partial(on_outcome, Step.LOSE_ANSWER),
}

JOBS: Jobs = {emission.FINISH: finish}
