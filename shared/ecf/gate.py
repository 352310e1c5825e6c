"""The only way foreign XML comes in: a cheap strict scan that stops at the first oddity, then the hardened parse."""

import re
from dataclasses import dataclass
from functools import lru_cache
from xml.parsers import expat

from lxml import etree

from shared.ecf.reasons import REASONS
from shared.errors import InvalidInput

DSIG = "http://www.w3.org/2000/09/xmldsig#"

XML_BLANKS = " \t\r\n"
_XML_ATTRIBUTES = "http://www.w3.org/XML/1998/namespace "
_XINCLUDE = "http://www.w3.org/2001/XInclude"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FIRST_TAG = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_NOTE = re.compile(rb"<TipoeCF>\s*3[34]\s*</TipoeCF>")


@dataclass(frozen=True)
class Limits:
    """How large a document of one kind may be; bytes, characters of one text, and counts.

    `may_be_empty` names the elements that may hold nothing, None lets all of them: DGII forbids empty tags in what
    issuers write (Descripción Técnica) and writes some itself.
    """

    name: str
    bytes: int
    elements: int
    may_be_empty: frozenset[str] | None = frozenset()
    depth: int = 64
    attributes: int = 32
    namespaces: int = 8
    text: int = 64 * 1024


# Notes may carry 10,000 lines and more (schema of 33 and 34), so they alone get the large size.
NOTE = Limits("e-CF 33/34", 16 * 1024 * 1024, 400_000)
ECF = Limits("e-CF", 2 * 1024 * 1024, 40_000)
RFCE = Limits("RFCE", 512 * 1024, 10_000, frozenset({"Comprador"}))
OTHER = Limits("other", 512 * 1024, 10_000)
# What we sign ourselves, of any root; the only empty element the schemas ask for is the RFCE's Comprador.
OWN = Limits("own", 16 * 1024 * 1024, 400_000, frozenset({"Comprador"}))
ANSWER = Limits("answer", 512 * 1024, 10_000, None)


class ForeignXmlRefused(InvalidInput):
    """The gate says no; `code` is one stable word, `reason` says it in Spanish, `detail` what was met."""

    slug = "foreign-xml-refused"

    def __init__(self, code: str, detail: str = "", reason: str = "") -> None:
        super().__init__(code=code, reason=reason or REASONS[code], detail=detail)
        self.reason = code


def limits_of_ecf(data: bytes) -> Limits:
    """The limits of an e-CF whose type is not known yet: a look at its first bytes, which may only widen the size.

    Whoever lies about the type here still meets the schema, which reads the parsed element.
    """
    return NOTE if _NOTE.search(data[:4096]) else ECF


def limits_of(data: bytes) -> Limits:
    """The limits of a document of any root, by the same look: e-CF by its type, RFCE and the rest the small ones."""
    first = _FIRST_TAG.search(data[:4096])
    root = first[1] if first else b""
    return limits_of_ecf(data) if root == b"ECF" else RFCE if root == b"RFCE" else OTHER


def open_foreign(data: bytes, *, kind: Limits) -> etree._Element:
    """Bytes of a stranger to the root element of a plain tree: elements, attributes and text, nothing else.

    Refused with ForeignXmlRefused: anything but strict UTF-8 XML 1.0, a DOCTYPE, comments, processing instructions,
    CDATA, `xml:` attributes, XInclude, relative namespaces, empty elements, and whatever is above the limits of `kind`.
    Nothing is canonicalised before the namespaces are counted: inclusive C14N is cubic in them.
    """
    if len(data) > kind.bytes:
        raise ForeignXmlRefused("bytes", f"{len(data)} > {kind.bytes}")
    # An element has at most two "<" and text has none, so this refuses early what the scan would refuse late.
    if data.count(b"<") > 2 * kind.elements + 16:
        raise ForeignXmlRefused("elements")
    try:
        data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise ForeignXmlRefused("encoding") from error
    if data.startswith(BYTE_ORDER_MARK):
        raise ForeignXmlRefused("byte-order-mark")
    (_scan if len(data) <= _REMEMBERED else _scan.__wrapped__)(data, kind)
    return parse(data)


