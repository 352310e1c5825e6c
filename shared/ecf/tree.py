"""The tree of a document: JSON names over the texts of its XML, in schema order."""

from decimal import Decimal
from typing import Union

from shared.ecf.fields import Node

Value = Union[str, "Tree", list["Value"]]
Tree = dict[str, Value]


def branch(tree: Tree, name: str) -> Tree:
    """The group of that name; an empty one when it is not there."""
    found = tree.get(name)
    return found if isinstance(found, dict) else {}


def rows(tree: Tree, name: str) -> list[Tree]:
    """The groups of a list; none when it is not there."""
    found = tree.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def number(tree: Tree, name: str) -> Decimal | None:
    """A value of the tree as a number; None when it is not there."""
    found = tree.get(name)
    return Decimal(found) if isinstance(found, str) else None


def arranged(node: Node, tree: Tree) -> Tree:
    """The same entries in the order of the schema (one level)."""
    return {name: tree[name] for name in node.members if name in tree}
