"""The test authority: certificates and PKCS#12 files of the shape the Dominican authorities hand out, made in code."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

# The cédula of the sample token in DGII's Descripción Técnica: it passes the check digit and is nobody's.
CEDULA = "00199999996"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Leaf:
    """A signer's certificate with its private key."""

    private_key: PrivateKey
    certificate: x509.Certificate
    issuer: x509.Certificate

    @property
    def private_key_pem(self) -> bytes:
        return self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def p12(self, password: str, *, legacy: bool = False) -> bytes:
        """PKCS#12 with the issuer's certificate; `legacy` as old Windows tools write it (3DES, SHA-1)."""
        encryption: KeySerializationEncryption = BestAvailableEncryption(password.encode("utf-8"))
        if legacy:
            encryption = (
                PrivateFormat.PKCS12.encryption_builder()
                .kdf_rounds(2048)
                .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
                .hmac_hash(hashes.SHA1())  # nosec B303 - as old files have it
                .build(password.encode("utf-8"))
            )
        name = b"FIRMANTE PRUEBA"
        return pkcs12.serialize_key_and_certificates(name, self.private_key, self.certificate, [self.issuer], encryption)


@dataclass(frozen=True)
class Authority:
    """A certificate authority that nobody outside a test installation trusts."""

    private_key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def create(cls, now: datetime | None = None) -> "Authority":
        """A new root, valid from five years before `now` to ten after."""
        now = now or datetime.now(UTC)
        private_key = rsa.generate_private_key(65537, 2048)
        name = x509.Name(
            [
                x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "DO"),
                x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "AUTORIDAD DE PRUEBA"),
                x509.NameAttribute(x509.NameOID.COMMON_NAME, "AUTORIDAD DE PRUEBA SIN VALOR"),
            ]
        )
        certificate = (
            _builder(name, name, private_key, now - timedelta(days=5 * 365), now + timedelta(days=10 * 365))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(private_key, hashes.SHA256())
        )
        return cls(private_key, certificate)

    @classmethod
    def load(cls, private_key_pem: bytes, certificate_pem: bytes) -> "Authority":
        private_key = load_pem_private_key(private_key_pem, None)
        if not isinstance(private_key, rsa.RSAPrivateKey):
            raise TypeError("the test authority signs with RSA")
        return cls(private_key, x509.load_pem_x509_certificate(certificate_pem))

    def issue(
        self,
        cedula: str = CEDULA,
        *,
        names: str = "FIRMANTE",
        surnames: str = "PRUEBA",
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        bits: int = 2048,
        elliptic: bool = False,
        signing: bool = True,
    ) -> Leaf:
        """A natural person's certificate (Informe Técnico, firma): serialNumber `IDCDO-` and the cédula.

        Without dates it is valid from yesterday for two years. `bits`, `elliptic` and `signing=False` make the
        certificates that must be refused.
        """
        now = datetime.now(UTC)
        private_key: PrivateKey
        private_key = ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(65537, bits)
        subject = x509.Name(
            [
                x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "DO"),
                x509.NameAttribute(x509.NameOID.SURNAME, surnames),
                x509.NameAttribute(x509.NameOID.GIVEN_NAME, names),
                x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, f"IDCDO-{cedula}"),
                x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{names} {surnames}"),
            ]
        )
        usage = x509.KeyUsage(
            digital_signature=signing,
            content_commitment=signing,
            key_encipherment=not signing,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=False,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        start, end = not_before or now - timedelta(days=1), not_after or now + timedelta(days=730)
        certificate = (
            _builder(subject, self.certificate.subject, private_key, start, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(self.private_key, hashes.SHA256())
        )
        return Leaf(private_key, certificate, self.certificate)


def _builder(
    subject: x509.Name, issuer: x509.Name, private_key: PrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
