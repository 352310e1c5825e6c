"""What Kubernetes' YAML loader and ours would read differently is refused, with its line."""

from pathlib import Path

import pytest

from knative.lint.source import parse

FILE = Path("some.yaml")


@pytest.mark.parametrize(
    "text",
    ["a: y", "a: on", "a: No", "a: 0755", "a: 12:30", "a: 1_000", "a: 2026-01-02", "a: =", "a: &x 1\nb: *x", "a: &x 1",
     "a: !!set {}", "a: 1\na: 2", "on: 1", "1: a", "a: b: c", "a:\n\t- b"],
)  # fmt: skip
def test_ambiguous_text_is_refused(text: str) -> None:
    assert parse(text, FILE)[1], text


@pytest.mark.parametrize(
    "text", ["a: 'y'", 'a: "0755"', "a: true", "a: 8080", "a: 10m", "a: 1.5", "a: yes-man", "a:\n  - b", "a: 0", "# only a comment"]
)
def test_plain_text_is_taken(text: str) -> None:
    assert parse(text, FILE)[1] == []


def test_values_are_those_of_yaml_and_each_knows_its_line() -> None:
    (first, second), faults = parse("a:\n  b:\n    - 1\n    - c: true\n---\nd: text\n", FILE)
    assert faults == []
    assert (first.value, second.value) == ({"a": {"b": [1, {"c": True}]}}, {"d": "text"})
    assert (first.lines["a.b[1].c"], second.lines["d"]) == (4, 6)


def test_a_fault_of_something_missing_stands_at_the_nearest_place_that_exists() -> None:
    (document,), _ = parse("a:\n  b:\n    c: 1\n", FILE)
    assert str(document.fault(("a.b.c.d[0]", "is wrong"))) == "some.yaml:3: a.b.c.d[0]: is wrong"
    assert document.fault(("", "is wrong")).line == 1
