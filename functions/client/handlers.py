"""The tenant's door to its certificates."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, File, Form, Query, UploadFile

from functions.client import domain, store
from functions.client.gateway import Vault
from functions.client.schemas import CertificateList, CertificateOut
from shared.db.engine import Record
from shared.db.ids import uuid7
from shared.errors import TooLarge
from shared.events.catalogue import CertificateRegistered
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

House = Annotated[Shell[Vault], Depends(shell_of)]
LARGEST_P12 = 64 * 1024


def upload(
    p12: Annotated[UploadFile, File()], password: Annotated[str, Form(max_length=256)], caller: Caller, shell: House
) -> CertificateOut:
    content = p12.file.read(LARGEST_P12 + 1)
    if len(content) > LARGEST_P12:
        raise TooLarge(limit=LARGEST_P12)
    certificate = shell.outside.open(content, password)
    certificate.check(datetime.now(UTC))
    certificate_id = uuid7()
    name = domain.secret_name(caller.tenant, certificate_id)
    shell.outside.store(name, certificate, tenant=caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        row = store.insert(tx, certificate_id, certificate, secret_name=name, uploaded_by=caller.user)
        registered = CertificateRegistered(
            certificate_id=certificate_id,
            holder_name=certificate.holder_name,
            holder_id=certificate.holder_id,
            serial_number=certificate.serial_number,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            certificate_pem=certificate.certificate_pem,
            secret_name=name,
        )
        shell.announce(tx, registered, subject=certificate_id)
    return _out(row)


def listing(
    caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> CertificateList:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = store.page(tx, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return CertificateList(items=[_out(row) for row in rows[:limit]], next=following)


def _out(row: Record) -> CertificateOut:
    times = {name: getattr(row, name).isoformat() for name in ("not_before", "not_after", "created_at")}
    return CertificateOut(**{**row._mapping, **times})


ROUTES = [
    Route("POST", "/tenant/certificates", upload, Permission.CERTIFICATES_WRITE, status=201, summary="Upload a P12"),
    Route("GET", "/tenant/certificates", listing, Permission.CERTIFICATES_READ, summary="Certificates, newest first"),
]
