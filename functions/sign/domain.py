"""What sign must be convinced of before it signs (security D-15), and the signing itself: a pure function of stored bytes."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime

from shared.ecf.document import Document
from shared.ecf.gate import OTHER, OWN, open_foreign
from shared.ecf.key import Key
from shared.ecf.rfce import summarise, travels_as_rfce
from shared.ecf.schema import faults
from shared.ecf.signature import Signed, confirm, sign
from shared.ecf.xml import read, write
from shared.errors import Conflict, Unavailable
from shared.identity.standing import Estado


class NotOurs(Conflict):
    """The document, the company, the range or the certificate do not belong together; `reason` is Spanish."""

    slug = "signing-refused"


class FactsNotSeen(Unavailable):
    """An event that says who the company, its range or its certificate are has not arrived here yet."""

    slug = "facts-not-seen"


@dataclass(frozen=True)
class Company:
    """`since` is when `estado` became what it is, None while it never changed."""

    rnc: str
    environment: str
    estado: str = Estado.ACTIVA
    since: datetime | None = None


@dataclass(frozen=True)
class Range:
    tipo_ecf: int
    desde: int
    hasta: int
    vencimiento: date | None

    def holds(self, document: Document) -> bool:
        """Whether the document's number and its expiry are those of this range (a 32 and a 34 carry no expiry)."""
        encf, written = document.encf, document.fecha_vencimiento_secuencia
        inside = self.tipo_ecf == encf.tipo and self.desde <= encf.secuencia <= self.hasta
        return inside and (written is None or written == self.vencimiento)


@dataclass(frozen=True)
class Certificate:
    id: str
    holder_id: str
    secret_name: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class Facts:
    """The tenant's read copy; None for what has not been seen."""

    company: Company | None
    certificate: Certificate | None
    ranges: tuple[Range, ...]


@dataclass(frozen=True)
class Result:
    """`rfce` is the signed summary of a consumo below the limit."""

    encf: str
    xml: bytes
    codigo_seguridad: str
    sha256: str
    rfce: bytes | None


def read_ecf(xml: bytes) -> Document:
    """The document inside the bytes, by gate and schema; NotOurs says what is wrong with it."""
    root = open_foreign(xml, kind=OWN)
    document = read(root)
    wrong = faults(root, document.kind)
    if wrong:
        raise NotOurs(reason=f"{wrong[0].path}: {wrong[0].detail}")
    return document


def check(document: Document, facts: Facts) -> Certificate:
    """The certificate to sign with, once everything agrees; FactsNotSeen or NotOurs otherwise."""
    if facts.company is None or facts.certificate is None:
        raise FactsNotSeen
    if document.rnc_emisor != facts.company.rnc:
        raise NotOurs(reason="El RNC emisor no es el de la empresa.")
    if not facts.ranges:
        raise FactsNotSeen
    if not any(one.holds(document) for one in facts.ranges):
        raise NotOurs(reason="El número no pertenece a un rango de la empresa.")
    signed_at = document.fecha_hora_firma.astimezone(UTC)
    _check_standing(facts.company, signed_at)
    if not facts.certificate.not_before <= signed_at <= facts.certificate.not_after:
        raise NotOurs(reason="El certificado no está vigente en la fecha de firma.")
    return facts.certificate


def _check_standing(company: Company, at: datetime) -> None:
    """A sealed company signs nothing. A suspended one finishes what had its number (and so its signing time) before: a number
    that is left hanging is one DGII asks about, and what comes after the suspension is not billing's to number."""
    if company.estado == Estado.SELLADA:
        raise NotOurs(reason="La empresa está sellada: ya no se firma nada por ella.")
    if company.estado == Estado.SUSPENDIDA and company.since is not None and at > company.since:
        raise NotOurs(reason="La empresa está suspendida y el documento es posterior. Emítalo cuando se reanude.")


def sign_ecf(xml: bytes, document: Document, key: Key, *, verify_output: bool) -> Result:
    """Sign an e-CF and, for a consumo below the limit, its summary with the security code of the whole document."""
    whole = _sign(xml, key, verify_output)
    rfce = None
    if travels_as_rfce(document):
        summary = write(summarise(document, whole.codigo_seguridad))
        rfce = _sign(summary, key, verify_output).xml
    digest = hashlib.sha256(whole.xml).hexdigest()
    return Result(str(document.encf), whole.xml, whole.codigo_seguridad, digest, rfce)


def check_semilla(xml: bytes, facts: Facts, *, now: datetime) -> Certificate:
    """The certificate for a seed of DGII: a SemillaModel of valor and fecha and nothing else (Descripción Técnica)."""
    root = open_foreign(xml, kind=OTHER)
    if root.tag != "SemillaModel" or [child.tag for child in root] != ["valor", "fecha"]:
        raise NotOurs(reason="No es una semilla de la DGII.")
    if facts.company is None or facts.certificate is None:
        raise FactsNotSeen
    if facts.company.estado == Estado.SELLADA:
        raise NotOurs(reason="La empresa está sellada: ya no se firma nada por ella.")
    if not facts.certificate.not_before <= now <= facts.certificate.not_after:
        raise NotOurs(reason="El certificado no está vigente.")
    return facts.certificate


def sign_semilla(xml: bytes, key: Key) -> Signed:
    """Sign a seed; the indentation DGII sends goes first, as it demands."""
    return sign(xml, key, kind=OTHER)


def _sign(xml: bytes, key: Key, verify_output: bool) -> Signed:
    signed = sign(xml, key)
    if verify_output:
        confirm(signed, key)
    return signed
