"""What makes a certificate fit to sign, who may hold one, and when its end is announced. Pure."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.errors import Conflict, FieldError, InvalidInput, TooMany

WORDS = {
    "empty": "El archivo está vacío.",
    "no-password": "Escriba la contraseña del P12. Un archivo sin contraseña no se acepta.",
    "unreadable": "El archivo no es un P12 legible o está incompleto. Expórtelo de nuevo.",
    "password": "La contraseña no abre este P12. Revísela; cuentan mayúsculas, tildes y ñ.",
    "no-key": "El archivo no contiene una clave privada. Expórtelo con su clave.",
    "no-certificate": "El archivo no contiene el certificado de su clave.",
    "two-keys": "El archivo contiene más de una clave privada. Exporte solo la del firmante.",
    "not-rsa": "La clave no es RSA. La DGII firma con RSA y SHA-256.",
    "weak-key": "La clave RSA tiene menos de 2048 bits.",
    "key-size": "La clave RSA tiene más de 8192 bits o un exponente inseguro.",
    "key-mismatch": "La clave privada no corresponde al certificado.",
    "usage": "El certificado no es para firmar documentos.",
    "chain-too-long": "El archivo trae más de 20 certificados de la cadena.",
    "too-costly": "El archivo pide más cálculo o memoria de lo permitido para abrirse. Expórtelo de nuevo.",
    "expired": "El certificado venció. Cargue uno vigente.",
    "not-yet": "El certificado aún no está vigente.",
    "no-holder": "El certificado no dice la cédula de su titular (serialNumber).",
    "not-signing": "La firma de prueba con este certificado no se pudo verificar.",
}
ALERT_DAYS = (30, 15, 7, 1)
MOST_LIVE = 2
UPLOADS_AN_HOUR = 10


class CertificateUnreadable(InvalidInput):
    slug = "certificate-unreadable"

    def __init__(self, code: str) -> None:
        super().__init__(FieldError("/p12", code, WORDS[code]), reason=WORDS[code])
        self.code = code


class HolderNotAuthorised(InvalidInput):
    """The holder is not among the company's signers, and nobody confirmed that they are to be the first."""

    slug = "holder-not-authorised"
    code = "holder"


class CertificatesFull(Conflict):
    """One in use and one to follow: a third waits until one is revoked or has expired."""

    slug = "certificates-full"


class CertificateGone(Conflict):
    """It is revoked already."""

    slug = "certificate-revoked"


class UploadsExhausted(TooMany):
    """`retry_after` in seconds; failed uploads count, because they are how a password is guessed."""

    slug = "uploads-exhausted"


@dataclass(frozen=True)
class Certificate:
    """A certificate that was read; the private key stays in text only until it is in the secrets store.

    `chain`: subject, issuer, not_after and fingerprint of the other certificates in the file. `fingerprint`: SHA-256, hex.
    """

    holder_name: str
    holder_id: str
    issuer: str
    serial_number: str
    not_before: str
    not_after: str
    fingerprint: str
    certificate_pem: str
    private_key_pem: str = field(repr=False)
    chain: list[dict[str, str]]

    def check(self, now: datetime) -> None:
        """CertificateUnreadable unless it is in force and names its holder."""
        if now > datetime.fromisoformat(self.not_after):
            raise CertificateUnreadable("expired")
        if now < datetime.fromisoformat(self.not_before):
            raise CertificateUnreadable("not-yet")
        _ = self.cedula

    @property
    def cedula(self) -> str:
        """The digits of the subject's serial number: `IDCDO-` and a cédula, or an RNC. It need not be the company's RNC."""
        number = self.holder_id.rpartition("-")[2]
        if not re.fullmatch(r"[0-9]{9}|[0-9]{11}", number):
            raise CertificateUnreadable("no-holder")
        return number

    def starts(self, asked: datetime | None, now: datetime) -> datetime:
        """From when it signs: now, or the cut-over that was asked for; InvalidInput when that is not before its end."""
        if asked is None or asked <= now:
            return now
        if asked >= datetime.fromisoformat(self.not_after):
            words = "El certificado ya habrá vencido en esa fecha."
            raise InvalidInput(FieldError("/active_from", "after-expiry", words))
        return asked


def secret_name(tenant: str, certificate_id: str) -> str:
    """Where the key of one certificate is kept (security D-14)."""
    return f"/getupnet/{tenant}/p12/{certificate_id}"


def days_left(not_after: datetime, now: datetime) -> int:
    """Whole days until the end, upwards: on the last day 1, after it 0 or less."""
    return -((now - not_after) // timedelta(days=1))


def alert(not_after: datetime, now: datetime, announced: int | None) -> int | None:
    """The alert that is due and was not given: the lowest of ALERT_DAYS that is reached. None before, between and after them."""
    left = days_left(not_after, now)
    reached = [days for days in ALERT_DAYS if left <= days]
    if not reached or left <= 0:
        return None
    lowest = min(reached)
    return lowest if announced is None or lowest < announced else None


def next_alert(not_after: datetime, now: datetime) -> datetime | None:
    """When the next alert is due; None when all are behind."""
    coming = [not_after.astimezone(UTC) - timedelta(days=days) for days in ALERT_DAYS]
    return min((moment for moment in coming if moment > now), default=None)
