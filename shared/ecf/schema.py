"""The XML schema of every document kind, generated from the table of fields, and what a document says against it."""

from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from threading import Lock
from xml.sax.saxutils import quoteattr

from lxml import etree

from shared.ecf.fields import Node, ValueType, model

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
    """The schema of one document kind as text; it accepts what DGII's schema of that kind accepts."""
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


# libxml2 sets up its table of built-in types with the first schema of a process and does not expect company.
_LIBXML2 = Lock()


@cache
def _compiled(kind: str, purpose: str = "judge") -> etree.XMLSchema:
    with _LIBXML2:
        return etree.XMLSchema(etree.fromstring(xsd(kind)))


def faults(root: "etree._Element", kind: str) -> list[SchemaFault]:
    """Everything the schema refuses in a document; one that is not signed yet is checked with an empty Signature added."""
    if len(root) == 0 or root[-1].tag != _SIGNATURE:
        root = deepcopy(root)
        etree.SubElement(root, _SIGNATURE)
    if _compiled(kind).validate(root):
        return []
    # A schema has one error log, which every validation empties: only one thread at a time may read what it was told.
    schema = _compiled(kind, "explain")
    with _LIBXML2:
        schema.validate(root)
        return [SchemaFault(error.path or "", error.message) for error in schema.error_log]  # type: ignore[attr-defined]  # iterable; the stubs lack it
