"""From a body to a document that could be emitted: read, computed, checked, held against its original, written with a number."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from functions.billing import domain, notes
from functions.billing.ranges import Number, Wanted
from shared.db.engine import Transaction
from shared.ecf.amounts import compute
from shared.ecf.document import Document
from shared.ecf.document import parse as read_body
from shared.ecf.encf import ENCF
from shared.ecf.findings import Finding, Verdict
from shared.ecf.gate import parse
from shared.ecf.rules import check
from shared.ecf.schema import faults
from shared.ecf.xml import write
from shared.errors import Conflict, FieldError, InvalidInput

_DEFERRED = "ECF-1020"


class OriginalPending(Conflict):
    """DGII has not spoken yet about the document that a note modifies, and the caller would rather wait."""

    slug = "original-pending"


@dataclass(frozen=True)
class Draft:
    """A document that could be read: computed, checked, not refused yet. `pending` is an original of ours without a verdict."""

    document: Document
    findings: tuple[Finding, ...]
    pending: str | None


def examine(
    reading: Callable[[], AbstractContextManager[Transaction]], company: domain.Company, payload: object, today: date
) -> Draft:
    """Everything that is found in a body before anything is done; InvalidInput only for what cannot be read."""
    document, found = compute(read_body(payload, emisor=company.emisor, today=today))
    findings = _deferral(found + check(document, today=today), company, today)
    if notes.modified(document) is None:
        return Draft(document, findings, None)
    with reading() as tx:
        judgement = notes.judge(tx, document)
    return Draft(document, findings + judgement.findings, judgement.pending)


def _deferral(findings: tuple[Finding, ...], company: domain.Company, today: date) -> tuple[Finding, ...]:
    """The law has a doubt about every document that is sent later; here it is known whether DGII lets this issuer."""
    if company.may_defer(today):
        return tuple(one for one in findings if one.code != _DEFERRED)
    return tuple(replace(one, verdict=Verdict.REFUSED) if one.code == _DEFERRED else one for one in findings)


def is_deferred(document: Document) -> bool:
    """Whether it says that it is sent later (IndicadorEnvioDiferido)."""
    return document.text("id_doc", "indicador_envio_diferido") == "1"


def wanted(draft: Draft, today: date, lease: str | None) -> Wanted:
    """What the document asks a number for; its branch is the one it names itself."""
    return Wanted(draft.document.tipo, today, draft.document.text("emisor", "sucursal"), lease)


def composed(draft: Draft, number: Number, firma: datetime, schemas: Path | None) -> tuple[Document, bytes]:
    """The document with its number and the unsigned bytes, which its schema (of that folder) accepts."""
    encf = ENCF(draft.document.tipo, number.secuencia)
    document = draft.document.numbered(encf, vencimiento=number.vencimiento, firma=firma)
    xml = write(document)
    wrong = faults(parse(xml), document.kind, schemas)
    if wrong:
        raise InvalidInput(*(FieldError(fault.path, "schema", fault.detail) for fault in wrong))
    return document, xml
