"""A document with every element of a kind, and the ways to spoil one element, for comparing schemas."""

import random
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from shared.ecf.fields import Node, ValueType, model

SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_BY_NAME = {
    "email": "ventas@empresa.com.do",
    "telephone": "809-555-0101",
    "ncf": "E320000000001",
    "payment_terms": "15 dias",
    "digits_20": "12345",
    "security_code": "aB/d+1",
    "instant": "2022-07-27T11:59:31.3551245-04:00",
    "words_3": "FOB",
    "approval_amount": "35400.00",
}
_BY_KIND = {"decimal": "5.00", "integer": "2", "date": "01-12-2026", "moment": "01-12-2026 10:00:00", "text": "Abc de"}


def valid(type_: ValueType) -> str:
    if type_.codes:
        return type_.codes[-1]
    if type_.name.startswith("rnc"):
        return "131880681"
    if "encf" in type_.name or type_.name == "sequence_end":
        return "E320000000001"
    if type_.name == "zero_or_one":
        return "1"
    return _BY_NAME.get(type_.name) or _BY_KIND[type_.kind][: type_.longest]


def full(kind: str) -> etree._Element:
    """Every element once, with an empty Signature at the end."""
    root = etree.Element(model(kind).element)
    _fill(model(kind), root)
    etree.SubElement(root, SIGNATURE)
    return root


def _fill(node: Node, element: etree._Element) -> None:
    for child in node.children:
        below = etree.SubElement(element, child.element)
        if child.type is not None:
            below.text = valid(child.type)
        else:
            _fill(child, below)


def places(kind: str) -> list[tuple[Node, str]]:
    """Every element of a kind with its path from the root."""
    found: list[tuple[Node, str]] = []

    def walk(node: Node, path: str) -> None:
        for child in node.children:
            here = f"{path}/{child.element}" if path else child.element
            found.append((child, here))
            walk(child, here)

    walk(model(kind), "")
    return found


def texts(type_: ValueType) -> list[str]:
    """Values at and over the boundaries of a type."""
    found = [
        "",
        " ",
        "x",
        "0",
        "1",
        "-1",
        "+1",
        "0.00",
        "0.01",
        "00",
        "01",
        " 1 ",
        "1,5",
        "1e3",
        "٣",
        "１",
        "1\n",
        "ñ",
        "_",
        "A_b@c.do",
        "a b",
        "1.0",
    ]
    if type_.kind in ("decimal", "integer") or type_.base in ("decimal", "integer"):
        for digits in (2, 3, 4, 5, 9, 10, 11, 16, 17, 18, 19, 20, 21):
            found += ["9" * digits]
        for digits in (1, 3, 4, 16, 17):
            found += ["9" * digits + "." + "9" * decimals for decimals in (1, 2, 3, 4, 5)]
        found += ["-" + "9" * 16 + ".99"]
        found += ["1000", "1001", "10000", "10001", "0.0001", "1.", ".5", "100.00", "100.000"]
    elif type_.kind in ("date", "moment"):
        found += [
            "1-1-2026",
            "31-02-2026",
            "32-01-2026",
            "01-13-2026",
            "2026-12-01",
            "01-12-1899",
            "01-12-1999",
            "1$-12-2026",
            " 01-12-2026 ",
        ]
        found += [f"01-12-2026 {time}" for time in ("24:00:00", "9:5:7", "23:59:59", "10:60:00", "10:00:61", "10:00")]
    else:
        longest = type_.longest or 20
        found += ["A" * size for size in {longest - 1, longest, longest + 1, 10, 11, 12, 13, 14, 18, 19, 20}]
        found += ["1" * size for size in (8, 9, 10, 11, 12, 13, 19, 20, 21)] + [
            "Ñ" * longest,
            "abc1",
            "ab",
            "A.b",
            "A, b",
            "809-5550101",
            "a@b",
            "a.b@c-d.do",
            "a..b@c.do",
        ]
    found += [*type_.codes[:3], type_.codes[-1] + "0"] if type_.codes else []
    return found


