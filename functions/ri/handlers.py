"""What is heard of a document, the job that prints it once DGII has accepted it, and the tenant's door to the print."""

import base64
import gzip
from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from functions.ri import domain, store
from functions.ri.domain import Estado, Signed
from functions.ri.gateway import Printer
from shared.db.engine import Transaction
from shared.events.catalogue import EcfAccepted, EcfAcceptedConditionally, EcfOutcome, EcfSigned
from shared.events.envelope import Envelope
from shared.flow.work import Job
from shared.http.events import Events
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.http.work import Jobs
from shared.identity.permissions import Permission

House = Annotated[Shell[Printer], Depends(shell_of)]
RENDER = "render"


def show(invoice_id: str, caller: Caller, shell: House) -> Response:
    with shell.transaction(caller.tenant) as tx:
        held = store.holding(tx, invoice_id)
    signed = domain.printable(held)
    pdf = held.pdf
    if pdf is None:
        pdf = shell.outside.draw(signed)
        with shell.transaction(caller.tenant) as tx:
            store.keep(tx, invoice_id, pdf)
            shell.work.settle(tx, RENDER, invoice_id)
    return Response(pdf, media_type="application/pdf", headers=_named(signed))


def _named(signed: Signed) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{signed.file_name}.pdf"', "Cache-Control": "private, no-store"}


def on_signed(shell: Shell[Printer], tx: Transaction, event: EcfSigned, envelope: Envelope) -> None:
    signed = Signed(
        invoice_id=event.invoice_id,
        environment=event.environment,
        rnc_emisor=event.rnc_emisor,
        encf=event.encf,
        intento=event.intento,
        codigo_seguridad=event.codigo_seguridad,
        sha256=event.sha256,
        xml=gzip.decompress(base64.b64decode(event.ecf)),
    )
    store.remember(tx, signed)


def on_accepted(shell: Shell[Printer], tx: Transaction, event: EcfOutcome, envelope: Envelope) -> None:
    """The job is added whether or not the document is here: it comes back until it is, so no order of events loses a print."""
    store.accept(tx, event.invoice_id, _ESTADO[type(event)], event.observed_at)
    shell.work.add(tx, RENDER, event.invoice_id)


def render(shell: Shell[Printer], job: Job) -> None:
    """Print one accepted document; FactsNotSeen puts the job back."""
    with shell.transaction(job.tenant) as tx:
        held = store.holding(tx, job.key)
        if held.pdf is not None:
            shell.work.finish(tx, job)
            return
    pdf = shell.outside.draw(domain.printable(held))
    with shell.transaction(job.tenant) as tx:
        store.keep(tx, job.key, pdf)
        shell.work.finish(tx, job)


_ESTADO: dict[type[EcfOutcome], Estado] = {
    EcfAccepted: Estado.ACEPTADO,
    EcfAcceptedConditionally: Estado.ACEPTADO_CONDICIONAL,
}

ROUTES = [
    Route(
        "GET",
        "/tenant/ri/{invoice_id}",
        show,
        Permission.PRINTED_READ,
        summary="The printed representation, once DGII has accepted the document",
        openapi={"responses": {"200": {"description": "The PDF", "content": {"application/pdf": {}}}}},
    ),
]

EVENTS: Events = {
    EcfSigned: on_signed,
    EcfAccepted: on_accepted,
    EcfAcceptedConditionally: on_accepted,
}

JOBS: Jobs = {RENDER: render}
