"""An invoice's life and what may refuse its birth. Pure."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from shared.ecf.clock import fiscal_day
from shared.ecf.codes import Code, table
from shared.ecf.findings import Finding, Verdict
from shared.errors import Conflict, InvalidInput, Malformed, Unavailable
from shared.identity.standing import refuse_unless_active

LEASE = timedelta(seconds=30)
"""How long one request may hold an Idempotency-Key; afterwards a retry, or the sweep, continues the same e-NCF."""

RECONCILING_SECONDS = 60
"""When to ask again while numbers are reconciled with DGII's."""

SOON = timedelta(seconds=1)
"""When the sweep looks again at a document that the signer did not answer for."""


class Estado(StrEnum):
    """States of a document (Spanish by rule: they are shown and stored)."""

    NUMERADO = "numerado"
    FIRMADO = "firmado"
    ENVIADO = "enviado"
    ACEPTADO = "aceptado"
    ACEPTADO_CONDICIONAL = "aceptado_condicional"
    RECHAZADO = "rechazado"
    EN_CONTINGENCIA = "en_contingencia"
    SIN_USAR = "sin_usar"
    ANULADO = "anulado"


FINAL = frozenset({Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL, Estado.RECHAZADO, Estado.SIN_USAR, Estado.ANULADO})


class Step(StrEnum):
    """What can happen to a document; the word in its trail."""

    NUMBER = "numbered"
    SIGN = "signed"
    REFUSE = "signing_refused"
    WAIT = "waiting_for_original"
    RELEASE = "released"
    WITHDRAW = "withdrawn"
    ASK_WITHDRAWAL = "withdrawal_asked"
    KEEP = "withdrawal_refused"
    RETIRE = "retired"
    HOLD = "held"
    REMISSION_NEAR = "remission_near"
    REMISSION_OVERDUE = "remission_overdue"
    SUBMIT = "submitted"
    ACCEPT = "accepted"
    ACCEPT_CONDITIONALLY = "accepted_conditionally"
    REJECT = "rejected"
    LOSE_ANSWER = "outcome_unknown"
    CONTRADICT = "contradicted"
    EXPLAIN = "explained"
    ALARM = "alarmed"


# The whole machine: the event of every step (architecture §6). A verdict may overtake the news of its submission.
_UNSENT = frozenset({Estado.FIRMADO, Estado.EN_CONTINGENCIA})
_BEFORE_VERDICT = _UNSENT | {Estado.ENVIADO}
TRANSITIONS: dict[Step, tuple[frozenset[Estado], Estado]] = {
    Step.SIGN: (frozenset({Estado.NUMERADO}), Estado.FIRMADO),  # ecf.signed
    Step.REFUSE: (frozenset({Estado.NUMERADO}), Estado.SIN_USAR),  # the number is issued first next time
    Step.WITHDRAW: (frozenset({Estado.FIRMADO}), Estado.SIN_USAR),  # a note that waited for an original DGII refused
    Step.RETIRE: (_UNSENT, Estado.SIN_USAR),  # submission.withdrawal-answered
    Step.HOLD: (frozenset({Estado.FIRMADO}), Estado.EN_CONTINGENCIA),  # ecf.signed says so, or ecf.held where that was told before
    Step.SUBMIT: (_UNSENT, Estado.ENVIADO),  # ecf.submitted
    Step.ACCEPT: (_BEFORE_VERDICT, Estado.ACEPTADO),  # ecf.accepted
    Step.ACCEPT_CONDITIONALLY: (_BEFORE_VERDICT, Estado.ACEPTADO_CONDICIONAL),  # ecf.accepted_conditionally
    Step.REJECT: (_BEFORE_VERDICT, Estado.RECHAZADO),  # ecf.rejected
}

VERDICTS = frozenset({Step.ACCEPT, Step.ACCEPT_CONDITIONALLY, Step.REJECT})


def advance(estado: Estado, step: Step) -> Estado | None:
    """The state after `step`, or None when the step does not move a document in that state."""
    sources, target = TRANSITIONS.get(step, (frozenset(), estado))
    return target if estado in sources else None


class IdempotencyKeyMissing(Malformed):
    slug = "idempotency-key-missing"


class IdempotencyKeyReused(InvalidInput):
    slug = "idempotency-key-reused"


class EmissionInProgress(Conflict):
    slug = "emission-in-progress"


class CompanyNotReady(Unavailable):
    slug = "company-not-ready"


class CompanyOnlyReads(Unavailable):
    """After a restore no number is given before DGII has been asked which ones it knows (SOLO_LECTURA)."""

    slug = "company-only-reads"


class CertificateMissing(Conflict):
    slug = "certificate-missing"


