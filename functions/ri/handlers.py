"""What is heard of a document, the job that prints it once DGII has accepted it, and the tenant's doors to print and look."""

import base64
import logging
from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from functions.ri import domain, store
from functions.ri.appearance import Appearance, checked_accent, picture_of
from functions.ri.domain import Estado, HeldBack, Holding, Signed
from functions.ri.gateway import Printer
from functions.ri.layout import Paper
from functions.ri.schemas import AppearanceBody, PrintingBody, StatementIn
from shared.db.engine import Transaction
from shared.events.catalogue import EcfAccepted, EcfAcceptedConditionally, EcfOutcome, EcfRejected, EcfSigned
from shared.events.envelope import Envelope
from shared.events.packed import unpack
from shared.events.remission import EcfHeld
from shared.events.withdrawal import WithdrawalAnswered
from shared.flow.work import Job
from shared.http.events import Events
from shared.http.routes import Caller, Functions, Route, ServiceCaller, shell_of
from shared.http.shell import Shell
from shared.http.work import Jobs
from shared.identity.permissions import Permission

House = Annotated[Shell[Printer], Depends(shell_of)]
RENDER = "render"
log = logging.getLogger(__name__)


def show(invoice_id: str, caller: Caller, shell: House, formato: Paper = Paper.A4) -> Response:
    with shell.transaction(caller.tenant) as tx:
        held = store.holding(tx, invoice_id, formato)
    signed = domain.printable(held, formato)
    pdf = held.pdf
    if pdf is None:
        pdf, fault = _print(shell, held, signed, formato)
        if held.settled:
            _keep(shell, caller.tenant, invoice_id, formato, pdf, fault)
        if fault:
            raise HeldBack
    return Response(pdf, media_type="application/pdf", headers=_named(signed))


def _keep(shell: Shell[Printer], tenant: str, invoice_id: str, paper: Paper, pdf: bytes, fault: str) -> None:
    with shell.transaction(tenant) as tx:
        store.keep(tx, invoice_id, paper, pdf, fault)
        if paper is Paper.A4:
            shell.work.settle(tx, RENDER, invoice_id)


def _print(shell: Shell[Printer], held: Holding, signed: Signed, paper: Paper) -> tuple[bytes, str]:
    """A print with what our linter found wrong with it; a fault is ours, and somebody must look at it."""
    pdf, fault = shell.outside.draw(signed, held.appearance, paper)
    if fault:
        log.critical("a print was held back", extra={"encf": signed.encf, "formato": paper.value, "reason": fault})
    return pdf, fault


def _named(signed: Signed) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{signed.file_name}.pdf"', "Cache-Control": "private, no-store"}


def statement(body: StatementIn, caller: ServiceCaller, shell: House) -> Response:
    """Drawn anew each time: it says what is known at its moment, and nothing of it is kept."""
    with shell.transaction(caller.tenant) as tx:
        chosen = store.appearance(tx)
    lines = len(body.lines) + len(body.ranges) + sum(len(one.gaps) for one in body.ranges)
    pdf = shell.outside.statement(body.model_dump_json().encode(), chosen, lines=lines)
    return Response(pdf, media_type="application/pdf", headers={"Cache-Control": "private, no-store"})


def look(caller: Caller, shell: House) -> AppearanceBody:
    with shell.transaction(caller.tenant) as tx:
        chosen = store.appearance(tx)
    return _out(chosen)


def choose(body: AppearanceBody, caller: Caller, shell: House) -> AppearanceBody:
    accent = checked_accent(body.accent) if body.accent else None
    logo = shell.outside.redraw(picture_of(body.logo)) if body.logo else None
    chosen = Appearance(accent, logo)
    with shell.transaction(caller.tenant) as tx:
        store.choose(tx, chosen, chosen_by=caller.user)
    return _out(chosen)


def forget(caller: Caller, shell: House) -> None:
    with shell.transaction(caller.tenant) as tx:
        store.choose(tx, Appearance(), chosen_by=caller.user)


def look_when(caller: Caller, shell: House) -> PrintingBody:
    with shell.transaction(caller.tenant) as tx:
        return PrintingBody(before_acceptance=store.prints_early(tx))


def choose_when(body: PrintingBody, caller: Caller, shell: House) -> PrintingBody:
    with shell.transaction(caller.tenant) as tx:
        store.choose_when(tx, before_acceptance=body.before_acceptance, chosen_by=caller.user)
    return body


