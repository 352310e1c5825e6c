"""A private key with its certificate: read from PEM or PKCS#12, judged once, used by many threads."""

import base64
from dataclasses import dataclass, field
from functools import lru_cache

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

from shared.errors import InvalidInput

_LARGEST_KEY = 8192  # bits; above it a stranger's certificate would buy our processor
_SMALLEST_EXPONENT = 65537
# Purposes of machines and authorities; a person's certificate has another one, or none at all.
_MACHINES = frozenset({Purpose.SERVER_AUTH, Purpose.CODE_SIGNING, Purpose.TIME_STAMPING, Purpose.OCSP_SIGNING})

# TypeError: a name with a bit string where text belongs.
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


class CertificateRefused(InvalidInput):
    """A key pair that cannot sign; fact `reason` is one stable word."""

    slug = "certificate-refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


@dataclass(frozen=True)
class Key:
    """A private key with its certificate, loaded once and used by many threads."""

    certificate: x509.Certificate
    private_key: rsa.RSAPrivateKey = field(repr=False, compare=False)
    certificate_base64: str = field(repr=False, compare=False)

    @classmethod
    def from_pem(cls, private_key_pem: bytes, certificate_pem: bytes) -> "Key":
        """Unencrypted PKCS#8 or PKCS#1 and one certificate; CertificateRefused otherwise."""
        try:
            private_key = load_pem_private_key(private_key_pem, None)
            certificate = x509.load_pem_x509_certificate(certificate_pem)
        except (ValueError, TypeError) as error:
            raise CertificateRefused("unreadable") from error
        return cls._pair(private_key, certificate)

    @classmethod
    def from_p12(cls, data: bytes, password: str) -> "Key":
        """PKCS#12 as the authorities hand it out, AES as well as RC2/3DES; CertificateRefused otherwise.

        The file chooses what its key derivation costs, so an upload is read in a process with a limit.
        """
        try:
            private_key, certificate, _ = pkcs12.load_key_and_certificates(data, password.encode("utf-8"))
        except ValueError as error:
            raise CertificateRefused("password" if "password" in str(error).lower() else "unreadable") from error
        if private_key is None:
            raise CertificateRefused("no-key")
        if certificate is None:
            raise CertificateRefused("no-certificate")
        return cls._pair(private_key, certificate)

    @classmethod
    def _pair(cls, private_key: object, certificate: x509.Certificate) -> "Key":
        if not isinstance(private_key, rsa.RSAPrivateKey):
            raise CertificateRefused("not-rsa")
        spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if private_key.public_key().public_bytes(*spki) != certificate.public_key().public_bytes(*spki):
            raise CertificateRefused("key-mismatch")
        if reason := weakness_of(certificate):
            raise CertificateRefused(reason)
        der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")
        return cls(certificate, private_key, der)

    @property
    def holder(self) -> str:
        """Subject serialNumber (OID 2.5.4.5), e.g. `IDCDO-00199999996`; empty when the certificate has none."""
        return holder_of(self.certificate)


def holder_of(certificate: x509.Certificate) -> str:
    """The person who signs: subject serialNumber, cédula or RNC behind `IDCDO-`; empty when absent."""
    values = certificate.subject.get_attributes_for_oid(x509.NameOID.SERIAL_NUMBER)
    return str(values[0].value) if values else ""


@dataclass(frozen=True)
class PublicPart:
    """A stranger's certificate as far as it can be judged without a clock: `fault` says why it may not sign."""

    certificate: x509.Certificate
    fault: str | None
    handle: xmlsec.Key | None = field(repr=False, compare=False)


# The same few hundred people sign most documents; reading a certificate costs as much as verifying a signature.
@lru_cache(maxsize=512)
def read_certificate(der: bytes) -> PublicPart | None:
    """DER to its judged parts; None when it is no certificate we can read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        # The library reads some parts only when asked: what is unreadable shall be found here.
        _ = certificate.subject, certificate.issuer, certificate.not_valid_before_utc, certificate.not_valid_after_utc
        fault = weakness_of(certificate) or misuse_of(certificate) or damage_of(certificate)
        # A signature is whole bytes: a count of unused bits in front of it is a second spelling of the same certificate.
        if der[-len(certificate.signature) - 1] != 0:
            return None
        handle = None if fault else xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatCertDer)
    except (*_UNREADABLE, xmlsec.Error):
        return None
    return PublicPart(certificate, fault, handle)


def weakness_of(certificate: x509.Certificate) -> str | None:
    """`not-rsa`, `key-size` (2048 to 8192 bits are taken) or `key-exponent` (65537 at least), None when strong enough."""
    public_key = certificate.public_key()
    if not isinstance(public_key, rsa.RSAPublicKey):
        return "not-rsa"
    if not 2048 <= public_key.key_size <= _LARGEST_KEY:
        return "key-size"
    return None if public_key.public_numbers().e >= _SMALLEST_EXPONENT else "key-exponent"


def misuse_of(certificate: x509.Certificate) -> str | None:
    """`usage` when the certificate says what it is for and signing documents is not among it."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            return "usage"
    except x509.ExtensionNotFound:
        pass
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None
    return "usage" if _MACHINES.issuperset(purposes) else None


def damage_of(certificate: x509.Certificate) -> str | None:
    """`self-signature` when it is its own issuer and does not hold: the one damage that shows without an anchor."""
    if certificate.issuer != certificate.subject and not _own_key_signed(certificate):
        return None
    try:
        certificate.verify_directly_issued_by(certificate)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return "self-signature"
    return None


def _own_key_signed(certificate: x509.Certificate) -> bool:
    """Whether the signature opens with the certificate's own key, whatever names and digest say by now."""
    public_key = certificate.public_key()
    if not isinstance(public_key, rsa.RSAPublicKey):
        return False
    try:
        return bool(public_key.recover_data_from_signature(certificate.signature, padding.PKCS1v15(), None))
    except (ValueError, InvalidSignature):
        return False