class CertificateExpired(Conflict):
    slug = "certificate-expired"


@dataclass(frozen=True)
class Certificate:
    id: str
    not_before: datetime
    not_after: datetime
    active_from: datetime


@dataclass(frozen=True)
class Company:
    """The issuer as documents need it: `emisor` holds the JSON fields of the area Emisor, `estado` whether it may emit.

    `only_reads`: its numbers are being reconciled with DGII's. `envio_diferido`: since when DGII lets it send later.
    """

    environment: str
    rnc: str
    emisor: dict[str, Any]
    estado: str
    only_reads: bool
    envio_diferido: date | None

    def may_defer(self, day: date) -> bool:
        """Whether DGII lets it send documents of that day later."""
        return self.envio_diferido is not None and self.envio_diferido <= day


@dataclass(frozen=True)
class Invoice:
    """One document as its owner sees it; the last terms are those of a document that goes to DGII later (`remission.py`)."""

    id: str
    version: int
    environment: str
    rnc_emisor: str
    tipo_ecf: int
    encf: str
    intento: int
    estado: Estado
    rnc_comprador: str | None
    razon_social_comprador: str | None
    fecha_emision: date
    fecha_hora_firma: datetime
    monto_total: Decimal
    certificate_id: str
    codigo_seguridad: str | None
    qr_url: str | None
    track_id: str | None
    avisos: list[dict[str, Any]]
    mensajes: list[dict[str, Any]]
    ncf_modificado: str | None
    schema_version: str | None
    schema_sha256: str | None
    modalidad: str
    regimen: int | None
    remitir_hasta: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Attempt:
    """What an Idempotency-Key stands for: `state` is open, done or refused; `lease_left` are the seconds that somebody still holds
    it, by the database's clock, and not above 0 when nobody does."""

    request_hash: str
    invoice_id: str
    state: str
    lease_left: int


def unmoved(step: Step) -> Step:
    """What the trail says of a step that moved nothing: a verdict contradicts a final state, other news is only late."""
    return step if step in (Step.LOSE_ANSWER, Step.SUBMIT) else Step.CONTRADICT


def mensajes(said: list[dict[str, str]]) -> str:
    """DGII's messages as JSON text."""
    return json.dumps(said, ensure_ascii=False)


def request_hash(payload: object) -> str:
    """Equal for bodies that say the same: key order and white space do not count."""
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_key(key: str | None) -> str:
    """The Idempotency-Key; IdempotencyKeyMissing unless it is 1 to 255 printable ASCII characters."""
    if key is None or not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyMissing
    return key


def refuse_unless_issuing(company: Company | None) -> Company:
    """The company, if it may take numbers now; CompanyNotReady, CompanyOnlyReads, or what its standing says."""
    if company is None:
        raise CompanyNotReady
    refuse_unless_active(company.estado)
    if company.only_reads:
        raise CompanyOnlyReads(retry_after=RECONCILING_SECONDS)
    return company


def choose_certificate(certificates: list[Certificate], now: datetime) -> Certificate:
    """The one in force that began last. `certificates` are not revoked and come in that order."""
    begun = [certificate for certificate in certificates if certificate.active_from <= now]
    if not begun:
        raise CertificateMissing
    for certificate in begun:
        if certificate.not_before <= now <= certificate.not_after:
            return certificate
    raise CertificateExpired(not_after=fiscal_day(begun[0].not_after).isoformat())


def refuse(findings: tuple[Finding, ...], *, strict: bool) -> None:
    """InvalidInput with everything DGII would refuse; for a `strict` caller also with what it would accept conditionally."""
    stopping = {Verdict.REFUSED, Verdict.CONDITIONAL} if strict else {Verdict.REFUSED}
    refused = [one.fault for one in findings if one.verdict in stopping]
    if refused:
        raise InvalidInput(*refused)


def is_strict(prefer: str | None) -> bool:
    """RFC 7240: `handling=strict` asks to stop where DGII would accept with a condition."""
    return bool(re.search(r"\bhandling=strict\b", prefer or ""))


def rules(tipo: str | None, verdict: Verdict | None, q: str | None) -> list[Code]:
    """The catalogue of rules, in order of their codes; `q` is looked for in everything a rule says."""
    wanted = (q or "").casefold()
    return [
        rule
        for rule in table().values()
        if (tipo is None or not rule.kinds or tipo in rule.kinds)
        and (verdict is None or rule.verdict is verdict)
        and wanted in f"{rule.code} {rule.codigo_dgii or ''} {rule.source} {rule.detail}".casefold()
    ]


def avisos(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Findings as they are stored and shown beside the invoice."""
    return [asdict(finding) for finding in findings]
