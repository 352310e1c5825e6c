"""Sign and verify DGII's enveloped XML signatures; what was verified is the only thing a caller can read."""

import base64
import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from shared.ecf.dsig import SignatureRefused, Structure, canonical, drop_blanks, template
from shared.ecf.gate import BYTE_ORDER_MARK, DSIG, OWN, Limits, limits_of, open_foreign, parse
from shared.ecf.key import CertificateRefused, Key, PublicPart, holder_of
from shared.errors import InvalidInput

__all__ = [
    "NOT_VERIFIABLE",
    "Blanks",
    "CarriageReturnInText",
    "CertificateRefused",
    "Key",
    "NotSignable",
    "SignatureRefused",
    "Signed",
    "Verified",
    "confirm",
    "holder_of",
    "sign",
    "verify",
]

NOT_VERIFIABLE = "FIRMA_NO_VERIFICABLE"

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'

# A text that begins with a blank or a reference to one; most documents have none, and need no walk through their elements.
_MAY_BE_BLANK = re.compile(rb">(?:\s|&#)")


class CarriageReturnInText(InvalidInput):
    """DGII's parser loses `&#13;` and then finds the signature wrong, so such a text is never signed."""

    slug = "carriage-return-in-text"


class NotSignable(InvalidInput):
    """The bytes already carry a signature: an issued document is never signed again."""

    slug = "not-signable"


class Blanks(StrEnum):
    """How to look at blank text between elements when verifying.

    DGII reads with preserveWhitespace=false: it forgives indentation added after signing and refuses a signature over
    indentation (DROPPED). Its own indented receipts and seeds verify only that way, so peers are read as EITHER.
    """

    KEPT = "kept"
    DROPPED = "dropped"
    EITHER = "either"


@dataclass(frozen=True)
class Signed:
    """`xml` is the document to keep and send, byte for byte; `codigo_seguridad` the six characters of its paper."""

    xml: bytes
    codigo_seguridad: str


@dataclass(frozen=True)
class Verified:
    """What the certificate's key signed, read again from its canonical bytes.

    `stripped`: it verifies only after dropping blank text nodes; the received bytes stay the evidence and carry `mark`.
    """

    xml: bytes
    root: etree._Element = field(compare=False)
    certificate: x509.Certificate
    codigo_seguridad: str
    stripped: bool

    @property
    def mark(self) -> str | None:
        """What the received bytes are kept with: FIRMA_NO_VERIFICABLE when no verifier accepts them as they stand."""
        return NOT_VERIFIABLE if self.stripped else None


def sign(unsigned: bytes, key: Key, *, kind: Limits = OWN) -> Signed:
    """Sign a whole document: blank text dropped, Signature last in the root, inclusive C14N, RSA-SHA256.

    The same bytes and key always give the same result. Refused: what the gate refuses, text with a carriage return
    (CarriageReturnInText), a document that carries a Signature already (NotSignable).
    """
    root = open_foreign(unsigned, kind=kind)
    if root.find(f".//{{{DSIG}}}Signature") is not None:
        raise NotSignable
    if _MAY_BE_BLANK.search(unsigned):
        drop_blanks(root)
    digest = hashlib.sha256(etree.tostring(root, method="c14n")).digest()
    node = parse(template(digest, key.certificate_base64))
    root.append(node)
    value = base64.b64encode(key.private_key.sign(canonical(node[0]), padding.PKCS1v15(), hashes.SHA256())).decode("ascii")
    node[1].text = value
    xml = _DECLARATION + etree.tostring(root, encoding="utf-8", xml_declaration=False)
    # The serialiser writes every carriage return of text and attributes as this reference, and nothing else so.
    if b"&#13;" in xml:
        raise CarriageReturnInText
    return Signed(xml, value[:6])


def confirm(signed: Signed, key: Key) -> None:
    """Read our own output back before it leaves: parsed from its bytes, digest and value must hold by `key`'s certificate.

    The gate is left out, as what was signed came through it. Raises SignatureRefused.
    """
    signature = Structure(parse(signed.xml))
    signer = signature.certificate()
    if signer.certificate != key.certificate:
        raise SignatureRefused("certificate-other")
    reason = f"certificate-{signer.fault}" if signer.fault else signature.fault(signer)
    if reason:
        raise SignatureRefused(reason)


def verify(
    data: bytes,
    *,
    at: datetime | None,
    kind: Limits | None = None,
    blanks: Blanks = Blanks.EITHER,
    anchors: Sequence[x509.Certificate] | None = None,
    holders: Collection[str] | None = None,
) -> Verified:
    """A stranger's signed document to what was signed (Informe Técnico, Firmado de e-CF; our gate in front).

    `at`: the certificate must be valid then (None: its clock is not judged). `kind`: the limits, by its root when left out.
    `anchors`: the certificate must be issued directly by one of them (None: any issuer). `holders`: its subject
    serialNumber must be among them (None: anybody). A byte order mark, which .NET writes, is passed over: it is no part of
    a document. Raises ForeignXmlRefused or SignatureRefused, each with its reason.
    """
    data = data.removeprefix(BYTE_ORDER_MARK)
    root = open_foreign(data, kind=kind or limits_of(data))
    signature = Structure(root)
    signer = signature.certificate()
    _judge(signer, at, anchors, holders)
    stripped = blanks is Blanks.DROPPED
    if stripped:
        drop_blanks(root)
    reason = signature.fault(signer)
    if reason and blanks is Blanks.EITHER:
        drop_blanks(root)
        stripped = True
        reason = signature.fault(signer)
    if reason:
        raise SignatureRefused(reason)
    content = signature.content()
    return Verified(content, parse(content), signer.certificate, signature.value[:6], stripped)


def _judge(
    signer: PublicPart, at: datetime | None, anchors: Sequence[x509.Certificate] | None, holders: Collection[str] | None
) -> None:
    certificate = signer.certificate
    if signer.fault:
        raise SignatureRefused(f"certificate-{signer.fault}")
    if at is not None and at < certificate.not_valid_before_utc:
        raise SignatureRefused("certificate-not-yet-valid")
    if at is not None and at > certificate.not_valid_after_utc:
        raise SignatureRefused("certificate-expired")
    if anchors is not None and not any(_issued(certificate, anchor, at) for anchor in anchors):
        raise SignatureRefused("certificate-untrusted")
    if holders is not None and holder_of(certificate) not in holders:
        raise SignatureRefused("certificate-holder")


def _issued(certificate: x509.Certificate, anchor: x509.Certificate, at: datetime | None) -> bool:
    if at is not None and not anchor.not_valid_before_utc <= at <= anchor.not_valid_after_utc:
        return False
    try:
        if isinstance(certificate.signature_hash_algorithm, (hashes.MD5, hashes.SHA1)):
            return False  # whoever finds a collision issues certificates in the anchor's name
        certificate.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
