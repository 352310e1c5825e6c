"""The manifests are the truth: without fault by our linter and by Knative's own definitions, in every overlay."""

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from knative.lint.check import one, rendered, run
from knative.lint.source import Document
from knative.lint.tree import at, items, kind, mapping, name, text, walk
from knative.rules.manifests import read
from tests.contracts.overlays import OVERLAYS, ROOT, render

SHARED = ROOT.parent / "shared" / "knative"
FUNCTION = ("serving.knative.dev", "Service")
UNWATCHED = {"S20-projected-mount-not-readonly"}
"""The seeded mistake that Knative mends by itself; we use no projected volumes at all."""


def test_no_manifest_has_a_fault() -> None:
    assert [str(fault) for fault in run(ROOT)] == []


def test_a_broken_manifest_would_be_seen(tmp_path: Path) -> None:
    for folder in ("knative/services", "eventing"):
        for file in (ROOT / folder).rglob("*.yaml"):
            copy = tmp_path / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(file.read_text(encoding="utf-8").replace("backoffPolicy: exponential", "backoffPolicy: expo"))
    faults = run(tmp_path, ["knative/services", "eventing"])
    assert len(faults) >= len(list((ROOT / "eventing/triggers").glob("*.yaml")))


@pytest.mark.judge
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_renders_without_fault(overlay: str) -> None:
    assert [str(fault) for fault in rendered(list(render(overlay)), development=overlay == "dev")] == []


@pytest.mark.judge
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_development_has_the_sandbox_and_keys_of_aws(overlay: str) -> None:
    documents = render(overlay)
    sandboxed = any(name(document.value) == "sandbox" for document in documents)
    keyed = any(found == "AWS_ACCESS_KEY_ID" for document in documents for _, found in walk(document.value))
    assert (sandboxed, keyed) == ((True, True) if overlay == "dev" else (False, False))


@pytest.mark.judge
@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_the_cloud_denies_by_default_and_lets_only_signers_reach_the_internal_gateway(overlay: str) -> None:
    policies = {name(d.value): d.value for d in render(overlay) if kind(d.value) == ("networking.k8s.io", "NetworkPolicy")}
    denied = mapping(policies["default-deny"], "spec")
    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ways = [
        key
        for key, policy in policies.items()
        if any(found == "kourier-system" for way in items(policy, "spec", "egress") for _, found in walk(way))
    ]
    assert ways == ["callers"]
    callers = items(policies["callers"], "spec", "podSelector", "matchExpressions", 0, "values")
    assert set(map(str, callers)) == {"approvals", "billing", "client", "dgii", "notify", "receiver"}


def _mutants() -> Iterator[tuple[str, Document]]:
    # The seeds are a script that writes files into ./m; its table is all that is wanted.
    table = runpy.run_path(str(SHARED / "lint/manifest_mutants.py"))["M"]
    for title, value in table.items():
        yield title, Document(Path(f"{title}.yaml"), value)


def test_seeded_mistakes_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake counts as caught only by a fault that the unspoiled manifest does not have."""
    if not SHARED.is_dir():
        pytest.skip("no folder with seeded mistakes beside the project")
    (tmp_path / "m").mkdir()
    monkeypatch.chdir(tmp_path)
    mutants = dict(_mutants())
    good = {kind(d.value): _faults(d) for title, d in mutants.items() if title.startswith("00-")}
    spoiled = {title: d for title, d in mutants.items() if not title.startswith("00-")}
    same_kind = {
        title: good.get(("serving.knative.dev", "Service") if title[0] == "S" else kind(d.value), set())
        for title, d in spoiled.items()
    }
    missed = {title for title, document in spoiled.items() if not _faults(document) - same_kind[title]}
    with capsys.disabled():
        sys.stdout.write(f"\nseeded mistakes caught: {len(spoiled) - len(missed)} of {len(spoiled)}; missed: {sorted(missed)}\n")
    assert len(spoiled) == 47
    assert missed <= UNWATCHED


def _faults(document: Document) -> set[tuple[str, str]]:
    return {(fault.path, fault.message) for fault in one(document)}


@pytest.mark.judge
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_knatives_own_definitions_know_every_field(overlay: str) -> None:
    if not (SHARED / "crds").is_dir():
        pytest.skip("no folder with Knative's definitions beside the project")
    schemas = _schemas()
    checked = 0
    for document in render(overlay):
        if schema := schemas.get((text(document.value, "apiVersion"), text(document.value, "kind"))):
            checked += 1
            assert list(_unknown(document.value, schema, name(document.value))) == []
    assert checked > 30


def test_an_unknown_field_would_be_seen() -> None:
    schema = {"properties": {"spec": {"properties": {"a": {"type": "string"}}}}}
    assert list(_unknown({"spec": {"a": "x", "b": 1}}, schema, "x")) == ["x.spec.b"]
    assert list(_unknown({"spec": {"a": 1}}, schema, "x")) == ["x.spec.a is no string"]


def _schemas() -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    for folder in ("knative-serving", "knative-eventing", "external-secrets"):
        for file in (SHARED / "crds" / folder).glob("*.yaml"):
            for crd in yaml.load_all(file.read_text(encoding="utf-8"), yaml.CBaseLoader):
                for version in items(crd, "spec", "versions"):
                    key = (f"{text(crd, 'spec', 'group')}/{text(version, 'name')}", text(crd, "spec", "names", "kind"))
                    found[key] = at(version, "schema", "openAPIV3Schema")
    return found


def _unknown(value: object, schema: Any, path: str) -> Iterator[str]:
    if path.count(".") == 1 and path.endswith(".metadata"):
        return
    known = mapping(schema, "properties")
    if isinstance(value, dict):
        yield from (f"{path} lacks {key}" for key in items(schema, "required") if key not in value)
        free = "additionalProperties" in schema or at(schema, "x-kubernetes-preserve-unknown-fields") == "true"
        for key, item in value.items():
            if key in known:
                yield from _unknown(item, known[key], f"{path}.{key}")
            elif known and not free and key not in {"apiVersion", "kind", "metadata"}:
                yield f"{path}.{key}"
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _unknown(item, at(schema, "items") or {}, f"{path}[{n}]")
    else:
        wanted = {"string": str, "integer": int, "boolean": bool}.get(text(schema, "type"))
        if wanted and type(value) is not wanted:
            yield f"{path} is no {text(schema, 'type')}"


@pytest.mark.parametrize("path", ["/metrics", "/docs", "/redoc", "/openapi.json", "/healthz", "/readyz", "/events"])
def test_web_18_what_is_for_us_alone_is_on_no_public_listener(path: str) -> None:
    routes = read(ROOT).routes
    assert routes
    assert not [prefix for prefix, _ in routes if (path + "/").startswith(prefix.rstrip("/") + "/")]
