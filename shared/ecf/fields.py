"""The table of fields: `fields.csv`, `types.csv` and `lists.csv` read once, and the tree of each document built from them.

`fields.csv` has one row an element; a column a document says how often it occurs there (`1`, `?`, `1-7`) and, after a colon,
its value type where that differs from the row's. `json` is the name in our trees; empty means the element falls away and its
children belong to its parent. `origin` says who gives the value: the caller, us, or (when the caller leaves it out) a computation.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KINDS = ("31", "32", "33", "34", "41", "43", "44", "45", "46", "47", "RFCE", "ARECF", "ACECF", "ANECF", "Semilla")
ROOTS = {"RFCE": "RFCE", "ARECF": "ARECF", "ACECF": "ACECF", "ANECF": "ANECF", "Semilla": "SemillaModel"}
_HERE = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class ValueType:
    """What one value may be: the facets of the schema, and in `accepts` the narrower form we take from callers."""

    name: str
    kind: str
    base: str
    pattern: str
    min_length: str
    max_length: str
    total_digits: str
    fraction_digits: str
    min: str
    above: str
    max: str
    list: str
    codes: tuple[str, ...]
    accepts: re.Pattern[str] | None
    says: str
    longest: int | None
    as_integer: dict[int, str]
    known: frozenset[str]


@dataclass(frozen=True, eq=False)
class Node:
    """One element in one document: its XML name, JSON name, occurrence, value type (none for a group) and children in order."""

    element: str
    json: str
    low: int
    high: int
    type: ValueType | None
    origin: str
    printed: str
    children: tuple["Node", ...]
    members: dict[str, "Node"]
    required: frozenset[str]
    by_element: dict[str, "Node"]

    @property
    def repeats(self) -> bool:
        return self.high > 1


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def lists() -> dict[str, dict[str, tuple[str, str]]]:
    """Every closed list: name of the list → code → (name, short form)."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for row in _rows("lists.csv"):
        found.setdefault(row["list"], {})[row["code"]] = (row["name"], row["short"])
    return found


def label(list_name: str, code: str) -> str:
    """The words for a code of a closed list; the code itself when the list does not have it."""
    return lists().get(list_name, {}).get(code, (code, ""))[0]


@cache
def types() -> dict[str, ValueType]:
    """Every value type by its name."""
    found: dict[str, ValueType] = {}
    for row in _rows("types.csv"):
        source = row.pop("list")
        accepts = row.pop("accepts")
        codes = (source[1:],) if source.startswith("=") else tuple(lists()[source]) if source else ()
        found[row["name"]] = ValueType(
            **row,
            list=source,
            codes=codes,
            accepts=re.compile(accepts, re.ASCII if row["kind"] != "text" else 0) if accepts else None,
            longest=int(row["max_length"]) if row["max_length"] else None,
            as_integer={int(code): code for code in codes if code.isdigit()},
            known=frozenset(codes),
        )
    return found


@cache
def _table() -> list[dict[str, str]]:
    return _rows("fields.csv")


def _occurrence(cell: str) -> tuple[int, int]:
    low, _, high = {"1": "1-1", "?": "0-1"}.get(cell, cell).partition("-")
    return int(low), int(high)


def _node(row: dict[str, str], kind: str, below: dict[str, list[dict[str, str]]]) -> Node:
    cell, _, override = row[kind].partition(":")
    low, high = _occurrence(cell)
    type_name = override or row["type"]
    children = tuple(_node(child, kind, below) for child in below.get(row["path"], ()))
    return Node(
        row["path"].rpartition("/")[2],
        row["json"],
        low,
        high,
        types()[type_name] if type_name else None,
        row["origin"],
        row["print"],
        children,
        _members(children),
        _required(children),
        {child.element: child for child in children},
    )


def _members(children: tuple[Node, ...]) -> dict[str, Node]:
    """Children by JSON name in schema order; the children of one that falls away take its place."""
    found: dict[str, Node] = {}
    for child in children:
        found.update({child.json: child} if child.json else child.members)
    return found


def _required(children: tuple[Node, ...]) -> frozenset[str]:
    """JSON names that must be there: compulsory themselves and in wrappers that are compulsory too."""
    found: set[str] = set()
    for child in children:
        if child.low:
            found |= {child.json} if child.json else child.required
    return frozenset(found)


@cache
def model(kind: str) -> Node:
    """The root element of a document kind (one of KINDS) with everything below it."""
    below: dict[str, list[dict[str, str]]] = {}
    for row in _table():
        if row[kind]:
            below.setdefault(row["path"].rpartition("/")[0], []).append(row)
    children = tuple(_node(row, kind, below) for row in below[""])
    return Node(
        ROOTS.get(kind, "ECF"),
        "",
        1,
        1,
        None,
        "caller",
        "",
        children,
        _members(children),
        _required(children),
        {child.element: child for child in children},
    )


@cache
def places(kind: str) -> dict[str, str]:
    """Where each JSON name lives in a document, as a path for humans (`items[].cantidad_item`); the first place wins."""
    found: dict[str, str] = {}

    def walk(node: Node, path: str) -> None:
        for name, child in node.members.items():
            here = f"{path}{name}"
            found.setdefault(name, here)
            walk(child, f"{here}[]." if child.repeats else f"{here}.")

    walk(model(kind), "")
    return found


@cache
def every_name() -> frozenset[str]:
    """All JSON names of all documents, to recognise a field that exists but not in this type."""
    return frozenset(row["json"] for row in _table() if row["json"])
