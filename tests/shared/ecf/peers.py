"""Documents as other people sign them: any algorithm, transform and KeyInfo, made without our own signer."""

import base64
import hashlib
import hmac
import textwrap
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from functions.sandbox.authority import Authority, Leaf
from shared.ecf.gate import ForeignXmlRefused
from shared.ecf.signature import SignatureRefused, verify
from tests.shared.ecf.specimen import full

DSIG = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DSIG}enveloped-signature"
RSA_SHA256 = f"{MORE}rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
# One document of each root that travels signed.
ROOTS = ("31", "RFCE", "ARECF", "ACECF", "ANECF", "Semilla")
CERTIFICATE = "<X509Data><X509Certificate>{certificate}</X509Certificate></X509Data>"
_DIGESTS = {
    f"{DSIG}sha1": "sha1",
    f"{MORE}md5": "md5",
    f"{MORE}sha224": "sha224",
    SHA256: "sha256",
    f"{MORE}sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    "http://www.w3.org/2001/04/xmlenc#ripemd160": "ripemd160",
}
_HASHES = {
    "sha1": hashes.SHA1(),
    "md5": hashes.MD5(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@dataclass(frozen=True)
class Shape:
    """What a peer writes. The default is DGII's profile; `transforms` and `key_info` may be any XML."""

    c14n: str = C14N
    method: str = RSA_SHA256
    digest: str = SHA256
    transforms: tuple[str, ...] = (ENVELOPED,)
    uri: str | None = ""
    key_info: str | None = CERTIFICATE
    width: int = 0  # characters a line of base64, 0 for one line
    line_end: str = "\n"
    between: str = ""  # text between the parts of the signature, signed as it is
    secret: bytes = b""  # of an HMAC
    private_key: object = None  # instead of the leaf's
    extra: str = ""  # behind KeyInfo


def certificate_of(leaf: Leaf) -> str:
    return base64.b64encode(leaf.certificate.public_bytes(Encoding.DER)).decode()


def sign_as(document: bytes, leaf: Leaf, shape: Shape = Shape()) -> bytes:
    """The document with a Signature of that shape as last child; the bytes before it stay as they are."""
    root = etree.fromstring(document)
    canonical = etree.tostring(root, method="c14n", exclusive=EXCLUSIVE in shape.transforms)
    digest = _base64(hashlib.new(_DIGESTS.get(shape.digest, "sha256"), canonical).digest(), shape)
    end = document.rindex(b"</")
    text = document[:end] + _signature(digest, leaf, shape).encode() + document[end:]
    whole = etree.fromstring(text)
    (info,) = whole.iter(f"{{{DSIG}}}SignedInfo")
    # An element of its own, because lxml writes a wrong inclusive form of one that stands inside a document.
    alone = etree.fromstring(etree.tostring(info, with_tail=False))
    value = _value(etree.tostring(alone, method="c14n", exclusive=shape.c14n == EXCLUSIVE), leaf, shape)
    return text.replace(b"SIGNATUREVALUE", _base64(value, shape).encode())


def _signature(digest: str, leaf: Leaf, shape: Shape) -> str:
    gap = shape.between
    transforms = gap.join(one if one.startswith("<") else f'<Transform Algorithm="{one}"/>' for one in shape.transforms)
    uri = "" if shape.uri is None else f' URI="{shape.uri}"'
    certificate = _base64(leaf.certificate.public_bytes(Encoding.DER), shape)
    key_info = "" if shape.key_info is None else f"<KeyInfo>{shape.key_info.replace('{certificate}', certificate)}</KeyInfo>{gap}"
    method = shape.method if shape.method.startswith("<") else f'<SignatureMethod Algorithm="{shape.method}"/>'
    parts = (
        f'<Signature xmlns="{DSIG}">',
        "<SignedInfo>",
        f'<CanonicalizationMethod Algorithm="{shape.c14n}"/>',
        method,
        f"<Reference{uri}>",
        f"<Transforms>{gap}{transforms}{gap}</Transforms>" if shape.transforms else "",
        f'<DigestMethod Algorithm="{shape.digest}"/>',
        f"<DigestValue>{digest}</DigestValue>",
        "</Reference>",
        "</SignedInfo>",
        "<SignatureValue>SIGNATUREVALUE</SignatureValue>",
        f"{key_info}{shape.extra}</Signature>",
    )
    return gap.join(parts)


def _base64(data: bytes, shape: Shape) -> str:
    text = base64.b64encode(data).decode()
    return shape.line_end.join(textwrap.wrap(text, shape.width)) if shape.width else text


def _value(info: bytes, leaf: Leaf, shape: Shape) -> bytes:
    algorithm = shape.method.rpartition("#")[2]
    if shape.secret:
        return hmac.digest(shape.secret, info, "sha1" if "sha1" in algorithm else "sha256")
    key = shape.private_key or leaf.private_key
    hash_ = next((made for name, made in _HASHES.items() if name in algorithm), hashes.SHA256())
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(hash_), hash_.digest_size)
        return key.sign(info, pss if "MGF1" in algorithm else padding.PKCS1v15(), hash_)
    assert isinstance(key, (dsa.DSAPrivateKey, ec.EllipticCurvePrivateKey))
    der = key.sign(info, hash_) if isinstance(key, dsa.DSAPrivateKey) else key.sign(info, ec.ECDSA(hash_))
    return b"".join(part.to_bytes(32, "big") for part in decode_dss_signature(der))


@cache
def authority() -> Authority:
    return Authority.create()


@cache
def leaf() -> Leaf:
    return authority().issue()


@cache
def unsigned(kind: str) -> bytes:
    """A document with every element of that kind and no Signature, with the namespaces DGII declares on some roots."""
    root = full(kind)
    root.remove(root[-1])
    text = etree.tostring(root, encoding="unicode")
    if kind in ("Semilla", "ARECF"):
        spaces = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        text = text.replace(f"<{root.tag}>", f"<{root.tag} {spaces}>", 1)
    return b'<?xml version="1.0" encoding="utf-8"?>' + text.encode()


@cache
def signed(kind: str) -> bytes:
    """That document in DGII's profile."""
    return sign_as(unsigned(kind), leaf())


def refusal(data: bytes, **options: Any) -> str | None:
    """Why our verification refuses; None when it accepts."""
    try:
        verify(data, **{"at": None, **options})
    except (SignatureRefused, ForeignXmlRefused) as refused:
        return refused.reason
    return None
