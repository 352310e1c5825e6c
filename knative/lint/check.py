"""All rules over a set of files."""

from collections.abc import Callable, Iterator
from pathlib import Path

from knative.lint import cloud, events, routes, services
from knative.lint.faults import Fault, Finding
from knative.lint.references import Topology
from knative.lint.source import Document, load
from knative.lint.tables import TABLES
from knative.lint.tree import at, items, kind, text
from knative.local.features import ROUTES, faults

_RULES: dict[tuple[str, str], Callable[[object], Iterator[Finding]]] = {
    ("serving.knative.dev", "Service"): services.findings,
    ("eventing.knative.dev", "Trigger"): events.trigger,
    ("eventing.knative.dev", "Broker"): events.broker,
    ("sources.knative.dev", "PingSource"): events.ping,
    ("sources.knative.dev", "SinkBinding"): events.binding,
}
BASE = ("knative/services", "eventing")
EVERYTHING = (*BASE, "knative/routes.yaml", "knative/overlays", "knative/policies")


def one(document: Document) -> Iterator[Fault]:
    """What is wrong with one document by itself."""
    value = document.value
    if document.file.name == "routes.yaml" and at(value, "routes") is not None:
        yield from (document.fault((path, message)) for path, _, message in faults(value, ROUTES))
        return
    table = TABLES.get(kind(value))
    if table is None:
        yield document.fault(("kind", f"{text(value, 'apiVersion')!r} {text(value, 'kind')!r} is no kind that we use"))
        return
    for path, _, message in faults(value, table):
        yield document.fault((path, message))
    for finding in _RULES.get(kind(value), _nothing)(value):
        yield document.fault(finding)


def _nothing(_: object) -> Iterator[Finding]:
    yield from ()


def files(root: Path, paths: tuple[str, ...] | list[str] = EVERYTHING) -> list[Path]:
    """Every YAML file under the paths, each once."""
    found = {
        file: None
        for path in paths
        for file in (sorted((root / path).rglob("*.yaml")) if (root / path).is_dir() else [root / path])
    }
    return list(found)


def run(root: Path, paths: tuple[str, ...] | list[str] = EVERYTHING) -> list[Fault]:
    """Faults of the files; references are followed through the base manifests too, faults of which count only if asked for."""
    documents: list[Document] = []
    found: list[Fault] = [Fault(root / path, 1, "", "does not exist") for path in paths if not (root / path).exists()]
    asked = [file for file in files(root, paths) if file.is_file()]
    for file in asked:
        read, wrong = load(file)
        documents += read
        found += wrong
    found += [fault for document in documents for fault in one(document)]
    found += [fault for document in documents for fault in _kustomization(document)]
    base = [document for file in files(root, BASE) if file.is_file() and file not in asked for document in load(file)[0]]
    topology = Topology([*documents, *base])
    found += [fault for fault in topology.faults() if fault.file in asked]
    for document in documents:
        found += _routes(document, topology)
    if root / "knative/routes.yaml" in asked:
        found += [Fault(root / file, 1, "", "is stale: run `python -m knative.lint routes`") for file in routes.drift(root)]
    return sorted(set(found))


def rendered(documents: list[Document], *, development: bool) -> list[Fault]:
    """Faults of a whole rendered overlay."""
    found = [fault for document in documents for fault in one(document)]
    return sorted({*found, *Topology(documents).faults(), *cloud.findings(documents, development=development)})


def _kustomization(document: Document) -> Iterator[Fault]:
    if kind(document.value) == ("kustomize.config.k8s.io", "Kustomization"):
        here = document.file.parent
        named = [str(entry) for entry in items(document.value, "resources")]
        for n, entry in enumerate(named):
            target = here / entry
            if not (target.is_file() or (target / "kustomization.yaml").is_file()):
                yield document.fault((f"resources[{n}]", f"{entry} does not exist"))
        for file in sorted(here.glob("*.yaml")):
            if file.name not in {*named, "kustomization.yaml"}:
                yield document.fault(("resources", f"leaves {file.name} out"))


def _routes(document: Document, topology: Topology) -> Iterator[Fault]:
    seen: set[str] = set()
    for n, route in enumerate(items(document.value, "routes")):
        prefix, function = text(route, "prefix"), text(route, "function")
        if function not in topology.functions:
            yield document.fault((f"routes[{n}].function", f"no function is called {function!r}"))
        if function in {"sandbox", "sign"}:
            yield document.fault((f"routes[{n}].function", f"{function} is never public"))
        if prefix in seen:
            yield document.fault((f"routes[{n}].prefix", f"{prefix} stands twice"))
        if prefix.endswith("/"):
            yield document.fault((f"routes[{n}].prefix", "must not end with a slash: prefixes match whole segments"))
        seen.add(prefix)
