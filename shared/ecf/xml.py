"""A document to the bytes that are signed, and back from a parsed root element."""

from typing import TYPE_CHECKING

from shared.ecf.codes import fault
from shared.ecf.document import Document
from shared.ecf.fields import KINDS, ROOTS, Node, model
from shared.ecf.tree import Tree, Value
from shared.errors import InvalidInput

if TYPE_CHECKING:
    from lxml.etree import _Element

SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
# All five of XML, quotes too: DGII asks for references in text (Descripción Técnica). A carriage return never gets here.
_REFERENCES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})
_KIND_OF_ROOT = {root: kind for kind, root in ROOTS.items()}


def write(document: Document) -> bytes:
    """UTF-8 with declaration, elements in schema order, nothing between them, no empty element, no Signature."""
    node = model(document.kind)
    parts = [_DECLARATION, f"<{node.element}>"]
    _write(node, document.tree, parts)
    parts.append(f"</{node.element}>")
    return "".join(parts).encode()


def _write(node: Node, tree: Tree, parts: list[str]) -> None:
    for child in node.children:
        if not child.json:
            mark = len(parts)
            parts.append(f"<{child.element}>")
            _write(child, tree, parts)
            if len(parts) == mark + 1:
                parts.pop()
            else:
                parts.append(f"</{child.element}>")
        elif child.json in tree:
            held = tree[child.json]
            for entry in held if isinstance(held, list) else (held,):
                _write_one(child, entry, parts)


def _write_one(node: Node, entry: Value, parts: list[str]) -> None:
    if isinstance(entry, str):
        parts.append(f"<{node.element}>{entry.translate(_REFERENCES)}</{node.element}>")
    elif isinstance(entry, dict):
        parts.append(f"<{node.element}>")
        _write(node, entry, parts)
        parts.append(f"</{node.element}>")


def read(root: "_Element") -> Document:
    """The document below a root element, with or without Signature; InvalidInput when the table does not know its elements.

    Meant for bytes that the gate let in and the schema accepted; it checks names, not values.
    """
    kind = kind_of(root)
    return Document(kind, _read(model(kind), root))


def kind_of(root: "_Element") -> str:
    """Which kind of document a root element is: its name, and for ECF the text of TipoeCF."""
    known = {**_KIND_OF_ROOT, "ECF": root.findtext("Encabezado/IdDoc/TipoeCF") or ""}
    kind = known.get(str(root.tag), "")
    if kind not in KINDS or (root.tag == "ECF") != (kind not in ROOTS):
        raise InvalidInput(fault("ECF-9001", "", detail=f"raíz {str(root.tag)[:40]}"))
    return kind


def _read(node: Node, element: "_Element") -> Tree:
    found: Tree = {}
    for child in element:
        if child.tag == SIGNATURE or not isinstance(child.tag, str):
            continue
        place = node.by_element.get(child.tag)
        if place is None:
            raise InvalidInput(fault("ECF-9001", "", detail=f"{child.tag[:40]} no corresponde en {node.element}"))
        if not place.json:
            found.update(_read(place, child))
            continue
        entry: Value = _read(place, child) if place.type is None else child.text or ""
        if place.repeats:
            held = found.setdefault(place.json, [])
            if isinstance(held, list):
                held.append(entry)
        else:
            found[place.json] = entry
    return found
