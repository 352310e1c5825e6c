"""What a rendered overlay must and must not contain before it may go to a cluster."""

from collections.abc import Iterator

from knative.lint.faults import Fault
from knative.lint.references import environment
from knative.lint.source import Document
from knative.lint.tree import at, items, kind, mapping, name, text, walk

_FUNCTION = ("serving.knative.dev", "Service")


def provided(documents: list[Document]) -> dict[tuple[str, str], set[str]]:
    """(kind, name) → keys of the Secrets and ConfigMaps that the overlay itself brings."""
    found: dict[tuple[str, str], set[str]] = {}
    for document in documents:
        match kind(document.value):
            case "external-secrets.io", "ExternalSecret":
                keys = {text(entry, "secretKey") for entry in items(document.value, "spec", "data")}
                found["secretKeyRef", text(document.value, "spec", "target", "name")] = keys
            case "", "ConfigMap":
                found["configMapKeyRef", name(document.value)] = set(mapping(document.value, "data"))
    return found


def findings(documents: list[Document], *, development: bool) -> Iterator[Fault]:
    """`development`: tags, the sandbox and the in-memory Broker are welcome, and Secrets are made by hand; else refused."""
    brought = provided(documents)
    accounts = {name(d.value) for d in documents if kind(d.value) == ("", "ServiceAccount")}
    for document in documents:
        value = document.value
        if kind(value) == ("", "Secret"):
            yield document.fault(("", "a Secret may not be written down: external-secrets or the operator makes it"))
        for path, found in walk(value):
            if path.endswith(".serviceAccountName") and found not in accounts:
                yield document.fault((path, f"no ServiceAccount is called {found!r}"))
            if path.endswith(("secretKeyRef", "configMapKeyRef")):
                yield from _reference(document, path, brought, development)
            if not development and path.endswith(".image") and "@sha256:" not in str(found):
                yield document.fault((path, f"{found!r} must be named by digest"))
        if not development:
            yield from _refused(document)


def _reference(document: Document, path: str, brought: dict[tuple[str, str], set[str]], development: bool) -> Iterator[Fault]:
    what = path.rpartition(".")[2]
    reference = next(found for place, found in walk(document.value) if place == path)
    wanted = (what, text(reference, "name"))
    if at(reference, "optional") is True or (development and wanted not in brought):
        return
    if text(reference, "key") not in brought.get(wanted, set()):
        yield document.fault((path, f"nothing here brings {wanted[1]!r} with the key {text(reference, 'key')!r}"))


def _refused(document: Document) -> Iterator[Fault]:
    value = document.value
    if name(value) == "sandbox":
        yield document.fault(("metadata.name", "the sandbox stays in development"))
    if kind(value) == ("eventing.knative.dev", "Broker"):
        chosen = text(value, "metadata", "annotations", "eventing.knative.dev/broker.class")
        if chosen != "Kafka":
            yield document.fault(("metadata.annotations", f"{chosen} loses events: the class must be Kafka"))
    if kind(value) == _FUNCTION:
        for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            if key in environment(value):
                yield document.fault(("spec.template.spec.containers[0].env", f"{key}: rights come from the pod's identity"))
