"""Ranges of e-NCF: which DGII could have authorised, and why one gives no number. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.ecf.encf import ENCF
from shared.ecf.types import TipoECF
from shared.errors import Conflict, FieldError, InvalidInput, NotFound


class SequenceMissing(Conflict):
    slug = "sequence-missing"


class SequenceExhausted(Conflict):
    slug = "sequence-exhausted"


class SequenceExpired(Conflict):
    slug = "sequence-expired"


class SequenceStopped(Conflict):
    slug = "sequence-stopped"


class SequenceOverlaps(Conflict):
    slug = "sequence-overlaps"


class LeaseUnknown(NotFound):
    slug = "lease-unknown"


class LeaseOver(Conflict):
    slug = "lease-over"


class LeaseExhausted(Conflict):
    slug = "lease-exhausted"


class LeaseTooLarge(Conflict):
    slug = "lease-too-large"


class SequenceNotStopped(Conflict):
    slug = "sequence-not-stopped"


class LeaseOfOtherType(InvalidInput):
    slug = "lease-of-other-type"


@dataclass(frozen=True)
class Wanted:
    """What a document asks a number for: its type and the day, the branch it is issued at, the lease it names."""

    tipo_ecf: int
    today: date
    sucursal: str | None = None
    lease: str | None = None


@dataclass(frozen=True)
class Number:
    """One number taken from a range (or one that came back), with the last day DGII registered for the range.

    `low`: with it the range fell below a tenth of its numbers, which nobody has told yet.
    """

    sequence_id: str
    secuencia: int
    intento: int
    vencimiento: date
    low: bool = False


@dataclass(frozen=True)
class Range:
    """`vencimiento` is its last day, which a range of every type has, though a 32 and a 34 do not print it."""

    tipo: TipoECF
    desde: int
    hasta: int
    vencimiento: date
    sucursal: str | None = None


@dataclass(frozen=True)
class Standing:
    """What a range can do for a document: has it numbers, until when, is it stopped."""

    left: bool
    vencimiento: date
    stopped: bool


def check_range(tipo_ecf: int, desde: int, hasta: int, vencimiento: str, *, today: date, sucursal: str | None = None) -> Range:
    """A range that DGII could have authorised and that may still be used; InvalidInput names every field that says otherwise."""
    wrong = []
    if tipo_ecf not in {tipo.value for tipo in TipoECF}:
        wrong.append(FieldError("/tipo_ecf", "tipo-ecf", "No existe ese tipo de e-CF."))
    if hasta < desde:
        wrong.append(FieldError("/hasta", "range-order", "«hasta» debe ser igual o mayor que «desde»."))
    day = today
    try:
        day = date.fromisoformat(vencimiento)
    except ValueError:
        wrong.append(FieldError("/vencimiento", "date", "No existe esa fecha. Use AAAA-MM-DD."))
    if day < today:
        wrong.append(FieldError("/vencimiento", "past", "El rango ya venció. Solicite uno vigente en la Oficina Virtual."))
    if wrong:
        raise InvalidInput(*wrong)
    return Range(TipoECF(tipo_ecf), desde, hasta, day, sucursal)


def why_no_number(tipo_ecf: int, ranges: list[Standing], today: date) -> Conflict:
    """The refusal that fits: `ranges` are those of the type that the document could take from."""
    if not ranges:
        return SequenceMissing(tipo_ecf=tipo_ecf)
    held = [one for one in ranges if one.left]
    expired = [one.vencimiento for one in held if one.vencimiento < today]
    if len(expired) < len(held):
        return SequenceStopped(tipo_ecf=tipo_ecf)
    if expired:
        return SequenceExpired(tipo_ecf=tipo_ecf, vencimiento=max(expired).isoformat())
    return SequenceExhausted(tipo_ecf=tipo_ecf)


def read_encf(text: str) -> ENCF:
    """The number a path names; NotFound for what is none."""
    try:
        return ENCF.parse(text)
    except ValueError as error:
        raise NotFound from error


def check_until(until: datetime, now: datetime) -> None:
    """A lease ends later than now; InvalidInput."""
    if until <= now:
        raise InvalidInput(FieldError("/until", "past", "El préstamo debe terminar en el futuro."))
