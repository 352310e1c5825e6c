"""The doors of portals and ERPs: try the certificate, send now, where is it, ask again, who is listed, is DGII there."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends

from functions.dgii import clients, outages, store
from functions.dgii.attempt import FINAL, REVIEW, SUBMISSION, Submission
from functions.dgii.clients import DIRECTORY_LIFE, Client
from functions.dgii.gateway import Authority
from functions.dgii.outages import Notice, Outage
from functions.dgii.schemas import (
    AskedOut,
    DirectoryOut,
    EnvironmentOut,
    MensajeOut,
    Number,
    NumberIn,
    ServiceOut,
    ServicesOut,
    StatusOut,
    StepOut,
    TokenOut,
    WindowOut,
)
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.dgii.environments import HAS_NO_CONSULTAS
from shared.dgii.services import Listed
from shared.ecf.types import Environment
from shared.errors import Conflict, NotFound
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

_RNC = re.compile("[0-9]{9}|[0-9]{11}")
House = Annotated[Shell[Authority], Depends(shell_of)]


class SubmissionUnknown(NotFound):
    """No document with this number is on its way, or it is another company's."""

    slug = "dgii-submission-unknown"


class NotListed(NotFound):
    """DGII's directory does not know this RNC: not an electronic issuer."""

    slug = "dgii-not-listed"


class ServiceAbsent(Conflict):
    """DGII does not offer this service in the company's environment."""

    slug = "dgii-service-absent"


def token(caller: Caller, shell: House) -> TokenOut:
    """Ask DGII for a token, or use the one there is: shows that certificate and delegation work."""
    client = _client(shell, caller.tenant)
    shell.outside.ask(caller.tenant, client.environment, client.certificate_id, lambda dgii, token: None)
    return TokenOut(environment=client.environment.value, certificate_id=client.certificate_id)


def send(body: NumberIn, caller: Caller, shell: House) -> AskedOut:
    """Bring the next step of a document forward to now. What may have arrived is asked for first, as always."""
    with shell.transaction(caller.tenant) as tx:
        submission = _submission(tx, body.encf, body.intento)
        shell.work.bring_forward(tx, SUBMISSION, submission.key, timedelta())
    return _asked(submission)


def status(caller: Caller, shell: House, encf: Number, intento: int | None = None) -> StatusOut:
    with shell.transaction(caller.tenant) as tx:
        submission = _submission(tx, encf, intento)
        steps = store.evidence(tx, submission.encf, submission.intento)
    return StatusOut(
        encf=submission.encf,
        intento=submission.intento,
        estado=submission.estado.value,
        vencido=submission.overdue and submission.estado not in FINAL,
        track_id=submission.track_id,
        secuencia_utilizada=submission.secuencia_utilizada,
        mensajes=[MensajeOut(codigo=m.codigo, valor=m.valor) for m in submission.mensajes],
        envios=submission.posts,
        consultas=submission.polls,
        evidencia=[StepOut(at=s.at.isoformat(), step=s.step, estado=s.estado, detail=s.detail) for s in steps],
    )


def ask_again(body: NumberIn, caller: Caller, shell: House) -> AskedOut:
    """Ask DGII now. A verdict that is there is held against what DGII says today: another one is an alarm, and changes nothing."""
    with shell.transaction(caller.tenant) as tx:
        submission = _submission(tx, body.encf, body.intento)
        if submission.estado in FINAL:
            shell.work.add(tx, REVIEW, f"{submission.key}:{uuid7()}")
        else:
            shell.work.bring_forward(tx, SUBMISSION, submission.key, timedelta())
    return _asked(submission)


def directory(rnc: str, caller: Caller, shell: House) -> DirectoryOut:
    """Where an electronic issuer takes documents, as DGII's directory says; asked once an hour an RNC."""
    if not _RNC.fullmatch(rnc):
        raise NotListed
    client, now = _client(shell, caller.tenant), datetime.now(UTC)
    if client.environment in HAS_NO_CONSULTAS:
        raise ServiceAbsent(environment=client.environment.value)
    with shell.transaction(caller.tenant) as tx:
        held = clients.directory_entry(tx, client.environment, rnc, newer_than=now - DIRECTORY_LIFE)
    listed, seen_at = (held.listed, held.seen_at) if held else (_look_up(shell, caller.tenant, client, rnc, now), now)
    if listed is None:
        raise NotListed
    return DirectoryOut(**vars(listed), consultado=seen_at.isoformat())


def _look_up(shell: Shell[Authority], tenant: str, client: Client, rnc: str, now: datetime) -> Listed | None:
    found = shell.outside.ask(tenant, client.environment, client.certificate_id, lambda dgii, token: dgii.directory_of(token, rnc))
    with shell.transaction(tenant) as tx:
        clients.keep_directory_entry(tx, client.environment, rnc, found, now)
    return found


def services(caller: Caller, shell: House) -> ServicesOut:
    """Whether DGII is there, by environment."""
    with shell.transaction(PLATFORM) as tx:
        down = {outage.environment: outage for outage in outages.standing(tx)}
        said = {notice.environment: notice for notice in outages.notices(tx)}
    return ServicesOut(items=[_environment(e.value, down.get(e.value), said.get(e.value)) for e in Environment])


def _environment(environment: str, outage: Outage | None, notice: Notice | None) -> EnvironmentOut:
    return EnvironmentOut(
        environment=environment,
        disponible=outage is None,
        caida_desde=outage.started_at.isoformat() if outage else None,
        causa=outage.cause if outage else None,
        servicios=[ServiceOut.model_validate(one) for one in notice.services] if notice else [],
        ventanas=[WindowOut.model_validate(one) for one in notice.windows] if notice else [],
        consultado=notice.seen_at.isoformat() if notice else None,
    )


def _client(shell: Shell[Authority], tenant: str) -> Client:
    with shell.transaction(tenant) as tx:
        return clients.client(tx, datetime.now(UTC))


def _submission(tx: Transaction, encf: str, intento: int | None) -> Submission:
    attempt = intento or store.newest(tx, encf)
    found = store.load(tx, encf, attempt) if attempt else None
    if found is None:
        raise SubmissionUnknown(encf=encf)
    return found


def _asked(submission: Submission) -> AskedOut:
    return AskedOut(encf=submission.encf, intento=submission.intento, estado=submission.estado.value)


ROUTES = [
    Route("POST", "/dgii/token", token, Permission.CERTIFICATES_READ, summary="Try the company's certificate at DGII"),
    Route("POST", "/dgii/ecf/send", send, Permission.ECF_EMIT, status=202, summary="Send a document now"),
    Route("GET", "/dgii/ecf/status", status, Permission.INVOICES_READ, summary="Where a document is, with the evidence"),
    Route("POST", "/dgii/ecf/status", ask_again, Permission.ECF_EMIT, status=202, summary="Ask DGII for a document now"),
    Route("GET", "/dgii/directory/{rnc}", directory, Permission.INVOICES_READ, summary="An electronic issuer's addresses"),
    Route("GET", "/dgii/services", services, Permission.PROFILE_READ, summary="Whether DGII is there"),
]
