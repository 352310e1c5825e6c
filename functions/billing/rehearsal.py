"""Validate only: an emission up to the point where something would happen, read-only, with the fee asked at plans."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from functions.billing import domain, drafts, numbers, store
from functions.billing.gateway import Fee, Outside
from shared.db.engine import Transaction
from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.document import Document
from shared.ecf.findings import Finding, Verdict
from shared.ecf.qr import address
from shared.ecf.types import Environment
from shared.errors import InvalidInput
from shared.http.shell import Shell

_ASSIGNED_LATER = re.compile(r"\b(FechaFirma|CodigoSeguridad)=[^&]*")


@dataclass(frozen=True)
class Rehearsal:
    """`emits`: a real emission would number and sign it now; only then there is a number, an address and a fee.

    `document` has its number and no signing time; in `qr_url` signing time and security code are blank.
    """

    verdict: str
    emits: bool
    document: Document
    findings: tuple[Finding, ...]
    qr_url: str | None
    fee: Fee | None


def rehearse(shell: Shell[Outside], *, tenant: str, payload: object, strict: bool, lease: str | None = None) -> Rehearsal:
    """What an emission of the same body would do now. It refuses as that would for every reason but the document's own findings.

    InvalidInput for a body that cannot be read; SequenceMissing, CertificateExpired and their like as an emission.
    """
    now = datetime.now(UTC)
    local = now.astimezone(SANTO_DOMINGO)
    reading = partial(_reading, shell, tenant)
    with reading() as tx:
        company, certificates, _ = store.situation(tx, key="")
    company = domain.refuse_unless_issuing(company)
    draft = drafts.examine(reading, company, payload, local.date())
    try:
        domain.refuse(draft.findings, strict=strict)
    except InvalidInput:
        return Rehearsal(_verdict(draft.findings), False, draft.document, draft.findings, None, None)
    domain.choose_certificate(certificates, now)
    wanted = drafts.wanted(draft, local.date(), lease)
    with reading() as tx:
        number = numbers.coming(tx, wanted)
        if number is None:
            raise numbers.refusal(tx, wanted)
    document, _ = drafts.composed(draft, number, local.replace(microsecond=0), shell.outside.schema_folder)
    preview = _ASSIGNED_LATER.sub(r"\1=", address(Environment(company.environment), document, "------"))
    unsigned = Document(document.kind, {name: held for name, held in document.tree.items() if name != "fecha_hora_firma"})
    fee = shell.outside.plans.fee(document.monto_total, tenant=tenant)
    return Rehearsal(_verdict(draft.findings), True, unsigned, draft.findings, preview, fee)


@contextmanager
def _reading(shell: Shell[Outside], tenant: str) -> Iterator[Transaction]:
    with shell.transaction(tenant) as tx:
        store.only_read(tx)
        yield tx


def _verdict(findings: tuple[Finding, ...]) -> str:
    verdicts = {finding.verdict for finding in findings}
    return next((v.value for v in (Verdict.REFUSED, Verdict.CONDITIONAL) if v in verdicts), "aceptado")
