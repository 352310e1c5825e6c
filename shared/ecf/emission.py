"""From the body of an emission to a document ready for its number: read, computed, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.ecf.amounts import compute
from shared.ecf.codes import fault
from shared.ecf.document import Document, parse
from shared.ecf.findings import Finding, Verdict
from shared.ecf.intake import opened
from shared.ecf.rules import check
from shared.ecf.types import TipoECF
from shared.errors import FieldError, InvalidInput

ISSUED = (TipoECF.CREDITO_FISCAL, TipoECF.CONSUMO)


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


def prepare(payload: object, *, emisor: Mapping[str, object], today: date, lenient: bool = False) -> Draft:
    """The draft of a body; InvalidInput lists everything that cannot be read or that DGII would refuse.

    What DGII would only accept conditionally is refused too, unless the caller is `lenient` about it: then it is in
    `findings`, as everything that DGII would accept with a doubt always is.
    """
    kind, _ = opened(payload)
    if int(kind) not in ISSUED:
        allowed = " y ".join(f"{tipo:d}" for tipo in ISSUED)
        raise InvalidInput(fault("ECF-0004", "/tipo_ecf", value=kind, allowed=allowed))
    document, found = compute(parse(payload, emisor=emisor, today=today))
    findings = found + check(document, today=today)
    stopping = {Verdict.REFUSED} if lenient else {Verdict.REFUSED, Verdict.CONDITIONAL}
    refused = [FieldError(one.pointer, one.code, one.detail) for one in findings if one.verdict in stopping]
    if refused:
        raise InvalidInput(*refused)
    return Draft(document, findings)
