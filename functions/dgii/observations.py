"""What one step at DGII showed. Each is one fact; `domain.decide` says what it makes of a submission."""

from dataclasses import dataclass

from functions.dgii.alarms import Code
from shared.dgii.answers import Outcome


@dataclass(frozen=True)
class Received:
    """DGII gave a trackId; `raw` is the answer as it came."""

    track_id: str
    raw: str = ""


@dataclass(frozen=True)
class Judged:
    """DGII said a state; `track_id` when a query found the submission."""

    outcome: Outcome
    track_id: str | None = None


@dataclass(frozen=True)
class FoundInProcess:
    track_id: str


@dataclass(frozen=True)
class NotFound:
    pass


@dataclass(frozen=True)
class CannotAsk:
    """This environment has no consulta that could tell."""


@dataclass(frozen=True)
class TakenByAnother:
    """The number is accepted, but for a document with another security code."""


@dataclass(frozen=True)
class Lost:
    """The document may have arrived; the answer did not, or it was one that cannot be (`alarm`)."""

    reason: str
    alarm: Code | None = None
    http_status: int | None = None
    raw: str = ""


@dataclass(frozen=True)
class NotDone:
    """Nothing happened at DGII; the step is to be repeated, after `retry_after` seconds if it said so."""

    reason: str
    retry_after: int | None = None
    http_status: int | None = None


@dataclass(frozen=True)
class Foreign:
    """An answer about another issuer or number: nobody's answer, and nothing is known by it."""

    detail: str


@dataclass(frozen=True)
class Refused:
    """DGII did not take the file, in its own words."""

    outcome: Outcome


@dataclass(frozen=True)
class Blocked:
    """Configuration of the tenant: delegation, certificate, seed. Repeating alone cannot help."""

    reason: str


Observation = (
    Received | Judged | FoundInProcess | NotFound | CannotAsk | TakenByAnother | Lost | NotDone | Foreign | Refused | Blocked
)
