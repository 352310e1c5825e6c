"""Functions' door to the keys, and the events that keep sign's read copies."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends

from functions.sign import domain, store
from functions.sign.gateway import Keys
from functions.sign.schemas import SignIn, SignOut
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.events.catalogue import CertificateRegistered, CompanyCreated, SequenceRegistered
from shared.events.companies import CompanyResumed, CompanySealed, CompanyStanding, CompanySuspended
from shared.events.envelope import Envelope
from shared.http.events import Events
from shared.http.routes import Functions, Route, ServiceCaller, shell_of
from shared.http.shell import Shell
from shared.identity.tokens import ServiceClaims

House = Annotated[Shell[Keys], Depends(shell_of)]


def sign(body: SignIn, caller: ServiceCaller, shell: House) -> SignOut:
    return _PURPOSES[body.purpose](body, caller, shell)


def _sign_ecf(body: SignIn, caller: ServiceClaims, shell: Shell[Keys]) -> SignOut:
    document = domain.read_ecf(body.xml)
    encf = document.encf
    with shell.transaction(caller.tenant) as tx:
        facts = store.facts(tx, certificate_id=body.certificate_id, tipo=encf.tipo, secuencia=encf.secuencia)
    certificate = domain.check(document, facts)
    key = shell.outside.get(certificate.secret_name)
    result = domain.sign_ecf(body.xml, document, key, verify_output=shell.outside.verify_output)
    _log(shell, body, caller, result.sha256, result.encf)
    return SignOut(
        xml=_encode(result.xml),
        codigo_seguridad=result.codigo_seguridad,
        sha256=result.sha256,
        rfce=_encode(result.rfce) if result.rfce else None,
    )


def _sign_semilla(body: SignIn, caller: ServiceClaims, shell: Shell[Keys]) -> SignOut:
    with shell.transaction(caller.tenant) as tx:
        facts = store.facts(tx, certificate_id=body.certificate_id)
    certificate = domain.check_semilla(body.xml, facts, now=datetime.now(UTC))
    signed = domain.sign_semilla(body.xml, shell.outside.get(certificate.secret_name))
    digest = hashlib.sha256(signed.xml).hexdigest()
    _log(shell, body, caller, digest, None)
    return SignOut(xml=_encode(signed.xml), codigo_seguridad=signed.codigo_seguridad, sha256=digest)


_PURPOSES = {"ecf": _sign_ecf, "semilla": _sign_semilla}


def _log(shell: Shell[Keys], body: SignIn, caller: ServiceClaims, signed_sha256: str, encf: str | None) -> None:
    with shell.transaction(caller.tenant) as tx:
        store.log(
            tx,
            signature_id=uuid7(),
            caller=caller.caller,
            purpose=body.purpose,
            certificate_id=body.certificate_id,
            encf=encf,
            unsigned_sha256=hashlib.sha256(body.xml).hexdigest(),
            signed_sha256=signed_sha256,
        )


def _encode(xml: bytes) -> str:
    return base64.b64encode(xml).decode("ascii")


def on_company_created(shell: Shell[Keys], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
    store.remember_company(tx, event)


def on_standing(shell: Shell[Keys], tx: Transaction, event: CompanyStanding, envelope: Envelope) -> None:
    store.set_standing(tx, event.estado, since=envelope.time, version=envelope.sequence)


def on_certificate_registered(shell: Shell[Keys], tx: Transaction, event: CertificateRegistered, envelope: Envelope) -> None:
    store.remember_certificate(tx, event)


def on_sequence_registered(shell: Shell[Keys], tx: Transaction, event: SequenceRegistered, envelope: Envelope) -> None:
    store.remember_range(tx, event)


CALLERS = Functions(frozenset({"billing", "dgii", "receiver", "approvals"}))

ROUTES = [Route("POST", "/sign/xml", sign, CALLERS, summary="Sign a document that sign itself has re-validated")]

EVENTS: Events = {
    CompanyCreated: on_company_created,
    CompanySuspended: on_standing,
    CompanyResumed: on_standing,
    CompanySealed: on_standing,
    CertificateRegistered: on_certificate_registered,
    SequenceRegistered: on_sequence_registered,
}
