"""The project's own manifests, as good examples to be spoiled by tests."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from knative.lint.check import BASE, files
from knative.lint.source import Document, load

ROOT = Path(__file__).parents[3]
Change = Callable[[Any], object]


def documents() -> list[Document]:
    """Every document of the base manifests."""
    return [document for file in files(ROOT, BASE) for document in load(file)[0]]


def good(file: str, number: int = 0) -> Document:
    return load(ROOT / file)[0][number]


def changed(document: Document, change: Change) -> Document:
    value = copy.deepcopy(document.value)
    change(value)
    return Document(document.file, value, document.lines)


def pod(value: Any) -> Any:
    return value["spec"]["template"]["spec"]


def container(value: Any) -> Any:
    return pod(value)["containers"][0]


def notes(value: Any) -> Any:
    return value["spec"]["template"]["metadata"]["annotations"]


def entry(value: Any, name: str) -> Any:
    return next(e for e in container(value)["env"] if e["name"] == name)
