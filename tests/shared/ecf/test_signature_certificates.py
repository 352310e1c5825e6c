"""SIG-06: no key but that of the one certificate, and that certificate judged; each refusal with a reason of its own."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

from functions.sandbox.authority import CEDULA, Authority, Leaf
from shared.ecf.signature import holder_of
from tests.shared.ecf.peers import CERTIFICATE, ROOTS, Shape, authority, certificate_of, leaf, refusal, sign_as, signed, unsigned

NOW = datetime.now(UTC)
CERT = "<X509Certificate>{certificate}</X509Certificate>"


def key_value() -> str:
    numbers = leaf().certificate.public_key().public_numbers()  # type: ignore[union-attr]
    modulus, exponent = (base64.b64encode(n.to_bytes((n.bit_length() + 7) // 8, "big")).decode() for n in (numbers.n, numbers.e))  # type: ignore[union-attr]
    return f"<KeyValue><RSAKeyValue><Modulus>{modulus}</Modulus><Exponent>{exponent}</Exponent></RSAKeyValue></KeyValue>"


ISSUER = "<X509IssuerSerial><X509IssuerName>CN=A</X509IssuerName><X509SerialNumber>1</X509SerialNumber></X509IssuerSerial>"
KEY_INFOS = {
    "none": None,
    "empty": "",
    "key value": key_value(),
    "key value before the certificate": key_value() + CERTIFICATE,
    "key value behind the certificate": CERTIFICATE + key_value(),
    "key name": "<KeyName>x</KeyName>",
    "key name and certificate": "<KeyName>x</KeyName>" + CERTIFICATE,
    "retrieval method": '<RetrievalMethod URI="#x"/>',
    "retrieval method and certificate": '<RetrievalMethod URI="#x"/>' + CERTIFICATE,
    "two certificates": f"<X509Data>{CERT}{CERT}</X509Data>",
    "two lots of data": CERTIFICATE + CERTIFICATE,
    "subject and certificate": f"<X509Data><X509SubjectName>CN=A</X509SubjectName>{CERT}</X509Data>",
    "issuer and certificate": f"<X509Data>{ISSUER}{CERT}</X509Data>",
    "certificate and issuer": f"<X509Data>{CERT}{ISSUER}</X509Data>",
    "subject key and certificate": f"<X509Data><X509SKI>AAAA</X509SKI>{CERT}</X509Data>",
    "revocation list and certificate": f"<X509Data>{CERT}<X509CRL>AAAA</X509CRL></X509Data>",
    "subject only": "<X509Data><X509SubjectName>CN=A</X509SubjectName></X509Data>",
    "data without certificate": "<X509Data/>",
    "certificate without data": CERT,
    "pgp": "<PGPData><PGPKeyID>AAAA</PGPKeyID></PGPData>",
    "spki": "<SPKIData><SPKISexp>AAAA</SPKISexp></SPKIData>",
    "encoded key": f'<DEREncodedKeyValue xmlns="http://www.w3.org/2009/xmldsig11#">AAAA</DEREncodedKeyValue>{CERTIFICATE}',
    "agreed key": "<MgmtData>x</MgmtData>",
    "encrypted key": '<EncryptedKey xmlns="http://www.w3.org/2001/04/xmlenc#">x</EncryptedKey>' + CERTIFICATE,
    "text": "x" + CERTIFICATE,
}


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("name", KEY_INFOS)
def test_SIG_06_key_material_besides_the_one_certificate_is_refused(name: str, kind: str) -> None:
    shape = Shape(key_info=KEY_INFOS[name])
    assert refusal(sign_as(unsigned(kind), leaf(), shape)) == ("structure" if name == "none" else "key-info")


def made(private_key: RSAPrivateKey | None = None, *, by: Leaf | None = None, **extensions: object) -> Leaf:
    """A certificate of our own making, self-signed or signed by another; extensions by name."""
    private_key = private_key or rsa.generate_private_key(65537, 2048)
    signer = by.private_key if by else private_key
    assert isinstance(signer, RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "OTRO")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(by.certificate.subject if by else name)
    builder = builder.public_key(private_key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    for extension in extensions.values():
        assert isinstance(extension, x509.ExtensionType)
        builder = builder.add_extension(extension, critical=False)
    certificate = builder.sign(signer, hashes.SHA256())
    return Leaf(private_key, certificate, certificate)


def ca() -> Leaf:
    return Leaf(authority().private_key, authority().certificate, authority().certificate)


def small_exponent() -> RSAPrivateKey:
    return rsa.generate_private_key(3, 2048)


ANCHORS = {"anchors": [authority().certificate]}
JUDGED: dict[str, tuple[Leaf, dict[str, object], str | None]] = {
    "valid and issued by the anchor": (leaf(), {"at": NOW, **ANCHORS}, None),
    "of the holder asked": (leaf(), {"holders": {f"IDCDO-{CEDULA}"}}, None),
    "expired": (authority().issue(not_before=NOW - timedelta(9), not_after=NOW - timedelta(1)), {"at": NOW}, "certificate-expired"),
    "of tomorrow": (authority().issue(not_before=NOW + timedelta(1)), {"at": NOW}, "certificate-not-yet-valid"),
    "of another authority": (Authority.create().issue(), ANCHORS, "certificate-untrusted"),
    "self-signed": (made(), ANCHORS, "certificate-untrusted"),
    "self-signed in the name of the anchor": (made(), ANCHORS, "certificate-untrusted"),
    "issued by a person's certificate": (made(by=leaf()), ANCHORS, "certificate-untrusted"),
    "the authority's own": (ca(), {}, None),
    "of somebody else": (authority().issue("00100000009"), {"holders": {f"IDCDO-{CEDULA}"}}, "certificate-holder"),
    "of nobody": (made(), {"holders": {f"IDCDO-{CEDULA}"}}, "certificate-holder"),
    "of 1024 bits": (authority().issue(bits=1024), {}, "certificate-key-size"),
    "elliptic": (authority().issue(elliptic=True), {}, "certificate-not-rsa"),
    "of a small exponent": (made(small_exponent()), {}, "certificate-key-exponent"),
    "not for signing": (authority().issue(signing=False), {}, "certificate-usage"),
    "of a web server": (made(purpose=x509.ExtendedKeyUsage([Purpose.SERVER_AUTH])), {}, "certificate-usage"),
    "of a time stamp": (made(purpose=x509.ExtendedKeyUsage([Purpose.TIME_STAMPING])), {}, "certificate-usage"),
    "of a person": (made(purpose=x509.ExtendedKeyUsage([Purpose.CLIENT_AUTH, Purpose.EMAIL_PROTECTION])), {}, None),
    "for anything": (made(purpose=x509.ExtendedKeyUsage([Purpose.ANY_EXTENDED_KEY_USAGE])), {}, None),
}


@pytest.mark.parametrize("name", JUDGED)
def test_SIG_06_a_certificate_is_judged_by_validity_trust_subject_strength_and_usage(name: str) -> None:
    signer, options, expected = JUDGED[name]
    assert refusal(sign_as(unsigned("31"), signer), **options) == expected


def test_SIG_06_every_reason_is_distinct() -> None:
    reasons = [expected for _, _, expected in JUDGED.values() if expected]
    assert len(set(reasons)) == 8


@pytest.mark.parametrize("kind", ROOTS)
def test_SIG_06_another_certificate_of_the_same_person_is_refused(kind: str) -> None:
    other = authority().issue()
    assert holder_of(other.certificate) == holder_of(leaf().certificate)
    assert refusal(signed(kind).replace(certificate_of(leaf()).encode(), certificate_of(other).encode())) == "value"


def test_SIG_06_a_certificate_with_another_name_over_the_same_key_shows_the_other_name() -> None:
    """The certificate is not covered by the signature: only the anchor tells a real one from one somebody made over it."""
    assert isinstance(leaf().private_key, RSAPrivateKey)
    forged = made(leaf().private_key)  # type: ignore[arg-type]
    xml = signed("31").replace(certificate_of(leaf()).encode(), certificate_of(forged).encode())
    assert refusal(xml) is None
    assert refusal(xml, **ANCHORS) == "certificate-untrusted"


def test_SIG_06_any_changed_byte_of_the_certificate_is_refused_once_there_is_an_anchor() -> None:
    der = leaf().certificate.public_bytes(Encoding.DER)
    old = certificate_of(leaf()).encode()
    refused = 0
    for place in range(0, len(der), 7):
        spoilt = base64.b64encode(der[:place] + bytes([der[place] ^ 1]) + der[place + 1 :])
        refused += refusal(signed("31").replace(old, spoilt), **ANCHORS) is not None
    assert refused == len(range(0, len(der), 7))


def reissued(hash_: hashes.HashAlgorithm, oid: str) -> bytes:
    """The leaf's certificate, signed by its authority with another digest, which the library would refuse to do."""
    whole, tbs = leaf().certificate.public_bytes(Encoding.DER), leaf().certificate.tbs_certificate_bytes
    sha256, other = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex(oid)
    value = authority().private_key.sign(tbs.replace(sha256, other), padding.PKCS1v15(), hash_)
    return (whole[: -len(value)]).replace(sha256, other) + value


