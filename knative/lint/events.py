"""What Knative and our own rules want of Broker, Trigger, PingSource and SinkBinding beyond their shape."""

import json
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from knative.lint.faults import Finding
from knative.lint.tree import at, items, mapping, text
from knative.local.features import ATTRIBUTE, ISO_DURATION
from knative.rules.cron import Cron
from knative.rules.manifests import seconds

ANNOUNCES = "getupnet.do/announces"
_DIALECTS = {"exact", "prefix", "suffix", "all", "any", "not"}
_EXTENSION = re.compile(r"[a-z0-9]{1,20}")
_SHORTEST_PERIOD_MINUTES = 5
_WHOLE_DELIVERY = ("retry", "backoffPolicy", "backoffDelay", "timeout", "deadLetterSink")
_LONGEST_WAIT_SECONDS = 3600


def trigger(value: object) -> Iterator[Finding]:
    """Filters that would match everything or nothing, and a delivery that says less than all."""
    if not text(value, "spec", "broker"):
        yield "spec.broker", "must name the Broker"
    filters = items(value, "spec", "filters")
    if not filters:
        yield "spec.filters", "must be a list with something in it: without it the Trigger gets every event"
    for n, entry in enumerate(filters):
        yield from _filter(entry, f"spec.filters[{n}]")
    if not any(text(entry, "exact", "type") for entry in filters):
        yield "spec.filters", "must hold one exact type"
    yield from delivery(at(value, "spec", "delivery"), "spec.delivery")


def _filter(entry: object, path: str) -> Iterator[Finding]:
    dialects = mapping(entry)
    if len(dialects) != 1:
        yield path, "must use exactly one dialect"
    for dialect, inner in dialects.items():
        here = f"{path}.{dialect}"
        if dialect not in _DIALECTS:
            yield here, f"is none of {', '.join(sorted(_DIALECTS))}"
        elif not inner:
            yield here, "is empty, and an empty filter matches everything"
        elif dialect in {"exact", "prefix", "suffix"}:
            for attribute, wanted in mapping(inner).items():
                if not ATTRIBUTE.fullmatch(attribute):
                    yield f"{here}.{attribute}", "is no attribute name: lower-case letters and digits, a letter first"
                if not isinstance(wanted, str) or not wanted:
                    yield f"{here}.{attribute}", f"must be text that is not empty, not {wanted!r}"
        else:
            for n, child in enumerate(inner if isinstance(inner, list) else [inner]):
                yield from _filter(child, f"{here}[{n}]" if isinstance(inner, list) else here)


def delivery(value: object, path: str) -> Iterator[Finding]:
    """A delivery must be whole (brokers fill a partial one each in its own way), in ISO time, and end within an hour."""
    found = mapping(value)
    for key in _WHOLE_DELIVERY:
        if key not in found:
            yield path, f"lacks {key}: on the default broker a Trigger's delivery replaces the Broker's as a whole"
    retry = found.get("retry")
    if "retry" in found and (type(retry) is not int or not 1 <= retry <= 10):
        yield f"{path}.retry", f"must be a number from 1 to 10, not {retry!r}"
    times: dict[str, float] = {}
    for key in ("backoffDelay", "timeout"):
        duration = text(found, key)
        if key in found and not ISO_DURATION.fullmatch(duration):
            yield f"{path}.{key}", f"{found[key]!r} is no ISO 8601 duration, such as PT1S"
        elif duration:
            times[key] = seconds(duration)
            if not times[key]:
                yield f"{path}.{key}", "must be longer than zero"
    if type(retry) is int and retry <= 10 and times.get("backoffDelay", 0) * 2.0 ** (retry + 1) > _LONGEST_WAIT_SECONDS:
        yield f"{path}.retry", "doubles beyond an hour of waiting before the dead letter is seen"


def broker(value: object) -> Iterator[Finding]:
    """Only the in-memory class may be asynchronous, and it must be: a synchronous one holds its callers."""
    yield from delivery(at(value, "spec", "delivery"), "spec.delivery")
    notes = mapping(value, "metadata", "annotations")
    memory = notes.get("eventing.knative.dev/broker.class") == "MTChannelBasedBroker"
    if memory != ("messaging.knative.dev/async-handler" in notes):
        yield "metadata.annotations", "async-handler belongs to MTChannelBasedBroker, and to it only"


def binding(value: object) -> Iterator[Finding]:
    """Exactly those who announce get the Broker's address."""
    if mapping(value, "spec", "subject", "selector", "matchLabels") != {ANNOUNCES: "true"}:
        yield "spec.subject.selector.matchLabels", f'must be {ANNOUNCES}: "true"'


def ping(value: object) -> Iterator[Finding]:
    """Schedule, zone and data as Knative reads them; not more often than every five minutes (relay keeps finer time)."""
    spec = mapping(value, "spec")
    schedule, zone = text(spec, "schedule"), text(spec, "timezone") or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield "spec.timezone", f"{zone!r} is no zone of the IANA database"
        zone = "UTC"
    try:
        Cron(schedule, zone)
    except ValueError as error:
        yield "spec.schedule", f"is no schedule that Knative takes: {error}"
    else:
        if _minutes_apart(schedule) < _SHORTEST_PERIOD_MINUTES:
            yield "spec.schedule", f"fires more often than every {_SHORTEST_PERIOD_MINUTES} minutes: relay keeps finer time"
    if "data" in spec and "dataBase64" in spec:
        yield "spec.dataBase64", "stands beside data: Knative takes one of them"
    if at(spec, "contentType") == "application/json":
        try:
            parsed: object = json.loads(text(spec, "data"))
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            yield "spec.data", "must be a JSON object"
    for extension in mapping(spec, "ceOverrides", "extensions"):
        if not _EXTENSION.fullmatch(extension):
            yield f"spec.ceOverrides.extensions.{extension}", "is no extension name: lower-case letters and digits"
    target = text(spec, "sink", "ref", "kind")
    if not target:
        yield "spec.sink", "must refer to something"
    elif (target == "Service") != ("uri" in mapping(spec, "sink")):
        yield "spec.sink.uri", "is wanted for a Service, and for a Service only"


def _minutes_apart(schedule: str) -> int:
    if schedule.startswith("@"):
        return 60
    fields = schedule.split()
    minute = fields[-5]
    if len(fields) == 6 and not fields[0].isdigit():
        return 0
    if step := re.fullmatch(r"[*?0]/([0-9]+)", minute):
        return int(step[1])
    if "," not in minute and "-" not in minute:
        return 1 if minute in {"*", "?"} else 60
    times = sorted(int(part) for part in minute.split(",") if part.isdigit())
    if len(times) != minute.count(",") + 1:
        return 1
    return min(b - a for a, b in zip(times, [*times[1:], times[0] + 60], strict=True))
