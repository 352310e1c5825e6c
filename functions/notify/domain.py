"""Which mails there are, how long each is worth sending, and what became of one. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from shared.ecf.clock import fiscal_day
from shared.events.authority import SubmissionAlarmed
from shared.events.certificates import CertificateExpiring
from shared.events.contingency import ContingencyDue
from shared.events.remission import EcfRemissionDue
from shared.events.sequences import SequenceRunningLow, SequenceStopped
from shared.events.voidings import VoidingAnswered

News = (
    CertificateExpiring
    | SequenceRunningLow
    | SequenceStopped
    | SubmissionAlarmed
    | EcfRemissionDue
    | VoidingAnswered
    | ContingencyDue
)
"""A fact about a company that its owners are written about."""


class Kind(StrEnum):
    """The value is kept with the mail, so it is never reused for another meaning."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password-reset"
    CERTIFICATE_EXPIRING = "certificate-expiring"
    SEQUENCE_RUNNING_LOW = "sequence-running-low"
    SEQUENCE_STOPPED = "sequence-stopped"
    SUBMISSION_ALARMED = "submission-alarmed"
    REMISSION_DUE = "remission-due"
    CONTINGENCY_DUE = "contingency-due"
    VOIDING_UNCLEAR = "voiding-unclear"


NEWS: dict[Kind, type[News]] = {
    Kind.CERTIFICATE_EXPIRING: CertificateExpiring,
    Kind.SEQUENCE_RUNNING_LOW: SequenceRunningLow,
    Kind.SEQUENCE_STOPPED: SequenceStopped,
    Kind.SUBMISSION_ALARMED: SubmissionAlarmed,
    Kind.REMISSION_DUE: EcfRemissionDue,
    Kind.CONTINGENCY_DUE: ContingencyDue,
    Kind.VOIDING_UNCLEAR: VoidingAnswered,
}
"""The fact behind each kind that goes to a company's owners."""

WORTH = {
    Kind.INVITATION: timedelta(days=7),
    Kind.PASSWORD_RESET: timedelta(hours=1),
    Kind.CERTIFICATE_EXPIRING: timedelta(days=1),
    Kind.SEQUENCE_RUNNING_LOW: timedelta(days=1),
    Kind.SEQUENCE_STOPPED: timedelta(days=7),
    Kind.SUBMISSION_ALARMED: timedelta(days=3),
    Kind.REMISSION_DUE: timedelta(days=1),
    Kind.CONTINGENCY_DUE: timedelta(days=3),
    Kind.VOIDING_UNCLEAR: timedelta(days=7),
}
"""After this a mail is not sent any more: the life of its link, as auth has it (a test compares), or of what it says."""


TOLD_OTHERWISE = frozenset({"USO_AJENO"})
"""Alarms without a letter: a number that others used stops its range, and that fact has one."""

ONCE_A_DAY = frozenset({"FIRMANTE_BLOQUEADO", "EN_PROCESO_VENCIDO", "SIN_VEREDICTO", "ENVIO_DETENIDO"})
"""Alarms that every document of a company may give for the same reason: one letter a fiscal day tells all of them."""


def letter_of(news: News, fact_id: str, at: datetime) -> str | None:
    """The name of the letter that tells this, the same for facts that one letter tells; None for what needs none."""
    match news:
        case CertificateExpiring(replaced=True):
            return None
        case SubmissionAlarmed(code=code) if code in TOLD_OTHERWISE:
            return None
        case VoidingAnswered(outcome=outcome) if outcome != "unclear":
            return None
        case SubmissionAlarmed(code=code) if code in ONCE_A_DAY:
            return f"{code}:{fiscal_day(at)}"
        case _:
            return fact_id


class State(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True)
class Mail:
    """A mail to a person, on behalf of a company or of nobody; `asked_at` is when the fact behind it happened.

    `news` is what a letter to a company's owners tells; the other kinds have none.
    """

    id: str
    kind: Kind
    person_id: str
    company: str | None
    asked_at: datetime
    state: State = State.PENDING
    news: News | None = None

    @property
    def over(self) -> bool:
        """Nothing is left to do. A failed one is not over: people may have mended the reason and replay its job."""
        return self.state in (State.SENT, State.EXPIRED)

    def stale(self, now: datetime) -> bool:
        return now - self.asked_at >= WORTH[self.kind]


@dataclass(frozen=True)
class Link:
    """What auth gives for one mail. The token is shown to nobody but the recipient."""

    token: str = field(repr=False)
    email: str
    name: str
    company_name: str
    expires_at: datetime


@dataclass(frozen=True)
class Owner:
    """One of a company's owners, as auth knows them now."""

    person_id: str
    email: str
    name: str
    company_name: str


@dataclass(frozen=True)
class Sent:
    """SES took it, for this (masked) address."""

    message_id: str
    address: str


@dataclass(frozen=True)
class NotNow:
    """Another attempt may succeed."""

    reason: str


@dataclass(frozen=True)
class Never:
    """Another attempt would fail alike."""

    reason: str


Seen = Sent | NotNow | Never


def masked(address: str) -> str:
    """Enough for a person to know their own address by, too little to write to: `m***@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"
