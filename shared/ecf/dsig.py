"""The one shape of XML signature we write and take: DGII's enveloped profile, by an allow list."""

import base64
import binascii
import hashlib
import re

import xmlsec
from lxml import etree

from shared.ecf.gate import DSIG, XML_BLANKS, parse
from shared.ecf.key import PublicPart, read_certificate
from shared.ecf.reasons import REASONS
from shared.errors import InvalidInput

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


class SignatureRefused(InvalidInput):
    """The document is not what the holder of its certificate signed; `code` is one stable word, `reason` says it in Spanish."""

    slug = "signature-refused"

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(code=code, reason=reason or REASONS[code])
        self.reason = code


class Structure:
    """The one shape of a signature that may reach xmlsec, which would open references before it checks anything."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        found = list(root.iter(f"{{{DSIG}}}Signature"))
        if len(found) != 1:
            raise SignatureRefused("no-signature" if not found else "several-signatures")
        self._node = found[0]
        if self._node.getparent() is not root or root[-1] is not self._node or len(root) < 2:
            raise SignatureRefused("misplaced-signature")
        info, value, key_info = _children("structure", self._node, "SignedInfo", "SignatureValue", "KeyInfo")
        references = info.findall(f"{{{DSIG}}}Reference")
        if len(references) != 1 or dict(references[0].attrib.items()) != {"URI": ""}:
            raise SignatureRefused("reference")
        method, algorithm, reference = _children("structure", info, "CanonicalizationMethod", "SignatureMethod", "Reference")
        _algorithm("canonicalization", method, C14N, EXCLUSIVE_C14N)
        _algorithm("signature-algorithm", algorithm, RSA_SHA256)
        transforms, digest_method, digest = _children("structure", reference, "Transforms", "DigestMethod", "DigestValue", URI="")
        _algorithm("digest-algorithm", digest_method, SHA256)
        self._exclusive = _transforms(transforms)
        self._digest = _base64(digest)
        self.value = base64.b64encode(_base64(value)).decode("ascii")
        (data,) = _children("key-info", key_info, "X509Data")
        (self._certificate,) = _children("key-info", data, "X509Certificate")

    def certificate(self) -> PublicPart:
        part = read_certificate(_base64(self._certificate))
        if part is None:
            raise SignatureRefused("certificate-unreadable")
        return part

    def fault(self, signer: PublicPart) -> str | None:
        """Why the signature does not hold, or None: our own digest of the content first, then xmlsec over all of it."""
        if hashlib.sha256(self.content()).digest() != self._digest:
            return "digest"
        context = xmlsec.SignatureContext()
        try:
            context.key = signer.handle
            context.verify(self._node)
        except xmlsec.Error:
            return "value"
        return None

    def content(self) -> bytes:
        """Canonical bytes of the document without its Signature, by the canonicalisation the reference asks for."""
        node, before = self._node, self._root[-2]
        kept = before.tail, node.tail
        # Removing an element takes the text behind it along, which is signed.
        before.tail = (before.tail or "") + (node.tail or "")
        node.tail = None
        self._root.remove(node)
        try:
            return etree.tostring(self._root, method="c14n", exclusive=self._exclusive, with_comments=False)
        except etree.C14NError as error:
            raise SignatureRefused("canonicalization") from error
        finally:
            before.tail = kept[0]
            self._root.append(node)
            node.tail = kept[1]


def _children(reason: str, node: etree._Element, *names: str, **attributes: str) -> list[etree._Element]:
    """The children of a node of the signature: exactly these, and the node has exactly these attributes; or else `reason`."""
    children = list(node)
    texts = [node.text, *(child.tail for child in children)]
    if (
        [child.tag for child in children] != [f"{{{DSIG}}}{name}" for name in names]
        or dict(node.attrib.items()) != attributes
        or any(text and text.strip(XML_BLANKS) for text in texts)
    ):
        raise SignatureRefused(reason)
    return children


def _algorithm(reason: str, node: etree._Element, *allowed: str) -> str:
    algorithm = str(node.get("Algorithm"))
    _children(reason, node, Algorithm=algorithm)
    if algorithm not in allowed:
        raise SignatureRefused(reason)
    return algorithm


def _transforms(node: etree._Element) -> bool:
    """Enveloped, then at most one canonicalisation; true when that one is the exclusive one."""
    first, *rest = _children("transforms", node, *["Transform"] * min(max(len(node), 1), 2))
    _algorithm("transforms", first, ENVELOPED)
    return [_algorithm("transforms", second, C14N, EXCLUSIVE_C14N) for second in rest] == [EXCLUSIVE_C14N]


def _base64(node: etree._Element) -> bytes:
    """The bytes of a base64 leaf, which has one spelling only, aside from the line breaks that libraries write."""
    if len(node) or node.attrib:
        raise SignatureRefused("structure")
    text = _unwrapped(node.text or "")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureRefused("base64") from error
    if not data or base64.b64encode(data).decode("ascii") != text:
        raise SignatureRefused("base64")
    return data


def _unwrapped(text: str) -> str:
    """The text without its line breaks: .NET and Java break at 76 (CRLF, or `&#13;` and LF), xmlsec and PEM at 64.

    A blank anywhere else is noise that somebody put in after signing: this text is not covered by the signature.
    """
    inner = text.strip(XML_BLANKS)
    head, _, tail = text.partition(inner) if inner else ("", "", text)
    lines = _LINE_BREAK.split(inner)
    width = len(lines[0])
    wrapped = len(lines) == 1 or (
        width in _WIDTHS and all(len(line) == width for line in lines[:-1]) and 0 < len(lines[-1]) <= width
    )
    edges_break = all(not edge or _LINE_BREAK.search(edge) for edge in (head, tail))
    if not (wrapped and edges_break):
        raise SignatureRefused("base64")
    return "".join(lines)


# Multiples of four up to what mail allows; what is shorter is no wrapping.
_WIDTHS = range(60, 81, 4)
_LINE_BREAK = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


def template(digest: bytes, certificate_base64: str) -> bytes:
    """A Signature element over a document of that SHA-256 digest, complete but for its SignatureValue."""
    text = base64.b64encode(digest).decode("ascii")
    return _TEMPLATE.replace("DIGEST", text).replace("CERTIFICATE", certificate_base64).encode("ascii")


def canonical(element: etree._Element) -> bytes:
    """Inclusive canonical bytes of an element as it stands in its document, with the namespaces declared above it.

    By way of its own text: of an element inside a document lxml writes a form with needless `xmlns=""` (dgii/signature.md).
    """
    alone = parse(etree.tostring(element, encoding="utf-8", xml_declaration=False, with_tail=False))
    return etree.tostring(alone, method="c14n")


def drop_blanks(root: etree._Element) -> None:
    """Every text of nothing but XML blanks goes, as DGII's parser does with preserveWhitespace=false."""
    for element in root.iter():
        if element.text and not element.text.strip(XML_BLANKS):
            element.text = None
        if element.tail and not element.tail.strip(XML_BLANKS):
            element.tail = None


_TEMPLATE = (
    f'<Signature xmlns="{DSIG}"><SignedInfo><CanonicalizationMethod Algorithm="{C14N}"/>'
    f'<SignatureMethod Algorithm="{RSA_SHA256}"/><Reference URI=""><Transforms><Transform Algorithm="{ENVELOPED}"/>'
    f'</Transforms><DigestMethod Algorithm="{SHA256}"/><DigestValue>DIGEST</DigestValue></Reference></SignedInfo><SignatureValue/>'
    "<KeyInfo><X509Data><X509Certificate>CERTIFICATE</X509Certificate></X509Data></KeyInfo></Signature>"
)
