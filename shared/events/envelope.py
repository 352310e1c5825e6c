"""The CloudEvents envelope, binary mode: strict on the way in, delegated to the SDK on the way out.

The SDK invents what a broken sender left out (id, time, specversion), so raw headers are judged here first.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.errors import InvalidInput
from shared.events.catalogue import ALL
from shared.events.event import Event
from shared.events.keys import PublicKeys

_ASCII = re.compile(r"[\x21-\x24\x26-\x7e]+")
_EXTENSION = re.compile(r"[a-z][a-z0-9]{0,19}")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


class EventRefused(InvalidInput):
    """A delivery that no retry can mend; `reason` says why."""

    slug = "event-refused"


@dataclass(frozen=True)
class Envelope:
    """The attributes of one event; `data` is the exact JSON text that was signed."""

    id: str
    type: str
    source: str
    subject: str
    tenant: str
    time: datetime
    sequence: int
    partitionkey: str
    traceparent: str
    sig: str
    data: str
    dataref: str | None = None

    def message(self) -> bytes:
        """What `sig` covers. The broker may rewrite how the time is spelt, so the instant itself is signed."""
        digest = hashlib.sha256(self.data.encode()).hexdigest()
        micros = int(self.time.timestamp()) * 1_000_000 + self.time.microsecond
        fields = (self.id, self.source, self.type, self.subject, self.tenant, str(self.sequence), str(micros), digest)
        return b"getupnet-event-v1\n" + "\n".join(fields).encode()

    def to_http(self) -> tuple[dict[str, str], bytes]:
        """Headers and body of a binary-mode POST."""
        from cloudevents.core.bindings.http import to_binary_event  # costs 50 ms; only a publisher needs it
        from cloudevents.core.v1.event import CloudEvent

        attributes = {
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "tenantid": self.tenant,
            "sequence": str(self.sequence),
            "partitionkey": self.partitionkey,
            "traceparent": self.traceparent,
            "sig": self.sig,
        }
        if self.dataref is not None:
            attributes["dataref"] = self.dataref
        message = to_binary_event(CloudEvent(attributes, self.data.encode()))
        return dict(message.headers), message.body


def open_envelope(headers: Mapping[str, str], body: bytes, keys: PublicKeys) -> tuple[Envelope, Event]:
    """Headers (lower-case names) and body of a delivery to an envelope and its typed payload; EventRefused otherwise.

    Checked: binary mode, specversion, every required attribute, a catalogued type, a source that may announce it, the signature.
    """
    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise EventRefused(reason="content-type is not application/json")
    if headers.get("ce-specversion") != "1.0":
        raise EventRefused(reason="ce-specversion is not 1.0")
    for name, value in headers.items():
        if name.startswith("ce-") and not _EXTENSION.fullmatch(name[3:]):
            raise EventRefused(reason="an attribute name is not lower-case alphanumeric")
        if name.startswith("ce-") and not _ASCII.fullmatch(value):
            raise EventRefused(reason=f"{name} is empty or not plain ASCII")
    attribute = {name[3:]: value for name, value in headers.items() if name.startswith("ce-")}
    needed = ("id", "type", "source", "subject", "time", "tenantid", "sequence", "partitionkey", "traceparent", "sig")
    missing = [name for name in needed if name not in attribute]
    if missing:
        raise EventRefused(reason=f"missing: {', '.join(missing)}")
    kind = ALL.get(attribute["type"])
    if kind is None:
        raise EventRefused(reason="unknown type")
    function = attribute["source"].removeprefix("/functions/")
    if attribute["source"] != f"/functions/{function}" or not kind.may_come_from(function):
        raise EventRefused(reason="this source does not announce this type")
    if not re.fullmatch(r"[0-9]{1,10}", attribute["sequence"]):
        raise EventRefused(reason="sequence is not a number")
    try:
        envelope = Envelope(
            id=attribute["id"],
            type=attribute["type"],
            source=attribute["source"],
            subject=attribute["subject"],
            tenant=attribute["tenantid"],
            time=parse_time(attribute["time"]),
            sequence=int(attribute["sequence"]),
            partitionkey=attribute["partitionkey"],
            traceparent=attribute["traceparent"],
            sig=attribute["sig"],
            dataref=attribute.get("dataref"),
            data=body.decode("utf-8"),
        )
    except ValueError as error:
        raise EventRefused(reason="time or body cannot be read") from error
    if not keys.verifies(function, envelope.message(), envelope.sig):
        raise EventRefused(reason="the signature does not verify")
    try:
        return envelope, kind.model_validate_json(envelope.data, extra="ignore")
    except ValueError as error:
        raise EventRefused(reason="the payload does not fit its type") from error


def parse_time(text: str) -> datetime:
    """RFC 3339 with any number of fraction digits (brokers trim zeros) to an aware UTC datetime of microseconds."""
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError(f"not an RFC 3339 time: {text!r}")
    fraction = (match[2] or "0")[:6].ljust(6, "0")
    zone = "+00:00" if match[3] == "Z" else match[3]
    return datetime.fromisoformat(f"{match[1]}.{fraction}{zone}").astimezone(UTC)