def spoiled(kind: str, every: int = 1) -> Iterator[tuple[str, etree._Element]]:
    """One document again and again, each time with one thing changed; put back before the next."""
    root = full(kind)
    # DGII wrote ^ and $ into this pattern; to the validator that compares both texts they are letters like any other.
    for node, path in places(kind):
        if node.type is not None and node.type.name == "letters_20_notes":
            root.findall(path)[0].text = "^Abc de$"
    yield "whole", root
    for index, (node, path) in enumerate(places(kind)):
        if index % every:
            continue
        (element,) = root.findall(path)[:1]
        parent = element.getparent()
        assert parent is not None
        at = parent.index(element)
        if node.type is not None:
            kept = element.text
            for text in texts(node.type):
                element.text = text
                yield f"{path} = {text!r}", root
            element.text = kept
        parent.remove(element)
        yield f"{path} missing", root
        parent.insert(min(at + 1, len(parent)), element)
        yield f"{path} misplaced", root
        parent.remove(element)
        parent.insert(at, element)
        extra = etree.Element("Ajeno")
        parent.insert(at, extra)
        yield f"{path} preceded by a foreign element", root
        parent.remove(extra)
        for count in {1, node.high - 1, node.high} - {0} if node.high <= 20 else {1}:
            copies = [deepcopy(element) for _ in range(count)]
            for copy in copies:
                parent.insert(at, copy)
            yield f"{path} {count + 1} times", root
            for copy in copies:
                parent.remove(copy)


def mutated(kind: str, seed: int, count: int) -> Iterator[tuple[str, etree._Element]]:
    """`count` documents with random optional elements and up to three random changes; the same ones for the same seed."""
    chance = random.Random(f"{kind}-{seed}")
    whole = full(kind)
    nodes = {path: node for node, path in places(kind)}
    for _ in range(count):
        root = deepcopy(whole)
        _thin_out(root, nodes, chance)
        changes = [_change(root, nodes, chance) for _ in range(chance.choice([0, 1, 1, 1, 2, 3]))]
        yield " | ".join(changes), root


def _path(element: etree._Element) -> str:
    return "/".join([*(str(one.tag) for one in reversed([element, *element.iterancestors()]))][1:])


def _thin_out(root: etree._Element, nodes: dict[str, Node], chance: random.Random) -> None:
    rate = chance.choice([0.0, 0.1, 0.5, 0.9])
    for element in list(root.iter()):
        node, parent = nodes.get(_path(element)), element.getparent()
        if node is not None and parent is not None and node.low == 0 and chance.random() < rate:
            parent.remove(element)


def _change(root: etree._Element, nodes: dict[str, Node], chance: random.Random) -> str:
    offered = [one for one in root.iter() if one is not root]
    if not offered:
        return "nothing left"
    element = chance.choice(offered)
    path, parent = _path(element), element.getparent()
    assert parent is not None
    node = nodes.get(path)
    way = chance.choice(["text", "text", "text", "remove", "double", "move", "foreign", "inside", "attribute", "rename", "swap"])
    if way == "text":
        element.text = (
            chance.choice(texts(node.type)) if node is not None and node.type is not None else chance.choice(["x", " ", ""])
        )
        return f"{path} = {element.text!r}"
    if way == "remove":
        parent.remove(element)
    elif way == "double":
        parent.insert(parent.index(element), deepcopy(element))
    elif way == "move":
        parent.remove(element)
        parent.insert(chance.randint(0, len(parent)), element)
    elif way == "foreign":
        parent.insert(parent.index(element), etree.Element(chance.choice(["Ajeno", "{urn:x}Version", "Version"])))
    elif way == "inside":
        etree.SubElement(element, "Ajeno")
    elif way == "attribute":
        element.set(chance.choice(["a", "{http://www.w3.org/2001/XMLSchema-instance}nil"]), chance.choice(["true", "1", "x"]))
    elif way == "rename":
        element.tag = chance.choice(["Ajeno", str(element.tag).lower(), str(chance.choice(list(root.iter())).tag)])
    else:
        other = chance.choice(offered)
        element.text, other.text = other.text, element.text
        return f"{path} = {element.text!r} and {_path(other)} = {other.text!r}"
    return f"{path} {way}"