def _out(chosen: Appearance) -> AppearanceBody:
    return AppearanceBody(accent=chosen.accent, logo=base64.b64encode(chosen.logo).decode("ascii") if chosen.logo else None)


def on_signed(shell: Shell[Printer], tx: Transaction, event: EcfSigned, envelope: Envelope) -> None:
    xml = unpack(event.ecf)
    signed = Signed(
        invoice_id=event.invoice_id,
        environment=event.environment,
        rnc_emisor=event.rnc_emisor,
        encf=event.encf,
        intento=event.intento,
        codigo_seguridad=event.codigo_seguridad,
        sha256=event.sha256,
        xml=xml,
        modalidad=domain.modalidad_of(xml, event.regimen),
    )
    store.remember(tx, signed)


def on_held(shell: Shell[Printer], tx: Transaction, event: EcfHeld, envelope: Envelope) -> None:
    """It had been announced as an ordinary one."""
    store.hold(tx, event.invoice_id, domain.contingency_of(event.regimen))


def on_accepted(shell: Shell[Printer], tx: Transaction, event: EcfOutcome, envelope: Envelope) -> None:
    """The job is added whether or not the document is here: it comes back until it is, so no order of events loses a print."""
    store.judge(tx, event.invoice_id, _ESTADO[type(event)], event.observed_at)
    shell.work.add(tx, RENDER, event.invoice_id)


def on_rejected(shell: Shell[Printer], tx: Transaction, event: EcfRejected, envelope: Envelope) -> None:
    store.judge(tx, event.invoice_id, Estado.RECHAZADO, event.observed_at)


def on_withdrawal(shell: Shell[Printer], tx: Transaction, event: WithdrawalAnswered, envelope: Envelope) -> None:
    if event.withdrawn:
        store.judge(tx, event.invoice_id, Estado.RETIRADO, event.observed_at)


def render(shell: Shell[Printer], job: Job) -> None:
    """Print one accepted document on A4; FactsNotSeen puts the job back, a print held back ends it: the next would be the same."""
    with shell.transaction(job.tenant) as tx:
        held = store.holding(tx, job.key, Paper.A4)
        if held.pdf is not None or held.fault is not None:
            shell.work.finish(tx, job)
            return
    pdf, fault = _print(shell, held, domain.printable(held, Paper.A4), Paper.A4)
    with shell.transaction(job.tenant) as tx:
        store.keep(tx, job.key, Paper.A4, pdf, fault)
        shell.work.finish(tx, job)


_ESTADO: dict[type[EcfOutcome], Estado] = {
    EcfAccepted: Estado.ACEPTADO,
    EcfAcceptedConditionally: Estado.ACEPTADO_CONDICIONAL,
}

ROUTES = [
    Route("GET", "/tenant/ri/appearance", look, Permission.PRINTED_READ, summary="Logo and accent colour of the prints"),
    Route("PUT", "/tenant/ri/appearance", choose, Permission.PRINTED_WRITE, summary="Choose logo and accent colour"),
    Route("DELETE", "/tenant/ri/appearance", forget, Permission.PRINTED_WRITE, status=204, summary="Back to the usual look"),
    Route("GET", "/tenant/ri/printing", look_when, Permission.PRINTED_READ, summary="Whether prints wait for DGII"),
    Route("PUT", "/tenant/ri/printing", choose_when, Permission.PRINTED_WRITE, summary="Choose whether prints wait for DGII"),
    Route(
        "GET",
        "/tenant/ri/{invoice_id}",
        show,
        Permission.PRINTED_READ,
        summary="The printed representation: once DGII has accepted the document, in contingency, or earlier where chosen",
        media="application/pdf",
    ),
    Route(
        "POST",
        "/ri/statement",
        statement,
        Functions(frozenset({"billing"})),
        summary="Print a month's statement of numbers, for billing",
        media="application/pdf",
    ),
]

EVENTS: Events = {
    EcfSigned: on_signed,
    EcfHeld: on_held,
    EcfAccepted: on_accepted,
    EcfAcceptedConditionally: on_accepted,
    EcfRejected: on_rejected,
    WithdrawalAnswered: on_withdrawal,
}

JOBS: Jobs = {RENDER: render}
