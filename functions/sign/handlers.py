"""Functions' door to the keys, and the events that keep sign's read copies."""

import base64
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import Depends

from functions.sign import domain, store
from functions.sign.gateway import Outside
from functions.sign.schemas import SignIn, SignOut, ValidateIn, ValidateOut
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.ecf.encf import ENCF
from shared.events.catalogue import CertificateRegistered, CompanyCreated, SequenceRegistered
from shared.events.certificates import CertificateRevoked, SignerAuthorised, SignerWithdrawn
from shared.events.companies import CompanyResumed, CompanySealed, CompanyStanding, CompanySuspended
from shared.events.envelope import Envelope
from shared.http.events import Events
from shared.http.routes import Functions, Route, ServiceCaller, shell_of
from shared.http.shell import Shell
from shared.identity.tokens import ServiceClaims

House = Annotated[Shell[Outside], Depends(shell_of)]


@dataclass(frozen=True)
class Purpose:
    """Who may ask for it, and how it is re-validated and signed."""

    callers: frozenset[str]
    act: Callable[[SignIn, ServiceClaims, Shell[Outside]], SignOut]


def sign(body: SignIn, caller: ServiceCaller, shell: House) -> SignOut:
    purpose = PURPOSES[body.purpose]
    if caller.purpose != body.purpose or caller.caller not in purpose.callers:
        raise domain.PurposeRefused
    return purpose.act(body, caller, shell)


def _sign_ecf(body: SignIn, caller: ServiceClaims, shell: Shell[Outside]) -> SignOut:
    document = domain.read_document(body.xml, *domain.ECF, schemas=shell.outside.schema_folder)
    certificate = domain.check(document, _facts(body, caller, shell, encf=document.encf))
    result = domain.sign_ecf(body.xml, document, _with(shell, certificate.secret_name))
    return _signed(shell, body, caller, result.whole, encf=result.encf, rfce=result.rfce)


def _sign_rfce(body: SignIn, caller: ServiceClaims, shell: Shell[Outside]) -> SignOut:
    document = domain.read_document(body.xml, "RFCE", schemas=shell.outside.schema_folder)
    facts = _facts(body, caller, shell, encf=document.encf)
    return _sign_plain(shell, body, caller, domain.check_rfce(document, facts, now=datetime.now(UTC)), str(document.encf))


def _sign_companion(kind: str) -> Callable[[SignIn, ServiceClaims, Shell[Outside]], SignOut]:
    def act(body: SignIn, caller: ServiceClaims, shell: Shell[Outside]) -> SignOut:
        document = domain.read_document(body.xml, kind, schemas=shell.outside.schema_folder)
        tipos = {first.tipo for first, _ in domain.voided(document)} if kind == "ANECF" else set()
        facts = _facts(body, caller, shell, tipos=tipos)
        return _sign_plain(shell, body, caller, domain.check_companion(document, facts, now=datetime.now(UTC)), None)

    return act


def _sign_semilla(body: SignIn, caller: ServiceClaims, shell: Shell[Outside]) -> SignOut:
    certificate = domain.check_semilla(body.xml, _facts(body, caller, shell), now=datetime.now(UTC))
    return _sign_plain(shell, body, caller, certificate, None)


def validate(body: ValidateIn, caller: ServiceCaller, shell: House) -> ValidateOut:
    if caller.purpose != "certificate":
        raise domain.PurposeRefused
    name = domain.secret_name(caller.tenant, body.certificate_id)
    signed = domain.probe(_with(shell, name), fingerprint=body.fingerprint)
    _log(shell, caller, body.certificate_id, "certificate", domain.PROBE, signed, None)
    return ValidateOut(fingerprint=body.fingerprint)


def _facts(
    body: SignIn, caller: ServiceClaims, shell: Shell[Outside], *, encf: ENCF | None = None, tipos: Collection[int] = ()
) -> domain.Facts:
    with shell.transaction(caller.tenant) as tx:
        return store.facts(tx, certificate_id=body.certificate_id, encf=encf, tipos=tipos)


def _sign_plain(
    shell: Shell[Outside], body: SignIn, caller: ServiceClaims, certificate: domain.Certificate, encf: str | None
) -> SignOut:
    return _signed(shell, body, caller, shell.outside.signers.sign(certificate.secret_name, body.xml), encf=encf)


