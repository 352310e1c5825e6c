"""What relay knows of a subscription and of a dead letter. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

ADDED_BY_BROKERS = frozenset(
    {
        "ce-knativeerrordest",
        "ce-knativeerrorcode",
        "ce-knativeerrordata",
        "ce-knativebrokerttl",
        "ce-knativearrivaltime",
    }
)


@dataclass(frozen=True)
class Subscription:
    """`consumer` must end up with every fact of `type` in its inbox."""

    type: str
    consumer: str


@dataclass(frozen=True)
class DeadLetter:
    """A delivery that a broker gave up. `headers` are the event's attributes as they came."""

    company: str
    event_source: str
    event_id: str
    type: str
    destination: str
    code: int | None
    reason: str | None
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, headers: Mapping[str, str], body: bytes) -> "DeadLetter":
        """From the broker's POST; whatever is missing reads as unknown, as nothing may be lost here."""
        code = headers.get("ce-knativeerrorcode", "")
        return cls(
            company=headers.get("ce-tenantid", "platform"),
            event_source=headers.get("ce-source", "unknown"),
            event_id=headers.get("ce-id", "unknown"),
            type=headers.get("ce-type", "unknown"),
            destination=headers.get("ce-knativeerrordest", "unknown"),
            code=int(code) if re.fullmatch(r"[0-9]{1,9}", code) else None,
            reason=headers.get("ce-knativeerrordata"),
            headers={k: v for k, v in headers.items() if k.startswith("ce-") or k == "content-type"},
            body=body,
        )


def replay_headers(headers: Mapping[str, str], letter_id: str) -> dict[str, str]:
    """The event as it was first sent: same id and source, so consumers still recognise it."""
    kept = {name: value for name, value in headers.items() if name not in ADDED_BY_BROKERS}
    return kept | {"ce-replayof": letter_id}
