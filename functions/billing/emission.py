"""One emission: check everything, take a number with the unsigned bytes, sign, store the final bytes and announce them.

Two short transactions with the signer's answer between them. Whoever stops after the first leaves a work row that is due
in thirty seconds: a retry with the same key or the sweep continues with the same e-NCF, and the first to store wins.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from functions.billing import contingency, domain, drafts, forecast, holding, notes, numbers, papers, remission, store, waiting
from functions.billing.domain import Estado, Invoice, Step
from functions.billing.gateway import Outside
from functions.billing.remission import Modalidad
from shared.db.ids import uuid7
from shared.ecf.clock import SANTO_DOMINGO, fiscal_day
from shared.ecf.document import Document
from shared.ecf.gate import parse
from shared.ecf.qr import address
from shared.ecf.schema import identity
from shared.ecf.types import Environment
from shared.ecf.xml import read
from shared.errors import Unavailable
from shared.http.shell import Shell
from shared.signer.client import SigningRefused

FINISH = "finish"
"""The kind of the work row that finishes an emission nobody finished."""


@dataclass(frozen=True)
class Emitted:
    """`replayed`: the key was used before with the same body, and this is what it stands for."""

    invoice: Invoice
    replayed: bool


def emit(
    shell: Shell[Outside],
    *,
    tenant: str,
    user: str,
    key: str,
    payload: object,
    strict: bool = False,
    patient: bool = False,
    lease: str | None = None,
) -> Emitted:
    """From the body of `POST /tenant/emit/ecf` to an invoice, signed if the signer answered. Nothing is numbered on a refusal.

    `strict`: what DGII would accept only conditionally is refused too, instead of being emitted with its findings.
    `lease`: the number comes out of this leased sub-range.
    `patient`: a note whose original has no verdict yet is `drafts.OriginalPending` (with `invoice_id`), instead of a warning.
    """
    now = datetime.now(UTC)
    request_hash = domain.request_hash(payload)
    with shell.transaction(tenant) as tx:
        company, certificates, attempt = store.situation(tx, key)
    if attempt is not None and attempt.request_hash != request_hash:
        raise domain.IdempotencyKeyReused
    if attempt is not None and attempt.state != "refused":
        return _again(shell, tenant, key, attempt)
    company = domain.refuse_unless_issuing(company)
    today = fiscal_day(now)
    draft = drafts.examine(partial(shell.transaction, tenant), company, payload, today)
    domain.refuse(draft.findings, strict=strict)
    if patient and draft.pending is not None:
        raise drafts.OriginalPending(invoice_id=draft.pending)
    certificate = domain.choose_certificate(certificates, now)
    invoice, xml, document = _number(shell, tenant, user, key, request_hash, company, certificate, draft, lease, now)
    return Emitted(_let_go(shell, tenant, _sign_and_store(shell, tenant, invoice, xml, document)), replayed=False)


def finish(shell: Shell[Outside], tenant: str, invoice_id: str) -> Invoice | None:
    """Continue an emission that has its number: sign the stored bytes and store the result. None: no such invoice."""
    with shell.transaction(tenant) as tx:
        invoice = store.find(tx, invoice_id)
        if invoice is None or invoice.estado is not Estado.NUMERADO:
            return invoice
        xml = store.unsigned_xml(tx, invoice_id)
    try:
        return _sign_and_store(shell, tenant, invoice, xml, read(parse(xml)))
    except SigningRefused:
        with shell.transaction(tenant) as tx:
            return store.find(tx, invoice_id)


def _again(shell: Shell[Outside], tenant: str, key: str, attempt: domain.Attempt) -> Emitted:
    if attempt.state == "open" and attempt.lease_left > 0:
        raise domain.EmissionInProgress(retry_after=attempt.lease_left)
    if attempt.state == "open":
        with shell.transaction(tenant) as tx:
            if not store.continue_attempt(tx, key, domain.LEASE):
                raise domain.EmissionInProgress(retry_after=1)
        continued = finish(shell, tenant, attempt.invoice_id)
    else:
        with shell.transaction(tenant) as tx:
            continued = store.find(tx, attempt.invoice_id)
    if continued is None:
        raise domain.EmissionInProgress(retry_after=1)
    return Emitted(_let_go(shell, tenant, continued), replayed=True)


def _let_go(shell: Shell[Outside], tenant: str, invoice: Invoice) -> Invoice:
    """The signer did not answer: nobody works on the document now, so a retry or the sweep may continue it soon."""
    if invoice.estado is Estado.NUMERADO:
        with shell.transaction(tenant) as tx:
            store.release_attempt(tx, invoice.id)
            shell.work.bring_forward(tx, FINISH, invoice.id, domain.SOON)
    return invoice


def _number(
    shell: Shell[Outside],
    tenant: str,
    user: str,
    key: str,
    request_hash: str,
    company: domain.Company,
    certificate: domain.Certificate,
    draft: drafts.Draft,
    lease: str | None,
    now: datetime,
) -> tuple[Invoice, bytes, Document]:
    invoice_id, today = uuid7(), fiscal_day(now)
    firma = now.astimezone(SANTO_DOMINGO).replace(microsecond=0)
    wanted = drafts.wanted(draft, today, lease)
    with shell.transaction(tenant) as tx:
        domain.refuse(notes.judge(tx, draft.document, lock=True).findings, strict=False)
        ours, number = numbers.take(tx, wanted, key=key, request_hash=request_hash, invoice_id=invoice_id, lease=domain.LEASE)
        if not ours:
            raise domain.EmissionInProgress(retry_after=1)
        if number is None:
            raise numbers.refusal(tx, wanted)
        document, xml = drafts.composed(draft, number, firma, shell.outside.schema_folder)
        judged_by = identity(document.kind, shell.outside.schema_folder)
        code = document.text("informacion_referencia", "codigo_modificacion")
        terms = remission.deferred(firma) if drafts.is_deferred(document) else None
        invoice = store.insert(
            tx,
            id=invoice_id,
            environment=company.environment,
            rnc_emisor=company.rnc,
            tipo_ecf=int(wanted.tipo_ecf),
            secuencia=number.secuencia,
            intento=number.intento,
            encf=str(document.encf),
            sequence_id=number.sequence_id,
            rnc_comprador=document.rnc_comprador,
            razon_social_comprador=document.razon_social_comprador,
            fecha_emision=document.fecha_emision,
            fecha_hora_firma=firma,
            monto_total=document.monto_total,
            certificate_id=certificate.id,
            unsigned_xml=xml,
            ncf_modificado=notes.modified(document),
            codigo_modificacion=int(code) if code else None,
            schema_version=judged_by.version,
            schema_sha256=judged_by.sha256,
            sucursal=wanted.sucursal,
            modalidad=terms.modalidad if terms else Modalidad.NORMAL,
            remitir_hasta=terms.remitir_hasta if terms else None,
            remind_at=terms.remind_at if terms else None,
            avisos=json.dumps(domain.avisos(draft.findings), ensure_ascii=False),
            created_by=user,
        )
        if invoice.ncf_modificado and code == str(contingency.REPLACES):
            papers.replace(tx, invoice.ncf_modificado, invoice_id)
        if number.low:
            forecast.crossed(shell, tx, number.sequence_id, today)
        shell.work.add(tx, FINISH, invoice_id, delay=domain.LEASE)
    return invoice, xml, document


def _sign_and_store(shell: Shell[Outside], tenant: str, invoice: Invoice, xml: bytes, document: Document) -> Invoice:
    try:
        signed = shell.outside.signer.sign(xml, tenant=tenant, certificate_id=invoice.certificate_id, purpose="ecf")
    except SigningRefused as refusal:
        _give_back(shell, tenant, invoice, refusal)
        raise
    except Unavailable:
        # The number and its bytes are stored and the work row is due soon: the caller may go on.
        return invoice
    qr_url = address(Environment(invoice.environment), document, signed.codigo_seguridad)
    with shell.transaction(tenant) as tx:
        stored = store.move(
            tx,
            invoice.id,
            Step.SIGN,
            key_state="done",
            signed_xml=signed.xml,
            rfce_xml=signed.rfce,
            sha256=signed.sha256,
            codigo_seguridad=signed.codigo_seguridad,
            qr_url=qr_url,
        )
        if stored is not None:
            shell.work.settle(tx, FINISH, invoice.id)
            if waiting.must_wait(tx, stored):
                waiting.hold(shell.work, tx, stored)
            else:
                stored = holding.go_out(shell, tx, stored, xml=signed.xml, rfce=signed.rfce, sha256=signed.sha256)
        else:
            stored = store.find(tx, invoice.id)
    return stored or invoice


def _give_back(shell: Shell[Outside], tenant: str, invoice: Invoice, refusal: SigningRefused) -> None:
    with shell.transaction(tenant) as tx:
        if store.move(tx, invoice.id, Step.REFUSE, key_state="refused", detail={"reason": str(refusal.facts.get("reason"))}):
            store.return_number(tx, invoice.id)
            shell.work.settle(tx, FINISH, invoice.id)
