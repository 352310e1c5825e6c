"""Which mails there are, how long each is worth sending, and what became of one. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """The value is kept with the mail, so it is never reused for another meaning."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password-reset"
    CERTIFICATE_EXPIRING = "certificate-expiring"


WORTH = {
    Kind.INVITATION: timedelta(days=7),
    Kind.PASSWORD_RESET: timedelta(hours=1),
    Kind.CERTIFICATE_EXPIRING: timedelta(days=1),
}
"""After this a mail is not sent any more: the life of its link, as auth has it (a test compares), or of what it says."""


class State(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True)
class Expiry:
    """A certificate that ends."""

    holder: str
    days_left: int
    not_after: datetime


@dataclass(frozen=True)
class Mail:
    """A mail to a person, on behalf of a company or of nobody; `asked_at` is when the fact behind it happened.

    `expiry` is what a warning is about; the other kinds have none.
    """

    id: str
    kind: Kind
    person_id: str
    company: str | None
    asked_at: datetime
    state: State = State.PENDING
    expiry: Expiry | None = None

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
