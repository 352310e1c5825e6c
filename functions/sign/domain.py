"""What sign must be convinced of before it signs (security D-15), and what it signs then: a pure function of stored bytes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from shared.ecf.document import Document
from shared.ecf.encf import ENCF
from shared.ecf.gate import OTHER, OWN, open_foreign
from shared.ecf.rfce import summarise, travels_as_rfce
from shared.ecf.schema import faults
from shared.ecf.signature import SignatureRefused
from shared.ecf.types import TipoECF
from shared.ecf.xml import read, write
from shared.errors import Conflict, NotAllowed, Unavailable
from shared.identity.standing import Estado

PROBE = b"<GetUpNet><prueba>certificado</prueba></GetUpNet>"
COMPANIONS = frozenset({"ARECF", "ACECF", "ANECF"})
ECF = tuple(f"{tipo:d}" for tipo in TipoECF)


class NotOurs(Conflict):
    """The document, the company, the range or the certificate do not belong together; `code` is one stable word."""

    slug = "signing-refused"

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code=code, reason=reason)


class PurposeRefused(NotAllowed):
    """The token was made for another purpose, or its function signs no such documents."""

    slug = "purpose-refused"


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
    revoked: bool = False
    holder_authorised: bool | None = None


@dataclass(frozen=True)
class Facts:
    """The tenant's read copy; None for what has not been seen. `codigo_seguridad`: of what was signed for the document's number."""

    company: Company | None
    certificate: Certificate | None
    ranges: tuple[Range, ...] = ()
    codigo_seguridad: str | None = None


@dataclass(frozen=True)
class Made:
    """A signed document; `fingerprint` is of the certificate it was signed with (SHA-256, hex)."""

    xml: bytes
    codigo_seguridad: str
    fingerprint: str


Sign = Callable[[bytes], Made]
"""Signs with one certificate's key, wherever that is held."""


@dataclass(frozen=True)
class Result:
    """`rfce` is the signed summary of a consumo below the limit."""

    encf: str
    whole: Made
    rfce: bytes | None


def read_document(xml: bytes, *kinds: str, schemas: Path | None = None) -> Document:
    """The document inside the bytes, by gate and schema (of that folder), of one of these kinds; NotOurs says what is wrong."""
    root = open_foreign(xml, kind=OTHER if COMPANIONS.issuperset(kinds) else OWN)
    document = read(root)
    if document.kind not in kinds:
        raise NotOurs("kind", f"Un documento {document.kind} no se firma con este propósito.")
    wrong = faults(root, document.kind, schemas)
    if wrong:
        raise NotOurs("schema", f"{wrong[0].path}: {wrong[0].detail}")
    return document


def check(document: Document, facts: Facts) -> Certificate:
    """The certificate to sign an e-CF with, once everything agrees; FactsNotSeen or NotOurs otherwise."""
    company = _own(document.rnc_emisor, "emisor", facts)
    if not facts.ranges:
        raise FactsNotSeen
    if not any(one.holds(document) for one in facts.ranges):
        raise NotOurs("range", "El número no pertenece a un rango de la empresa.")
    signed_at = document.fecha_hora_firma.astimezone(UTC)
    _check_standing(company, signed_at)
    return usable(facts, signed_at)


def check_rfce(document: Document, facts: Facts, *, now: datetime) -> Certificate:
    """As `check`, for a summary by itself: only of a consumo that was signed here, by the code of its signature."""
    _own(document.rnc_emisor, "emisor", facts)
    if not facts.ranges or facts.codigo_seguridad is None:
        raise FactsNotSeen
    if document.text("codigo_seguridad_ecf") != facts.codigo_seguridad:
        raise NotOurs("security-code", "El código de seguridad no es el del comprobante firmado.")
    return usable(facts, now)


def check_companion(document: Document, facts: Facts, *, now: datetime) -> Certificate:
    """As `check`, for an ARECF or ACECF (the company is the buyer) and an ANECF (its own numbers, all of known ranges)."""
    if document.kind == "ANECF":
        _own(document.rnc_emisor, "emisor", facts)
        if not all(covered(first, last, facts.ranges) for first, last in voided(document)):
            raise FactsNotSeen
    else:
        _own(document.text("rnc_comprador") or "", "comprador", facts)
    return usable(facts, now)


