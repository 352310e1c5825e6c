"""From the body of an emission to a document ready for its number: read, computed, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.ecf.amounts import compute
from shared.ecf.document import Document, parse
from shared.ecf.findings import Finding, Verdict
from shared.ecf.rules import check
from shared.ecf.types import TipoECF
from shared.errors import InvalidInput


@dataclass(frozen=True)
class Draft:
    """A document without e-NCF that DGII should accept, and what was found on the way (no finding with verdict REFUSED)."""

    document: Document
    findings: tuple[Finding, ...]

    @property
    def tipo(self) -> TipoECF:
        return self.document.tipo

    @property
    def monto_total(self) -> Decimal:
        return self.document.monto_total


def prepare(payload: object, *, emisor: Mapping[str, object], today: date, strict: bool = False) -> Draft:
    """The draft of a body; InvalidInput lists everything that cannot be read or that DGII would refuse.

    What DGII would accept conditionally, or with a doubt, is in `findings`; a `strict` caller has the conditional refused too.
    """
    document, found = compute(parse(payload, emisor=emisor, today=today))
    findings = found + check(document, today=today)
    stopping = {Verdict.REFUSED, Verdict.CONDITIONAL} if strict else {Verdict.REFUSED}
    refused = [one.fault for one in findings if one.verdict in stopping]
    if refused:
        raise InvalidInput(*refused)
    return Draft(document, findings)