def _with(shell: Shell[Outside], secret_name: str) -> domain.Sign:
    return partial(shell.outside.signers.sign, secret_name)


def _signed(
    shell: Shell[Outside],
    body: SignIn,
    caller: ServiceClaims,
    signed: domain.Made,
    *,
    encf: str | None = None,
    rfce: bytes | None = None,
) -> SignOut:
    digest = _log(shell, caller, body.certificate_id, body.purpose, body.xml, signed, encf)
    return SignOut(
        xml=_encode(signed.xml),
        codigo_seguridad=signed.codigo_seguridad,
        sha256=digest,
        rfce=_encode(rfce) if rfce else None,
    )


def _log(
    shell: Shell[Outside],
    caller: ServiceClaims,
    certificate_id: str,
    purpose: str,
    unsigned: bytes,
    signed: domain.Made,
    encf: str | None,
) -> str:
    """The hash of what was signed."""
    digest = hashlib.sha256(signed.xml).hexdigest()
    with shell.transaction(caller.tenant) as tx:
        store.log(
            tx,
            signature_id=uuid7(),
            caller=caller.caller,
            purpose=purpose,
            certificate_id=certificate_id,
            encf=encf,
            unsigned_sha256=hashlib.sha256(unsigned).hexdigest(),
            signed_sha256=digest,
            codigo_seguridad=signed.codigo_seguridad,
        )
    return digest


def _encode(xml: bytes) -> str:
    return base64.b64encode(xml).decode("ascii")


def on_company_created(shell: Shell[Outside], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
    store.remember_company(tx, event)


def on_standing(shell: Shell[Outside], tx: Transaction, event: CompanyStanding, envelope: Envelope) -> None:
    store.set_standing(tx, event.estado, since=envelope.time, version=envelope.sequence)


def on_certificate_registered(shell: Shell[Outside], tx: Transaction, event: CertificateRegistered, envelope: Envelope) -> None:
    store.remember_certificate(tx, event)


def on_sequence_registered(shell: Shell[Outside], tx: Transaction, event: SequenceRegistered, envelope: Envelope) -> None:
    store.remember_range(tx, event)


def on_certificate_revoked(shell: Shell[Outside], tx: Transaction, event: CertificateRevoked, envelope: Envelope) -> None:
    store.revoke_certificate(tx, event.certificate_id, at=event.revoked_at)


def on_signer_authorised(shell: Shell[Outside], tx: Transaction, event: SignerAuthorised, envelope: Envelope) -> None:
    store.remember_signer(tx, event.cedula, authorised=True, version=envelope.sequence)


def on_signer_withdrawn(shell: Shell[Outside], tx: Transaction, event: SignerWithdrawn, envelope: Envelope) -> None:
    store.remember_signer(tx, event.cedula, authorised=False, version=envelope.sequence)


PURPOSES = {
    "ecf": Purpose(frozenset({"billing"}), _sign_ecf),
    "rfce": Purpose(frozenset({"billing", "dgii"}), _sign_rfce),
    "anecf": Purpose(frozenset({"billing"}), _sign_companion("ANECF")),
    "arecf": Purpose(frozenset({"receiver"}), _sign_companion("ARECF")),
    "acecf": Purpose(frozenset({"approvals"}), _sign_companion("ACECF")),
    "semilla": Purpose(frozenset({"dgii", "receiver", "approvals"}), _sign_semilla),
}
CALLERS = Functions(frozenset().union(*(purpose.callers for purpose in PURPOSES.values())))

ROUTES = [
    Route("POST", "/sign/xml", sign, CALLERS, summary="Sign a document that sign itself has re-validated"),
    Route(
        "POST",
        "/sign/certificate/validate",
        validate,
        Functions(frozenset({"client"})),
        summary="Try a stored key out: it opens, is the certificate's, and its signature verifies",
    ),
]

EVENTS: Events = {
    CompanyCreated: on_company_created,
    CompanySuspended: on_standing,
    CompanyResumed: on_standing,
    CompanySealed: on_standing,
    CertificateRegistered: on_certificate_registered,
    CertificateRevoked: on_certificate_revoked,
    SignerAuthorised: on_signer_authorised,
    SignerWithdrawn: on_signer_withdrawn,
    SequenceRegistered: on_sequence_registered,
}
