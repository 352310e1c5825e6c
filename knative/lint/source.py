"""Reads YAML with the line of every value, and refuses what Kubernetes' loader and Python's would read differently."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from knative.lint.faults import Fault, Finding

_AMBIGUOUS = (
    (re.compile(r"(?i)y|n|yes|no|on|off"), "is true or false to some readers and text to others: quote it"),
    (re.compile(r"[-+]?0[0-9_]+|[-+]?0[xob][0-9a-fA-F_]+"), "is an octal or other number to some readers: quote it"),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"), "is a number in base 60 to some readers: quote it"),
    (re.compile(r"[-+]?[0-9]+_[0-9_]+"), "is a number with underscores to some readers: quote it"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"), "is a date to some readers: quote it"),
    (re.compile(r"="), "is a special value to some readers: quote it"),
)
_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}


@dataclass(frozen=True)
class Document:
    """One YAML document: its value, and the line of each path in it."""

    file: Path
    value: object
    lines: dict[str, int] = field(default_factory=dict)

    def fault(self, finding: Finding) -> Fault:
        """The finding with its file and the line of the nearest place that exists."""
        path, message = finding
        place = path
        while place not in self.lines and place:
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        return Fault(self.file, self.lines.get(place, 1), path, message)


def load(file: Path) -> tuple[list[Document], list[Fault]]:
    """Every document of a file that is not empty, and what is wrong with the text itself."""
    return parse(file.read_text(encoding="utf-8"), file)


def parse(text: str, file: Path) -> tuple[list[Document], list[Fault]]:
    """The same from text; `file` is only a name."""
    documents: list[Document] = []
    faults: list[Fault] = []
    try:
        for node in yaml.compose_all(text, Loader=yaml.SafeLoader):
            reader = _Reader()
            value = reader.read(node, "")
            document = Document(file, value, reader.lines)
            faults += [document.fault(finding) for finding in reader.findings]
            if value is not None:
                documents.append(document)
        faults += _anchors(text, file)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.append(Fault(file, line, "", f"is no YAML: {error.problem}"))
    return documents, faults


def _anchors(text: str, file: Path) -> Iterator[Fault]:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1 if event.start_mark else 1
            yield Fault(file, line, "", "anchors and aliases are not used here: write the value out")


class _Reader:
    """Turns nodes into values and remembers where each one stands."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.findings: list[Finding] = []

    def read(self, node: yaml.Node | None, path: str) -> object:
        if node is None:
            return None
        self.lines.setdefault(path, node.start_mark.line + 1)
        if node.tag not in _PLAIN_TAGS and not (isinstance(node, yaml.ScalarNode) and self._ambiguous(node)):
            self.findings.append((path, f"has the tag {node.tag}"))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, f"{path}[{n}]") for n, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and (reason := self._ambiguous(node)):
            self.findings.append((path, f"{node.value!r} {reason}"))
            return str(node.value)
        return yaml.SafeLoader("").construct_object(node)

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str" or self._ambiguous(key):
                self.findings.append((path, f"the key {key.value!r} is not plain text"))
                continue
            here = f"{path}.{key.value}".lstrip(".")
            line = key.start_mark.line + 1
            self.lines.setdefault(here, line)
            if key.value in found:
                self.findings.append((here, f"stands twice, again in line {line}"))
            found[key.value] = self.read(item, here)
        return found

    @staticmethod
    def _ambiguous(node: yaml.ScalarNode) -> str | None:
        if node.style is not None:
            return None
        return next((reason for pattern, reason in _AMBIGUOUS if pattern.fullmatch(node.value)), None)