def voided(document: Document) -> list[tuple[ENCF, ENCF]]:
    """First and last number of every range that an ANECF voids."""
    entries = document.tree.get("anulaciones")
    found = []
    for entry in entries if isinstance(entries, list) else ():
        pairs = entry.get("secuencias") if isinstance(entry, dict) else None
        for pair in pairs if isinstance(pairs, list) else ():
            if isinstance(pair, dict):
                first, last = pair["secuencia_encf_desde"], pair["secuencia_encf_hasta"]
                found.append((ENCF.parse(str(first)), ENCF.parse(str(last))))
    if not found:
        raise NotOurs("schema", "La anulación no nombra ningún número.")
    return found


def covered(first: ENCF, last: ENCF, ranges: Iterable[Range]) -> bool:
    """Whether every number from `first` to `last` lies in one of the ranges, which may adjoin."""
    following = first.secuencia
    for one in sorted((r for r in ranges if r.tipo_ecf == first.tipo), key=lambda r: r.desde):
        if one.desde <= following <= one.hasta:
            following = one.hasta + 1
    return first.tipo == last.tipo and following > last.secuencia


def _own(rnc: str, role: str, facts: Facts) -> Company:
    """The company, when the document's RNC is its own and it is not sealed."""
    if facts.company is None:
        raise FactsNotSeen
    if rnc != facts.company.rnc:
        raise NotOurs("company", f"El RNC {role} no es el de la empresa.")
    if facts.company.estado == Estado.SELLADA:
        raise NotOurs("sealed", "La empresa está sellada: ya no se firma nada por ella.")
    return facts.company


def usable(facts: Facts, at: datetime) -> Certificate:
    """The certificate, in force at that moment, not revoked, its holder one of the company's signers (security D-15)."""
    certificate = facts.certificate
    if certificate is None:
        raise FactsNotSeen
    if certificate.revoked:
        raise NotOurs("revoked", "El certificado está revocado.")
    if not certificate.not_before <= at <= certificate.not_after:
        raise NotOurs("certificate-window", "El certificado no está vigente en la fecha de firma.")
    if certificate.holder_authorised is None:
        raise FactsNotSeen
    if not certificate.holder_authorised:
        raise NotOurs("holder", "El titular del certificado ya no firma por la empresa.")
    return certificate


def _check_standing(company: Company, at: datetime) -> None:
    """A suspended company finishes what had its number (and so its signing time) before: a number
    that is left hanging is one DGII asks about, and what comes after the suspension is not billing's to number."""
    if company.estado == Estado.SUSPENDIDA and company.since is not None and at > company.since:
        raise NotOurs("suspended", "La empresa está suspendida y el documento es posterior. Emítalo cuando se reanude.")


def sign_ecf(xml: bytes, document: Document, sign: Sign) -> Result:
    """Sign an e-CF and, for a consumo below the limit, its summary with the security code of the whole document."""
    whole = sign(xml)
    rfce = None
    if travels_as_rfce(document):
        rfce = sign(write(summarise(document, whole.codigo_seguridad))).xml
    return Result(str(document.encf), whole, rfce)


def check_semilla(xml: bytes, facts: Facts, *, now: datetime) -> Certificate:
    """The certificate for a seed of DGII: a SemillaModel of valor and fecha and nothing else (Descripción Técnica)."""
    root = open_foreign(xml, kind=OTHER)
    if root.tag != "SemillaModel" or [child.tag for child in root] != ["valor", "fecha"]:
        raise NotOurs("kind", "No es una semilla de la DGII.")
    if facts.company is None:
        raise FactsNotSeen
    if facts.company.estado == Estado.SELLADA:
        raise NotOurs("sealed", "La empresa está sellada: ya no se firma nada por ella.")
    return usable(facts, now)


def probe(sign: Sign, *, fingerprint: str) -> Made:
    """Sign a few bytes of our own; NotOurs when the stored certificate is another one or the signature fails."""
    try:
        made = sign(PROBE)
    except SignatureRefused as error:
        raise NotOurs("probe", "La firma de prueba no se verificó.") from error
    if made.fingerprint != fingerprint:
        raise NotOurs("certificate-other", "El certificado guardado no es el que se cargó.")
    return made


def secret_name(tenant: str, certificate_id: str) -> str:
    """Where a certificate's key is kept, while its registration has not been heard yet (security D-14)."""
    return f"/getupnet/{tenant}/p12/{certificate_id}"
