"""What makes a certificate fit to sign. Pure."""

from dataclasses import dataclass
from datetime import datetime

from shared.errors import FieldError, InvalidInput

WORDS = {
    "unreadable-or-password": "El archivo no es un P12 legible o la contraseña no es la suya.",
    "incomplete": "El archivo no contiene un certificado con su clave privada.",
    "not-rsa": "La clave no es RSA. La DGII firma con RSA y SHA-256.",
    "weak-key": "La clave RSA tiene menos de 2048 bits.",
    "key-mismatch": "La clave privada no corresponde al certificado.",
    "too-costly": "El archivo pide más cálculo del permitido para abrirse.",
    "expired": "El certificado venció. Cargue uno vigente.",
    "not-yet": "El certificado aún no está vigente.",
}


class CertificateUnreadable(InvalidInput):
    slug = "certificate-unreadable"

    def __init__(self, code: str) -> None:
        super().__init__(FieldError("/p12", code, WORDS[code]), reason=WORDS[code])


@dataclass(frozen=True)
class Certificate:
    """A certificate that was read; the private key stays in text only until it is in the secrets store."""

    holder_name: str
    holder_id: str
    issuer: str
    serial_number: str
    not_before: str
    not_after: str
    certificate_pem: str
    private_key_pem: str

    def check(self, now: datetime) -> None:
        """CertificateUnreadable unless it is in force."""
        if now > datetime.fromisoformat(self.not_after):
            raise CertificateUnreadable("expired")
        if now < datetime.fromisoformat(self.not_before):
            raise CertificateUnreadable("not-yet")


def secret_name(tenant: str, certificate_id: str) -> str:
    """Where the key of one certificate is kept (security D-14)."""
    return f"/getupnet/{tenant}/p12/{certificate_id}"