def parse(data: bytes) -> etree._Element:
    """Parse without entities, network, DTD or huge trees. For bytes that went through the gate or that we wrote."""
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ForeignXmlRefused("syntax", str(error)) from error


# sign reads a document to judge it and then opens the same bytes to sign them: the scan of a small one is remembered.
_REMEMBERED = 64 * 1024


@lru_cache(maxsize=32)
def _scan(data: bytes, kind: Limits) -> None:
    """One pass of expat over the bytes; every handler may end it. Closures, because it runs three calls an element."""
    elements = namespaces = depth = size = 0
    blank = True  # nothing but blanks since the start tag of the innermost element
    signature = False  # inside a Signature that is a child of the root
    longest, most, deepest, may_be_empty = kind.text, kind.elements, kind.depth, kind.may_be_empty

    def start(name: str, attributes: list[str]) -> None:
        nonlocal elements, depth, size, blank, signature
        elements += 1
        depth += 1
        if elements > most:
            raise ForeignXmlRefused("elements")
        if depth > deepest:
            raise ForeignXmlRefused("depth")
        if attributes:
            _judge_attributes(name, attributes, kind)
        if depth == 2:
            signature = name.startswith(DSIG)
        size = 0
        blank = True

    def end(name: str) -> None:
        nonlocal depth, size, blank
        if blank and may_be_empty is not None and name not in may_be_empty:
            # What stands in a signature is the business of its own allow list.
            exempt = (signature and depth > 1) or name.startswith(DSIG)
            if not exempt:
                raise ForeignXmlRefused("empty-element", name)
        depth -= 1
        size = 0
        blank = False  # the parent holds an element

    def characters(text: str) -> None:
        nonlocal size, blank
        size += len(text)
        if size > longest:
            raise ForeignXmlRefused("text")
        if blank and text.strip(XML_BLANKS):
            blank = False

    def namespace(prefix: str | None, uri: str | None) -> None:
        nonlocal namespaces
        namespaces += 1
        if namespaces > kind.namespaces:
            raise ForeignXmlRefused("namespaces")
        _judge_namespace(uri or "")

    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = parser.ordered_attributes = True
    parser.XmlDeclHandler = _judge_declaration
    parser.StartDoctypeDeclHandler = _refuse("doctype")
    parser.CommentHandler = _refuse("comment")
    parser.ProcessingInstructionHandler = _refuse("processing-instruction")
    parser.StartCdataSectionHandler = _refuse("cdata")
    parser.StartNamespaceDeclHandler = namespace
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ForeignXmlRefused("syntax", str(error)) from error


def _judge_declaration(version: str, encoding: str | None, standalone: int) -> None:
    if version != "1.0":
        raise ForeignXmlRefused("version", version)
    if encoding is not None and encoding.lower() != "utf-8":
        raise ForeignXmlRefused("encoding", encoding)


def _judge_namespace(uri: str) -> None:
    if uri == _XINCLUDE:
        raise ForeignXmlRefused("xinclude")
    # C14N of a relative namespace is undefined, and of what is no URI at all: two libraries need not agree about it.
    if uri and not _ABSOLUTE.fullmatch(uri):
        raise ForeignXmlRefused("relative-namespace", uri)


def _judge_attributes(element: str, attributes: list[str], kind: Limits) -> None:
    """Name and value in turn, as expat orders them."""
    if len(attributes) > 2 * kind.attributes:
        raise ForeignXmlRefused("attributes", element)
    for name, value in zip(attributes[::2], attributes[1::2], strict=True):
        if name.startswith(_XML_ATTRIBUTES):
            raise ForeignXmlRefused("xml-attribute", name)
        if len(value) > kind.text:
            raise ForeignXmlRefused("text", name)


class _refuse:  # noqa: N801 - reads as the act it is: StartDoctypeDeclHandler = _refuse("doctype")
    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __call__(self, *seen: object) -> None:
        raise ForeignXmlRefused(self._reason)
