"""Catalogue, triggers and functions name the same facts: one emitter, a listener or a reason, a handler for what comes."""

import ast
import importlib

import pytest

from knative.lint.references import Topology
from knative.lint.tree import items, text
from shared.events import catalogue
from tests.contracts.overlays import ROOT
from tests.knative.lint.project import documents

HEARD: dict[str, set[str]] = {}
for _trigger in Topology(documents()).triggers:
    for _filter in items(_trigger.value, "spec", "filters"):
        HEARD.setdefault(text(_trigger.value, "spec", "subscriber", "ref", "name"), set()).add(text(_filter, "exact", "type"))


def test_triggers_and_catalogue_agree() -> None:
    assert [str(fault) for fault in Topology(documents()).faults()] == []


@pytest.mark.parametrize("function", sorted(f for f in HEARD if (ROOT / f"functions/{f}/handlers.py").is_file()))
def test_a_function_handles_exactly_what_its_triggers_bring(function: str) -> None:
    handlers = importlib.import_module(f"functions.{function}.handlers")
    handled = {event.type for event in getattr(handlers, "EVENTS", ())}
    # A table of jobs that needs a setting is a function of it.
    works = hasattr(handlers, "JOBS") or hasattr(handlers, "jobs")
    assert handled | ({catalogue.WorkDue.type} if works else set()) == HEARD[function]


def test_who_handles_events_has_triggers() -> None:
    consumers = set()
    for file in (ROOT / "functions").glob("*/handlers.py"):
        if getattr(importlib.import_module(f"functions.{file.parent.name}.handlers"), "EVENTS", None):
            consumers.add(file.parent.name)
    assert consumers <= set(HEARD)


def test_only_the_emitter_builds_a_fact() -> None:
    emitters = {cls.__name__: cls.emitter for cls in catalogue.ALL.values()}
    strangers = [
        f"{file.relative_to(ROOT)}: {node.func.id}"
        for file in (ROOT / "functions").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in emitters
        if emitters[node.func.id] != file.relative_to(ROOT / "functions").parts[0]
    ]
    assert strangers == []


def test_a_fact_has_one_class_and_one_well_formed_type() -> None:
    assert len({event.type for event in catalogue.ALL.values()}) == len(catalogue.ALL)
    for type_ in catalogue.ALL:
        prefix, noun, participle, version = type_.removeprefix("do.").split(".")
        assert (prefix, version) == ("getupnet", "v1")
        assert noun.isalpha()
        assert participle.replace("-", "").isalpha()
