"""The XML schema of every document kind, generated from the table of fields, and what a document says against it."""

from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from lxml import etree

from shared.ecf.fields import KINDS, Node, ValueType, model

_XS = "http://www.w3.org/2001/XMLSchema"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_FACETS = (
    ("pattern", "pattern"),
    ("minLength", "min_length"),
    ("maxLength", "max_length"),
    ("totalDigits", "total_digits"),
    ("fractionDigits", "fraction_digits"),
    ("minInclusive", "min"),
    ("minExclusive", "above"),
    ("maxInclusive", "max"),
)
# DGII leaves the signature optional in the two answers between taxpayers.
_SIGNATURE_OPTIONAL = frozenset({"ARECF", "ACECF"})


@dataclass(frozen=True)
class SchemaFault:
    """One thing the schema refuses: the path of the element and the validator's words (English, for the log)."""

    path: str
    detail: str


@cache
def xsd(kind: str) -> str:
    """The schema of one document kind as text; it accepts what DGII's schema of that kind accepts, in any validator."""
    root = model(kind)
    used: dict[str, ValueType] = {}
    any_ = f'<xs:any processContents="skip"{" minOccurs=" + quoteattr("0") if kind in _SIGNATURE_OPTIONAL else ""}/>'
    body = "".join(_element(child, used) for child in root.children)
    simple = "".join(_simple(type_) for _, type_ in sorted(used.items()))
    return (
        f'<xs:schema xmlns:xs="{_XS}"><xs:element name="{root.element}"><xs:complexType><xs:sequence>'
        f"{body}{any_}</xs:sequence></xs:complexType></xs:element>{simple}</xs:schema>"
    )


def _element(node: Node, used: dict[str, ValueType]) -> str:
    occurs = ("" if node.low == 1 else f' minOccurs="{node.low}"') + ("" if node.high == 1 else f' maxOccurs="{node.high}"')
    if node.type is not None:
        used[node.type.name] = node.type
        return f'<xs:element name="{node.element}" type="{node.type.name}"{occurs}/>'
    body = "".join(_element(child, used) for child in node.children)
    return (
        f'<xs:element name="{node.element}"{occurs}><xs:complexType><xs:sequence>{body}</xs:sequence></xs:complexType></xs:element>'
    )


def _simple(type_: ValueType) -> str:
    codes = "".join(f"<xs:enumeration value={quoteattr(code)}/>" for code in type_.codes)
    facets = "".join(f"<xs:{facet} value={quoteattr(held)}/>" for facet, name in _FACETS if (held := getattr(type_, name)))
    return (
        f'<xs:simpleType name="{type_.name}"><xs:restriction base="xs:{type_.base}">{codes}{facets}'
        "</xs:restriction></xs:simpleType>"
    )


class Identity(NamedTuple):
    """Which schema judged a document: DGII's version of the format and the SHA-256 (hexadecimal) of the schema's bytes."""

    version: str
    sha256: str


class SchemaMissing(LookupError):
    """A folder of schemas has none, or more than one, for a kind of document."""


class SchemaBroken(ValueError):
    """A file of a folder of schemas is no schema."""


@cache
def identity(kind: str, folder: Path | None = None) -> Identity:
    """The schema that `faults` uses; DGII has changed schemas without changing the version, so both are kept with a document."""
    data = _bytes(kind, folder)
    return Identity(_version(_readable(etree.fromstring(data, _parser()))), sha256(data).hexdigest())


def _version(schema: "etree._Element") -> str:
    """The first value that the schema has for Version; the seed has no such element, and one format so far."""
    element = schema.find(f".//{{{_XS}}}element[@name='Version']")
    if element is None:
        return "1.0"
    type_ = schema.find(f"{{{_XS}}}simpleType[@name='{element.get('type')}']")
    code = (element if type_ is None else type_).find(f".//{{{_XS}}}enumeration")
    return "1.0" if code is None else str(code.get("value"))


def ready(folder: Path | None) -> Path | None:
    """The folder, every schema of it compiled, for a start that must fail: SchemaMissing or SchemaBroken name the file's kind."""
    for kind in KINDS if folder is not None else ():
        _compiled(kind, folder)
    return folder


def _bytes(kind: str, folder: Path | None) -> bytes:
    return xsd(kind).encode() if folder is None else _file(kind, folder).read_bytes()


def _file(kind: str, folder: Path) -> Path:
    """DGII's file for a kind, whatever its punctuation: `e-CF 31 v.1.0.xsd`, `e-CF-31.xsd`, `RFCE 32 v.1.0.xsd`."""
    stem = f"ecf{kind}" if kind.isdigit() else {"RFCE": "rfce32"}.get(kind, kind.lower())
    found = [path for path in sorted(folder.glob("*.xsd")) if "".join(filter(str.isalnum, path.stem.lower())).startswith(stem)]
    if len(found) != 1:
        raise SchemaMissing(f"{len(found)} schemas for {kind} in {folder}")
    return found[0]


def _readable(root: "etree._Element") -> "etree._Element":
    """A schema of DGII's as its own server reads it.

    .NET takes three liberties that libxml2 does not: blanks around names, groups written `(?:`, and ^ and $ as anchors. By the
    letter of XML Schema the last two are errors or plain characters, so that no word could stand in ResponsablePago of a 33 or 34.
    """
    for element in root.iter():
        for name in ("name", "type", "base", "ref"):
            if name in element.attrib:
                element.set(name, str(element.get(name)).strip())
        if element.tag == f"{{{_XS}}}pattern":
            element.set("value", _unanchored(str(element.get("value")).replace("(?:", "(")))
    return root


def _unanchored(pattern: str) -> str:
    return pattern[1:-1] if pattern.startswith("^") and pattern.endswith("$") else pattern


# libxml2 sets up its table of built-in types with the first schema of a process and does not expect company.
_LIBXML2 = Lock()


@cache
def _compiled(kind: str, folder: Path | None, purpose: str = "judge") -> etree.XMLSchema:
    data = _bytes(kind, folder)
    try:
        with _LIBXML2:
            return etree.XMLSchema(_readable(etree.fromstring(data, _parser())))
    except etree.LxmlError as error:
        raise SchemaBroken(f"the schema for {kind} in {folder}: {error}") from error


def _parser() -> etree.XMLParser:
    return etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)


def faults(root: "etree._Element", kind: str, folder: Path | None = None) -> list[SchemaFault]:
    """Everything the schema refuses in a document; one that is not signed yet is checked with an empty Signature added.

    `folder`: DGII's own schemas instead of the generated ones. A kind's schema is read once a process. Raises SchemaMissing.
    """
    if len(root) == 0 or root[-1].tag != _SIGNATURE:
        root = deepcopy(root)
        etree.SubElement(root, _SIGNATURE)
    if _compiled(kind, folder).validate(root):
        return []
    # A schema has one error log, which every validation empties: only one thread at a time may read what it was told.
    schema = _compiled(kind, folder, "explain")
    with _LIBXML2:
        schema.validate(root)
        return [SchemaFault(error.path or "", error.message) for error in schema.error_log]  # type: ignore[attr-defined]  # iterable; the stubs lack it
