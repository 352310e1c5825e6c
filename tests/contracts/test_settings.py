"""A manifest gives a function every variable that its Settings require, and none that they do not know."""

import importlib

import pytest

from knative.lint.references import environment
from knative.lint.source import load
from tests.contracts.overlays import ROOT

FUNCTIONS = sorted(file.parent.name for file in (ROOT / "functions").glob("*/settings.py"))
OF_THE_PROCESS = {"LISTEN_HOST", "PORT", "K_SINK"}
"""Read before Settings exist, injected by Knative, given by the SinkBinding."""


def faults(function: str, given: set[str]) -> list[str]:
    fields = importlib.import_module(f"functions.{function}.settings").Settings.model_fields
    known = {field.upper() for field in fields} - OF_THE_PROCESS
    required = {field.upper() for field, info in fields.items() if info.is_required()} - OF_THE_PROCESS
    given = given - OF_THE_PROCESS
    return [f"lacks {key}" for key in sorted(required - given)] + [f"does not know {key}" for key in sorted(given - known)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_environment_equals_settings(function: str) -> None:
    (document,) = load(ROOT / f"knative/services/{function}.yaml")[0]
    assert faults(function, set(environment(document.value))) == []


def test_a_difference_would_be_seen() -> None:
    (document,) = load(ROOT / "knative/services/auth.yaml")[0]
    given = set(environment(document.value))
    assert faults("auth", given - {"DATABASE_URL"}) == ["lacks DATABASE_URL"]
    assert faults("auth", given | {"COLOUR"}) == ["does not know COLOUR"]


def test_every_function_has_a_manifest_and_every_manifest_a_function() -> None:
    manifests = {file.stem for file in (ROOT / "knative/services").glob("*.yaml")} - {"kustomization"}
    assert set(FUNCTIONS) == manifests
