"""Reads the manifests into plain values and refuses, by file, path and value, whatever the allow list does not hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # YAML comes untyped; `faults` has judged its shape before anything here reads it

import yaml

from knative.embedded.state import Reference
from knative.rules.features import ATTRIBUTE, KINDS, ORDER, ROUTES, WITHOUT_EFFECT, faults

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class ManifestRefused(Exception):
    """A manifest says what the stand-in cannot do."""

    def __init__(self, file: Path, path: str, value: object, reason: str) -> None:
        super().__init__(f"{file}: {path} = {value!r} {reason}")
        self.file, self.path, self.value, self.reason = file, path, value, reason


@dataclass(frozen=True)
class Service:
    """One function as it is to be run. Seconds; `maximum` 0 and `concurrency` 0 mean unlimited (Knative's defaults)."""

    name: str
    labels: frozenset[tuple[str, str]]
    env: tuple[tuple[str, str | Reference], ...]
    probe: str
    concurrency: int
    timeout: float
    minimum: int
    maximum: int
    target: float
    window: float
    retention: float


@dataclass(frozen=True)
class Delivery:
    """A Trigger's whole delivery; seconds."""

    retry: int
    policy: str
    delay: float
    timeout: float
    sink: str
    sink_path: str


@dataclass(frozen=True)
class Trigger:
    """Which events go where, and how stubbornly."""

    name: str
    filters: tuple[dict[str, Any], ...]
    function: str
    path: str
    delivery: Delivery
    ordered: bool = False


@dataclass(frozen=True)
class Ping:
    """A PingSource; `function` and `path` are empty when it posts to the Broker."""

    name: str
    schedule: str
    timezone: str
    data: str
    extensions: tuple[tuple[str, str], ...]
    function: str = ""
    path: str = ""


@dataclass(frozen=True)
class Topology:
    """Everything the manifests say."""

    services: dict[str, Service]
    triggers: tuple[Trigger, ...]
    pings: tuple[Ping, ...]
    routes: tuple[tuple[str, str], ...]
    bound: frozenset[str]
    """Functions that some SinkBinding gives K_SINK."""

    def references(self) -> list[Reference]:
        """Every Secret and ConfigMap key that some function needs."""
        return [value for service in self.services.values() for _, value in service.env if isinstance(value, Reference)]


def read(root: Path) -> Topology:
    """Read `knative/services`, `knative/routes.yaml` and `eventing`; raises ManifestRefused at the first fault."""
    services: dict[str, Service] = {}
    triggers: list[Trigger] = []
    pings: list[Ping] = []
    bindings: list[frozenset[tuple[str, str]]] = []
    eventing = [root / "eventing", root / "eventing/triggers", root / "eventing/sources"]
    for file, document in _documents(root / "knative/services", *eventing):
        kind = document.get("kind")
        if kind in WITHOUT_EFFECT:
            continue
        if kind not in KINDS:
            raise ManifestRefused(file, "kind", kind, f"is none of {', '.join(KINDS)}")
        for fault in faults(document, KINDS[kind]):
            raise ManifestRefused(file, *fault)
        match kind:
            case "Service":
                services[document["metadata"]["name"]] = _service(file, document)
            case "Trigger":
                triggers.append(_trigger(file, document))
            case "PingSource":
                pings.append(_ping(document))
            case "SinkBinding":
                bindings.append(frozenset(document["spec"]["subject"]["selector"]["matchLabels"].items()))
        heard = [name for trigger in triggers for name in (trigger.function, trigger.delivery.sink)]
        for name in [*heard, *(ping.function for ping in pings)]:
            if name and name not in services:
                raise ManifestRefused(file, "ref.name", name, "is no Service of knative/services")
    bound = frozenset(name for name, service in services.items() if any(labels <= service.labels for labels in bindings))
    return Topology(services, tuple(triggers), tuple(pings), _routes(root / "knative/routes.yaml", services), bound)


def _documents(*folders: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for file in (file for folder in folders for file in sorted(folder.glob("*.yaml"))):
        yield from ((file, doc) for doc in yaml.safe_load_all(file.read_text(encoding="utf-8")) if doc is not None)


def _routes(file: Path, services: dict[str, Service]) -> tuple[tuple[str, str], ...]:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    for fault in faults(document, ROUTES):
        raise ManifestRefused(file, *fault)
    for n, route in enumerate(document["routes"]):
        if route["function"] not in services:
            raise ManifestRefused(file, f"routes[{n}].function", route["function"], "is no Service of knative/services")
    pairs = ((route["prefix"].rstrip("/"), route["function"]) for route in document["routes"])
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _service(file: Path, document: dict[str, Any]) -> Service:
    meta, template = document["metadata"], document["spec"]["template"]
    notes = {key.split("/")[1]: value for key, value in template.get("metadata", {}).get("annotations", {}).items()}
    spec, container = template["spec"], template["spec"]["containers"][0]
    if len(spec["containers"]) > 1:
        raise ManifestRefused(file, "spec.template.spec.containers", len(spec["containers"]), "must be one container")
    minimum, maximum = int(notes.get("min-scale", "0")), int(notes.get("max-scale", "0"))
    if maximum and minimum > maximum:
        raise ManifestRefused(file, "min-scale", minimum, f"is above max-scale {maximum}")
    concurrency = spec.get("containerConcurrency", 0)
    target = float(notes.get("target", concurrency or 100)) * float(notes.get("target-utilization-percentage", 70)) / 100
    return Service(
        name=meta["name"],
        labels=frozenset(meta.get("labels", {}).items()),
        env=tuple((entry["name"], _entry(file, entry)) for entry in container.get("env", [])),
        probe=container["readinessProbe"]["httpGet"]["path"],
        concurrency=concurrency,
        timeout=float(spec.get("timeoutSeconds", 300)),
        minimum=minimum,
        maximum=maximum,
        target=target,
        window=seconds(notes.get("window", "60s")),
        retention=seconds(notes.get("scale-to-zero-pod-retention-period", "0s")),
    )


def _ping(document: dict[str, Any]) -> Ping:
    spec, sink = document["spec"], document["spec"]["sink"]
    extensions = tuple(spec.get("ceOverrides", {}).get("extensions", {}).items())
    function = sink["ref"]["name"] if sink["ref"]["kind"] == "Service" else ""
    name, zone, data = document["metadata"]["name"], spec.get("timezone", "UTC"), spec.get("data", "")
    return Ping(name, spec["schedule"], zone, data, extensions, function, sink.get("uri", ""))


def _entry(file: Path, entry: dict[str, Any]) -> str | Reference:
    source = entry.get("valueFrom")
    if source is None or "value" in entry or len(source) != 1:
        if source is None:
            return str(entry.get("value", ""))
        raise ManifestRefused(file, f"env {entry['name']}", entry, "must have one value or one valueFrom")
    kind, key = next(iter(source.items()))
    return Reference("Secret" if kind == "secretKeyRef" else "ConfigMap", key["name"], key["key"])


def _trigger(file: Path, document: dict[str, Any]) -> Trigger:
    meta, spec = document["metadata"], document["spec"]
    for n, entry in enumerate(spec["filters"]):
        _check_filter(file, f"spec.filters[{n}]", entry)
    delivery, subscriber = spec["delivery"], spec["subscriber"]
    sink = delivery["deadLetterSink"]
    delay, timeout = seconds(delivery["backoffDelay"]), seconds(delivery["timeout"])
    whole = Delivery(delivery["retry"], delivery["backoffPolicy"], delay, timeout, sink["ref"]["name"], sink["uri"])
    ordered = meta.get("annotations", {}).get(ORDER) == "ordered"
    return Trigger(meta["name"], tuple(spec["filters"]), subscriber["ref"]["name"], subscriber["uri"], whole, ordered)


def _check_filter(file: Path, path: str, entry: dict[str, Any]) -> None:
    if len(entry) != 1:
        raise ManifestRefused(file, path, entry, "must use exactly one dialect")
    dialect, inner = next(iter(entry.items()))
    if dialect in {"exact", "prefix", "suffix"}:
        for name in inner:
            if not ATTRIBUTE.fullmatch(name):
                raise ManifestRefused(file, f"{path}.{dialect}", name, "is no attribute name")
    else:
        for child in inner if isinstance(inner, list) else [inner]:
            _check_filter(file, f"{path}.{dialect}", child)


def seconds(text: str) -> float:
    """Seconds of a Go duration (`1m30s`) or of an ISO 8601 time (`PT1.5S`); the allow list has checked its form."""
    return sum(float(n) * _UNITS[unit.lower()] for n, unit in re.findall(r"([0-9.]+)(ms|[smhSMH])", text))
