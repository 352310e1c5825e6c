"""The tenant's doors to its certificates and its signers, and the alerts before a certificate ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Form, Query

from functions.client import closing, domain, store
from functions.client.closing import EXPIRY
from functions.client.gateway import Vault, evenly_refused
from functions.client.schemas import (
    CertificateDetail,
    CertificateList,
    CertificateOut,
    Link,
    RevocationIn,
    SignerIn,
    SignerList,
    SignerOut,
    UploadIn,
)
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.errors import NotFound, TooLarge
from shared.events.catalogue import CertificateRegistered
from shared.events.certificates import (
    CertificateExpiring,
    CertificateRefused,
    CertificateRevoked,
    SignerAuthorised,
    SignerWithdrawn,
)
from shared.events.companies import CompanySealed
from shared.flow.work import Job
from shared.http.events import Events
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.http.work import Jobs
from shared.identity.permissions import Permission
from shared.identity.standing import NotOnceSealed

House = Annotated[Shell[Vault], Depends(shell_of)]
Limit = Annotated[int, Query(ge=1, le=200)]
LARGEST_P12 = 64 * 1024


def upload(form: Annotated[UploadIn, Form(media_type="multipart/form-data")], caller: Caller, shell: House) -> CertificateOut:
    content = form.p12.file.read(LARGEST_P12 + 1)
    if len(content) > LARGEST_P12:
        raise TooLarge(limit=LARGEST_P12)
    upload_id, certificate_id = uuid7(), uuid7()
    with shell.transaction(caller.tenant) as tx:
        wait = store.take_upload(tx, upload_id, by=caller.user)
    if wait is not None:
        raise domain.UploadsExhausted(retry_after=wait)
    with evenly_refused(_tell_refusal(shell, caller.tenant, upload_id, caller.user)):
        certificate = shell.outside.open(content, form.password)
        certificate.check(now := datetime.now(UTC))
        starts = certificate.starts(form.active_from, now)
        with shell.transaction(caller.tenant) as tx:
            _admit(tx, certificate, confirmed=form.confirm_holder)
        name = domain.secret_name(caller.tenant, certificate_id)
        shell.outside.store(name, certificate, tenant=caller.tenant)
        shell.outside.try_out(certificate_id, certificate, tenant=caller.tenant)
        with shell.transaction(caller.tenant) as tx:
            if _admit(tx, certificate, confirmed=form.confirm_holder):
                _authorise(shell, tx, cedula=certificate.cedula, name=certificate.holder_name, by=caller.user)
            store.insert(tx, certificate_id, certificate, active_from=starts, secret_name=name, uploaded_by=caller.user)
            registered = CertificateRegistered(
                certificate_id=certificate_id,
                holder_name=certificate.holder_name,
                holder_id=certificate.holder_id,
                serial_number=certificate.serial_number,
                not_before=certificate.not_before,
                not_after=certificate.not_after,
                certificate_pem=certificate.certificate_pem,
                secret_name=name,
                active_from=starts.isoformat(),
            )
            shell.announce(tx, registered, subject=certificate_id)
            first = datetime.fromisoformat(certificate.not_after) - timedelta(days=max(domain.ALERT_DAYS))
            shell.work.add(tx, EXPIRY, certificate_id, delay=max(first - now, timedelta()))
            return _out(_found(tx, certificate_id))


def _tell_refusal(shell: Shell[Vault], tenant: str, upload_id: str, by: str) -> Callable[[str], None]:
    def tell(code: str) -> None:
        with shell.transaction(tenant) as tx:
            shell.announce(tx, CertificateRefused(code=code, by=by), subject=upload_id)

    return tell


def _admit(tx: Transaction, certificate: domain.Certificate, *, confirmed: bool) -> bool:
    """Whether the holder is to become the company's first signer.

    HolderNotAuthorised, CertificatesFull, NotOnceSealed when it may not be."""
    store.lock_signers(tx)
    if store.is_sealed(tx):
        raise NotOnceSealed
    signer = store.holder(tx, certificate.cedula)
    first = confirmed and signer is None and not store.has_signers(tx)
    if not first and not (signer and signer.authorised):
        raise domain.HolderNotAuthorised(holder=certificate.holder_name, cedula=certificate.cedula)
    if store.live(tx).live >= domain.MOST_LIVE:
        raise domain.CertificatesFull(limit=domain.MOST_LIVE)
    return first


def listing(caller: Caller, shell: House, limit: Limit = 50, cursor: str | None = None) -> CertificateList:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = store.page(tx, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return CertificateList(items=[_out(row) for row in rows[:limit]], next=following)


def detail(certificate_id: str, caller: Caller, shell: House) -> CertificateDetail:
    with shell.transaction(caller.tenant) as tx:
        return _detail(_found(tx, certificate_id))


def revoke(certificate_id: str, body: RevocationIn, caller: Caller, shell: House) -> CertificateDetail:
    with shell.transaction(caller.tenant) as tx:
        _found(tx, certificate_id)
        moment = store.revoke(tx, certificate_id, by=caller.user, reason=body.reason)
        if moment is None:
            raise domain.CertificateGone
        told = CertificateRevoked(certificate_id=certificate_id, revoked_at=moment.isoformat(), reason=body.reason, by=caller.user)
        shell.announce(tx, told, subject=certificate_id, sequence=2)
        shell.work.settle(tx, EXPIRY, certificate_id)
        return _detail(_found(tx, certificate_id))


def signers(caller: Caller, shell: House, limit: Limit = 50, cursor: str | None = None) -> SignerList:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = store.signers(tx, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return SignerList(items=[_signer(row) for row in rows[:limit]], next=following)


def authorise(body: SignerIn, caller: Caller, shell: House) -> SignerOut:
    with shell.transaction(caller.tenant) as tx:
        store.lock_signers(tx)
        known = store.holder(tx, body.cedula)
        if known and known.authorised and known.name == body.name:
            return _signer(known)
        return _signer(_authorise(shell, tx, cedula=body.cedula, name=body.name, by=caller.user))


def withdraw(signer_id: str, caller: Caller, shell: House) -> SignerOut:
    with shell.transaction(caller.tenant) as tx:
        row = store.withdraw(tx, signer_id, by=caller.user)
        if row is None:
            raise NotFound
        told = SignerWithdrawn(cedula=row.cedula, by=caller.user)
        shell.announce(tx, told, subject=row.id, sequence=row.version)
        return _signer(row)


def _authorise(shell: Shell[Vault], tx: Transaction, *, cedula: str, name: str, by: str) -> Record:
    row = store.authorise(tx, uuid7(), cedula=cedula, name=name, by=by)
    shell.announce(tx, SignerAuthorised(cedula=cedula, by=by), subject=row.id, sequence=row.version)
    return row


def warn(shell: Shell[Vault], job: Job) -> None:
    """Announce the alert that is due and come back for the next; a machine that slept through some gives the last one only."""
    now = datetime.now(UTC)
    with shell.transaction(job.tenant) as tx:
        row = store.find(tx, job.key)
        if row is None or row.revoked_at is not None:
            shell.work.finish(tx, job)
            return
        payload, days = dict(job.payload), domain.alert(row.not_after, now, job.payload.get("announced"))
        if days is not None:
            told = CertificateExpiring(
                certificate_id=row.id,
                holder_name=row.holder_name,
                days_left=days,
                not_after=row.not_after.isoformat(),
                replaced=store.live(tx).latest > row.not_after,
            )
            shell.announce(tx, told, subject=row.id, sequence=job.attempts)
            payload["announced"] = days
        following = domain.next_alert(row.not_after, now)
        if following is None:
            shell.work.finish(tx, job)
        else:
            shell.work.postpone(tx, job, following - now, payload=payload)


def _found(tx: Transaction, certificate_id: str) -> Record:
    row = store.find(tx, certificate_id)
    if row is None:
        raise NotFound
    return row


def _facts(row: Record) -> dict[str, object]:
    times = {name: getattr(row, name).isoformat() for name in ("not_before", "not_after", "active_from", "created_at")}
    left = max(0, domain.days_left(row.not_after, datetime.now(UTC)))
    return {**row._mapping, **times, "days_left": left}


def _out(row: Record) -> CertificateOut:
    facts = _facts(row)
    return CertificateOut.model_validate({name: facts[name] for name in CertificateOut.model_fields})


def _detail(row: Record) -> CertificateDetail:
    revoked = row.revoked_at and row.revoked_at.isoformat()
    chain = [Link(**one) for one in row.chain]
    return CertificateDetail.model_validate({**_facts(row), "chain": chain, "revoked_at": revoked})


def _signer(row: Record) -> SignerOut:
    facts = {**row._mapping, "changed_at": row.changed_at.isoformat()}
    return SignerOut.model_validate({name: facts[name] for name in SignerOut.model_fields})


_READ, _WRITE = Permission.CERTIFICATES_READ, Permission.CERTIFICATES_WRITE
_CERTIFICATE = "/tenant/certificates/{certificate_id}"

ROUTES = [
    Route("POST", "/tenant/certificates", upload, _WRITE, status=201, summary="Upload a P12"),
    Route("GET", "/tenant/certificates", listing, _READ, summary="Certificates, newest first"),
    Route("GET", _CERTIFICATE, detail, _READ, summary="One certificate with its chain"),
    Route("POST", _CERTIFICATE + "/revoke", revoke, _WRITE, summary="Sign nothing more with a certificate"),
    Route("GET", "/tenant/signers", signers, _READ, summary="Who may sign for the company"),
    Route("POST", "/tenant/signers", authorise, _WRITE, status=201, summary="Let a person sign for the company"),
    Route("DELETE", "/tenant/signers/{signer_id}", withdraw, _WRITE, summary="Let a person sign no longer"),
]

EVENTS: Events = {CompanySealed: closing.on_sealed}

JOBS: Jobs = {EXPIRY: warn, closing.DESTROY: closing.destroy}