@pytest.mark.parametrize(
    ("hash_", "oid", "expected"),
    [
        (hashes.SHA256(), "2a864886f70d01010b", None),
        (hashes.SHA1(), "2a864886f70d010105", "certificate-untrusted"),
        (hashes.MD5(), "2a864886f70d010104", "certificate-untrusted"),
    ],
    ids=["sha-256", "sha-1", "md5"],
)
def test_SIG_06_what_an_issuer_signs_with_a_broken_digest_is_not_trusted(
    hash_: hashes.HashAlgorithm, oid: str, expected: str | None
) -> None:
    xml = signed("31").replace(certificate_of(leaf()).encode(), base64.b64encode(reissued(hash_, oid)))
    assert refusal(xml) is None
    assert refusal(xml, **ANCHORS) == expected


def self_signed() -> Leaf:
    """As the recipe with openssl makes one: its own issuer, with both key identifiers."""
    private_key = rsa.generate_private_key(65537, 2048)
    identifier = x509.SubjectKeyIdentifier.from_public_key(private_key.public_key())
    return made(private_key, own=identifier, issuing=x509.AuthorityKeyIdentifier(identifier.digest, None, None))


def test_SIG_06_any_changed_byte_of_a_self_signed_certificate_is_refused_even_without_anchor() -> None:
    signer = self_signed()
    xml, old = sign_as(unsigned("31"), signer), certificate_of(signer).encode()
    assert refusal(xml) is None
    der = signer.certificate.public_bytes(Encoding.DER)
    taken = []
    for place in range(len(der)):
        spoilt = base64.b64encode(der[:place] + bytes([der[place] ^ 1]) + der[place + 1 :])
        if refusal(xml.replace(old, spoilt)) is None:
            taken.append(place)
    assert taken == []


def test_SIG_06_what_is_no_certificate_is_refused() -> None:
    for der in (b"x", b"0\x82", leaf().certificate.public_bytes(Encoding.DER)[:-9], b"\0" * 900):
        xml = re.sub(rb"<X509Certificate>[^<]+", b"<X509Certificate>" + base64.b64encode(der), signed("31"))
        assert refusal(xml) == "certificate-unreadable"
