"""SIG-07: the shapes of the W3C interoperability vectors, rebuilt in code: only DGII's profile among them verifies."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding
from lxml import etree

from tests.shared.ecf.peers import (
    C14N,
    CERTIFICATE,
    DSIG,
    ENVELOPED,
    EXCLUSIVE,
    MORE,
    SHA256,
    Shape,
    leaf,
    refusal,
    sign_as,
    unsigned,
)

DATA = "some text"
SECRET = b"secret"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XPOINTED = f'<Transform Algorithm="{XPATH}"><XPath>ancestor-or-self::node()</XPath></Transform>'
STYLE = (
    '<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform"><x:template match="/">1</x:template></x:stylesheet>'
)
XSLT = f'<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">{STYLE}</Transform>'
DSA = dsa.generate_private_key(2048)
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
CERT = "<X509Certificate>{certificate}</X509Certificate>"
NUMBERS = DSA.public_key().public_numbers()


def crypto_binary(number: int) -> str:
    return base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()


DSA_VALUE = f"<KeyValue><DSAKeyValue><Y>{crypto_binary(NUMBERS.y)}</Y></DSAKeyValue></KeyValue>"


def enveloped(**changes: object) -> bytes:
    return sign_as(unsigned("31"), leaf(), Shape(**changes))  # type: ignore[arg-type]


def detached(uri: str, object_: str = "", *, transform: str = "", key_info: str = CERTIFICATE, mac: bool = False) -> bytes:
    """A Signature as the root: enveloping when it holds what it refers to, detached when the target is elsewhere."""
    content = f'<Object xmlns="{DSIG}" Id="object">{object_}</Object>'
    signed_data = etree.tostring(etree.fromstring(content), method="c14n") if object_ else DATA.encode()
    digest = base64.b64encode(hashlib.sha256(signed_data).digest()).decode()
    method = f"{MORE}hmac-sha256" if mac else f"{MORE}rsa-sha256"
    info = (
        f'<SignedInfo><CanonicalizationMethod Algorithm="{C14N}"/><SignatureMethod Algorithm="{method}"/><Reference URI="{uri}">'
        f'{transform}<DigestMethod Algorithm="{SHA256}"/><DigestValue>{digest}</DigestValue></Reference></SignedInfo>'
    )
    canonical = etree.tostring(etree.fromstring(info.replace("<SignedInfo>", f'<SignedInfo xmlns="{DSIG}">')), method="c14n")
    private_key = leaf().private_key
    value = hmac.digest(SECRET, canonical, "sha256") if mac else private_key.sign(canonical, padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr, arg-type, call-arg]
    certificate = enveloped().split(b"<X509Certificate>")[1].split(b"<")[0].decode()
    held = content.replace(f' xmlns="{DSIG}"', "") if object_ else ""
    return (
        f'<Signature xmlns="{DSIG}">{info}<SignatureValue>{base64.b64encode(value).decode()}</SignatureValue>'
        f"<KeyInfo>{key_info.replace('{certificate}', certificate)}</KeyInfo>{held}</Signature>"
    ).encode()


def spoilt(name: str) -> bytes:
    """A right signature with one letter of that value changed."""
    return re.sub(rf"(<{name}>)(.)".encode(), lambda m: m[1] + (b"A" if m[2] != b"A" else b"B"), enveloped())


VECTORS: dict[str, Callable[[], bytes]] = {
    # merlin
    "enveloped, DSA": lambda: enveloped(method=f"{DSIG}dsa-sha1", digest=f"{DSIG}sha1", private_key=DSA, key_info=DSA_VALUE),
    "enveloped, RSA-SHA1": lambda: enveloped(method=f"{DSIG}rsa-sha1", digest=f"{DSIG}sha1"),
    "enveloping, RSA": lambda: detached("#object", DATA),
    "enveloping, base64": lambda: detached("#object", base64.b64encode(DATA.encode()).decode(), transform=_one(f"{DSIG}base64")),
    "enveloping, HMAC": lambda: detached("#object", DATA, mac=True, key_info="<KeyName>secret</KeyName>"),
    "enveloped, HMAC": lambda: enveloped(method=f"{DSIG}hmac-sha1", secret=SECRET, key_info="<KeyName>secret</KeyName>"),
    "enveloped, HMAC of 40 bits": lambda: enveloped(
        method=f'<SignatureMethod Algorithm="{DSIG}hmac-sha1"><HMACOutputLength>40</HMACOutputLength></SignatureMethod>',
        secret=SECRET,
    ),
    "external, RSA": lambda: detached("http://www.w3.org/TR/xml-stylesheet"),
    "external, base64": lambda: detached("http://www.w3.org/Signature/2002/04/xml-stylesheet.b64", transform=_one(f"{DSIG}base64")),
    "key by name": lambda: enveloped(key_info="<KeyName>Lugh</KeyName>"),
    "key retrieved": lambda: enveloped(
        key_info='<RetrievalMethod URI="certs/lugh.crt" Type="http://www.w3.org/2000/09/xmldsig#rawX509Certificate"/>'
    ),
    "certificate and revocation list": lambda: enveloped(key_info=f"<X509Data>{CERT}<X509CRL>AAAA</X509CRL></X509Data>"),
    "certificate by issuer and serial": lambda: enveloped(
        key_info="<X509Data><X509IssuerSerial><X509IssuerName>CN=A</X509IssuerName><X509SerialNumber>1</X509SerialNumber>"
        "</X509IssuerSerial></X509Data>"
    ),
    "certificate by subject key": lambda: enveloped(key_info="<X509Data><X509SKI>AAAA</X509SKI></X509Data>"),
    "certificate by subject": lambda: enveloped(key_info="<X509Data><X509SubjectName>CN=A</X509SubjectName></X509Data>"),
    "several references": lambda: enveloped().replace(b"</SignedInfo>", _reference() + b"</SignedInfo>"),
    # phaos
    "xpath": lambda: enveloped(transforms=(ENVELOPED, XPOINTED)),
    "xslt": lambda: enveloped(transforms=(ENVELOPED, XSLT)),
    "canonical with comments": lambda: enveloped(transforms=(ENVELOPED, f"{C14N}#WithComments")),
    "exclusive with comments": lambda: enveloped(transforms=(ENVELOPED, f"{EXCLUSIVE}WithComments")),
    "manifest": lambda: enveloped(extra=f'<Object><Manifest Id="m">{_reference().decode()}</Manifest></Object>'),
    "signature properties": lambda: enveloped(
        extra='<Object><SignatureProperties><SignatureProperty Target="#s">1</SignatureProperty></SignatureProperties></Object>'
    ),
    "xpointer": lambda: enveloped(uri="#xpointer(/)"),
    "xpointer to an id": lambda: enveloped(uri="#xpointer(id('object'))"),
    "bad digest": lambda: spoilt("DigestValue"),
    "bad signature": lambda: spoilt("SignatureValue"),
    # aleksey
    "RSA-SHA384": lambda: enveloped(method=f"{MORE}rsa-sha384", digest=f"{MORE}sha384"),
    "RSA-SHA512": lambda: enveloped(method=f"{MORE}rsa-sha512", digest="http://www.w3.org/2001/04/xmlenc#sha512"),
    "ECDSA-SHA256": lambda: enveloped(method=f"{MORE}ecdsa-sha256", private_key=ELLIPTIC),
    "HMAC-SHA256": lambda: enveloped(method=f"{MORE}hmac-sha256", secret=SECRET),
    "chain of certificates": lambda: enveloped(key_info=f"<X509Data>{CERT}{CERT}</X509Data>"),
    "encoded key": lambda: enveloped(
        key_info='<DEREncodedKeyValue xmlns="http://www.w3.org/2009/xmldsig11#">AAAA</DEREncodedKeyValue>'
    ),
    "canonicalisation 1.1": lambda: enveloped(c14n="http://www.w3.org/2006/12/xml-c14n11"),
    "enveloped, RSA-SHA256, certificate": enveloped,
    "enveloped, RSA-SHA256, certificate, exclusive": lambda: enveloped(c14n=EXCLUSIVE, transforms=(ENVELOPED, EXCLUSIVE)),
}
ALLOWED = {"enveloped, RSA-SHA256, certificate", "enveloped, RSA-SHA256, certificate, exclusive"}


def _one(algorithm: str) -> str:
    return f'<Transforms><Transform Algorithm="{algorithm}"/></Transforms>'


def _reference() -> bytes:
    return f'<Reference URI="#x"><DigestMethod Algorithm="{SHA256}"/><DigestValue>AAAA</DigestValue></Reference>'.encode()


@pytest.mark.parametrize("name", VECTORS)
def test_SIG_07_of_the_known_shapes_only_those_of_our_policy_verify(name: str) -> None:
    xml = VECTORS[name]()
    etree.fromstring(xml)
    assert (refusal(xml) is None) == (name in ALLOWED)


def test_SIG_07_a_bad_digest_and_a_bad_signature_are_told_apart() -> None:
    assert refusal(spoilt("DigestValue")) == "digest"
    assert refusal(spoilt("SignatureValue")) == "value"
