"""What the manifests say of each other: who is named must exist, who speaks must be heard, nothing may turn in a circle."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from knative.lint.events import ANNOUNCES
from knative.lint.faults import Fault
from knative.lint.source import Document
from knative.lint.tree import at, items, kind, mapping, name, text
from knative.rules.manifests import seconds
from shared.events import catalogue
from shared.events.event import EVERY_DOOR

_FUNCTION = ("serving.knative.dev", "Service")
_TRIGGER = ("eventing.knative.dev", "Trigger")
_BROKER = ("eventing.knative.dev", "Broker")
_WAKE = catalogue.WorkDue.type


class Topology:
    """The functions, Triggers and Brokers of a set of documents."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = list(documents)
        self.functions = {name(d.value): d for d in self._of(_FUNCTION)}
        self.triggers = self._of(_TRIGGER)
        self.brokers = {name(d.value) for d in self._of(_BROKER)}

    def _of(self, wanted: tuple[str, str]) -> list[Document]:
        return [document for document in self.documents if kind(document.value) == wanted]

    def faults(self) -> Iterator[Fault]:
        """Every broken reference."""
        for document in self.documents:
            yield from self._names(document)
        dead_ends = {_end(at(t.value, "spec", "delivery", "deadLetterSink")) for t in self.triggers}
        heard: dict[tuple[str, str], Document] = {}
        for document in self.triggers:
            yield from self._subscription(document, dead_ends)
            key = (_type(document.value), text(document.value, "spec", "subscriber", "ref", "name"))
            if key in heard:
                yield document.fault(("spec.filters", f"{key[1]} would get {key[0]} twice: {name(heard[key].value)} brings it"))
            heard[key] = document
        if self.triggers and self.functions:
            yield from self._catalogue({type_ for type_, _ in heard})

    def _names(self, document: Document) -> Iterator[Fault]:
        group, what = kind(document.value)
        if group not in {"eventing.knative.dev", "sources.knative.dev"}:
            return
        if what == "Trigger" and text(document.value, "spec", "broker") not in self.brokers:
            yield document.fault(("spec.broker", f"no Broker is called {text(document.value, 'spec', 'broker')!r}"))
        for path in (("subscriber",), ("delivery", "deadLetterSink"), ("sink",)):
            reference = mapping(document.value, "spec", *path, "ref")
            wanted, known = text(reference, "name"), self.brokers if reference.get("kind") == "Broker" else set(self.functions)
            if reference and wanted not in known:
                where = ".".join(("spec", *path, "ref", "name"))
                yield document.fault((where, f"no {reference.get('kind')} is called {wanted!r}"))

    def _subscription(self, document: Document, dead_ends: set[tuple[str, str]]) -> Iterator[Fault]:
        value = document.value
        subscriber, dead = at(value, "spec", "subscriber"), at(value, "spec", "delivery", "deadLetterSink")
        function = text(subscriber, "ref", "name")
        if _end(subscriber) in dead_ends or function == text(dead, "ref", "name"):
            yield document.fault(("spec.delivery.deadLetterSink", f"turns in a circle: {function} is also the subscriber"))
        type_ = _type(value)
        if type_ not in catalogue.ALL:
            yield document.fault(("spec.filters", f"{type_ or 'no type'} is not in shared/events/catalogue.py"))
        subject = next((s for f in items(value, "spec", "filters") if (s := text(f, "exact", "subject"))), "")
        if (type_ == _WAKE) != bool(subject) or (subject and subject != function):
            yield document.fault(("spec.filters", "work.due, and it only, is filtered by subject = the subscriber"))
        service = self.functions.get(function)
        if service is None:
            return
        limit, timeout = at(service.value, "spec", "template", "spec", "timeoutSeconds"), text(value, "spec", "delivery", "timeout")
        if isinstance(limit, int) and timeout.startswith("PT") and seconds(timeout) >= limit:
            yield document.fault(("spec.delivery.timeout", f"must be below {function}'s timeoutSeconds {limit}"))
        if "FUNCTION_KEYS" not in environment(service.value):
            yield service.fault(("spec.template.spec.containers[0].env", "consumes events but has no FUNCTION_KEYS to check them"))

    def _doors(self) -> list[str]:
        """Functions with a door for people."""
        return [function for function, document in self.functions.items() if "USER_KEYS" in environment(document.value)]

    def _catalogue(self, heard: set[str]) -> Iterator[Fault]:
        by_emitter = defaultdict(list)
        for type_, event in catalogue.ALL.items():
            for emitter in self._doors() if event.emitter == EVERY_DOOR else [event.emitter]:
                by_emitter[emitter].append(type_)
        for function, types in by_emitter.items():
            if function not in self.functions:
                yield self.triggers[0].fault(("", f"{function}, which announces {types[0]}, has no Service"))
        for function, document in self.functions.items():
            announces = text(document.value, "metadata", "labels", ANNOUNCES) == "true"
            if announces != (function in by_emitter):
                yield document.fault((f"metadata.labels.{ANNOUNCES}", "must be there for those who announce, and for no others"))
            if announces and "FUNCTION_KEY" not in environment(document.value):
                yield document.fault(("spec.template.spec.containers[0].env", "announces but has no FUNCTION_KEY to sign with"))
        for type_, event in catalogue.ALL.items():
            if (type_ in heard) == (event.unheard is not None):
                reason = "has a reason to be unheard, and a Trigger" if type_ in heard else "is heard by nobody, without a reason"
                yield self.triggers[0].fault(("", f"{type_} {reason} (shared/events/catalogue.py)"))


def environment(value: object) -> dict[str, object]:
    """Name → entry of a function's container."""
    return {text(e, "name"): e for e in items(value, "spec", "template", "spec", "containers", 0, "env")}


def _end(sink: object) -> tuple[str, str]:
    return text(sink, "ref", "name"), text(sink, "uri")


def _type(value: object) -> str:
    return next((t for f in items(value, "spec", "filters") if (t := text(f, "exact", "type"))), "")
