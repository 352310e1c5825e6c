"""What a broker does to an event on arrival (R4, R5, R9-R12): refuse it, or make it the binary message subscribers get."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+*-]+(/[\w!#$&^.+*-]+)?\s*(;\s*[\w!#$&^.+*-]+=(\"[^\"]*\"|[^\s;\"]+)\s*)*;?\s*", re.A)
_REQUIRED = ("id", "source", "type")
_PASSED_ON = re.compile(r"x-request-id|knative-.+|x-b3-.+")
_HOPS = 255
_DECODER = json.JSONDecoder()


class EventRefused(Exception):
    """The broker's 400, with its reason."""


@dataclass(frozen=True)
class Event:
    """An accepted event: lower-case headers exactly as a subscriber gets them, and the body."""

    headers: dict[str, str]
    body: bytes

    def attribute(self, name: str) -> str:
        """A context attribute or extension as filters see it: text, empty when absent."""
        if name in {"datacontenttype", "datamediatype"}:
            text = self.headers.get("content-type", "")
            return text.partition(";")[0].strip() if name == "datamediatype" else text
        return self.headers.get(f"ce-{'dataschema' if name == 'schemaurl' else name}", "")


def accept(headers: Mapping[str, str], body: bytes) -> Event:
    """Parse a producer's request; raises EventRefused where Knative's ingress answers 400."""
    low = {name.lower(): value for name, value in headers.items()}
    content_type = low.get("content-type", "").strip().lower()
    if content_type.startswith("application/cloudevents-batch"):
        raise EventRefused("batches are not supported")
    if content_type.startswith("application/cloudevents+json"):
        attributes, body = _structured(body)
    elif low.get("ce-specversion") in {"1.0", "0.3"}:
        attributes = {name[3:]: value for name, value in low.items() if name.startswith("ce-") and value}
        attributes |= {"datacontenttype": low["content-type"]} if low.get("content-type") else {}
    else:
        raise EventRefused("no CloudEvent: neither application/cloudevents+json nor ce-specversion 1.0")
    _check(attributes)
    media_type = attributes.pop("datacontenttype", None)
    accepted = {f"ce-{name}": value for name, value in attributes.items()}
    accepted |= {"content-type": media_type} if media_type else {}
    return Event(accepted | {name: value for name, value in low.items() if _PASSED_ON.fullmatch(name)}, body)


def refusal(method: str, path: str, broker: str, *, mt: bool) -> tuple[int, dict[str, str]] | None:
    """Status and headers of what never reaches the parser (R1-R3); none when the request is a producer's. `broker` is ns/name."""
    allow = {"allow": "POST, OPTIONS"} if mt else {}
    segments = path.rstrip("/").split("/")[1:]
    if method == "OPTIONS" and mt:
        return 200, {**allow, "webhook-allowed-origin": "*", "webhook-allowed-rate": "*"}
    if method != "POST":
        return 405, allow
    if "/".join(segments) == broker:
        return None
    return 400 if mt and segments and len(segments) != 2 else 404, allow


def hop(event: Event, now: datetime) -> Event:
    """The event with what the MT ingress adds (R7, R8); raises EventRefused when it has gone round too often."""
    seen = event.attribute("knativebrokerttl")
    left = max(0, int(seen) - 1) if re.fullmatch("-?[0-9]+", seen) else _HOPS
    if not left:
        raise EventRefused("knativebrokerttl: no hops left")
    added = {"ce-knativebrokerttl": str(left), "ce-knativearrivaltime": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}"}
    return Event({**event.headers, **added}, event.body)


def _check(attributes: dict[str, str]) -> None:
    for name in _REQUIRED:
        value = attributes.get(name, "")
        if not (value if name == "source" else value.strip()):
            raise EventRefused(f"{name}: must be a non-empty string")
    for name in attributes:
        if not re.fullmatch(r"[a-z0-9]+", name):
            raise EventRefused(f"{name}: attribute names are letters and digits")
    for name in {"source", "dataschema"} & attributes.keys():
        attributes[name] = _address(name, attributes[name])
    if "dataschema" in attributes and not urlsplit(attributes["dataschema"]).scheme:
        raise EventRefused("dataschema: must be an absolute URI")
    if "time" in attributes:
        attributes["time"] = _utc(attributes["time"])
    if "datacontenttype" in attributes and not _MEDIA_TYPE.fullmatch(attributes["datacontenttype"]):
        raise EventRefused("datacontenttype: must be a media type")


def _address(name: str, text: str) -> str:
    try:
        urlsplit(text)
    except ValueError as error:
        raise EventRefused(f"{name}: {error}") from error
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise EventRefused(f"{name}: invalid URL escape")
    return quote(text, safe="!#$%&'()*+,/:;=?@[]~")


def _utc(text: str) -> str:
    match = _TIME.fullmatch(text)
    try:
        if not match:
            raise ValueError("no zone, or no RFC 3339 form")
        moment = datetime.fromisoformat(match[1] + match[3]).astimezone(UTC)
    except ValueError as error:
        raise EventRefused(f"time: {text!r} is not RFC 3339: {error}") from error
    fraction = (match[2] or "")[:9].rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' + fraction if fraction else ''}Z"


def _members(text: str) -> dict[str, str]:
    # Each member's own text: the broker forwards JSON data as written, so a parsed value would not do.
    members, at, end = dict[str, str](), re.match(r"\s*\{\s*", text), re.compile(r"\s*(,\s*|\}\s*$)")
    position = at.end() if at else len(text)
    while True:
        key, position = _DECODER.raw_decode(text, position)
        colon = re.compile(r"\s*:").match(text, position)
        start = colon.end() if colon and isinstance(key, str) else len(text)
        _, position = _DECODER.raw_decode(text, start + len(text[start:]) - len(text[start:].lstrip()))
        members[key] = text[start:position]
        stop = end.match(text, position)
        if stop is None or stop[1][0] == "}":
            if stop is None:
                raise ValueError("broken object")
            return members
        position = stop.end()


def _structured(body: bytes) -> tuple[dict[str, str], bytes]:
    try:
        members = _members(body.decode("utf-8"))
        values = {name.lower(): json.loads(raw) for name, raw in members.items() if name not in {"data", "data_base64"}}
        if values.get("specversion") not in {"1.0", "0.3"}:
            raise ValueError("specversion")
        attributes = {name: _text(name, value) for name, value in values.items() if value not in (None, "")}
        media_type = attributes.get("datacontenttype", "application/json").lower()
        if "data_base64" in members:
            if "data" in members:
                raise ValueError("data and data_base64")
            return attributes, base64.b64decode(json.loads(members["data_base64"]), validate=True)
        data = members.get("data", "")
        if data and "json" not in media_type:
            return attributes, _plain(json.loads(data)).encode()
        return attributes, data.encode()
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise EventRefused(f"not a structured CloudEvent: {error}") from error


def _plain(data: object) -> str:
    if not isinstance(data, str):
        raise ValueError("data of a type that is not JSON must be text")
    return data


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if name in {*_REQUIRED, "time", "subject", "dataschema", "datacontenttype"} or isinstance(value, (dict, list)):
        raise ValueError(f"{name}: {value!r}")
    if isinstance(value, bool):
        return str(value).lower()
    number = int(value)  # type: ignore[call-overload]
    if not -(2**31) <= number < 2**31:
        raise ValueError(f"{name}: beyond int32")
    return str(number)
