"""Receive one document: verify it for real, judge it in DGII's order, remember it with its verdict."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree

from functions.sandbox import domain, store
from functions.sandbox.behaviours import Played, remark
from functions.sandbox.domain import Facts, Mensaje
from functions.sandbox.originals import note_messages
from functions.sandbox.remarks import annulling_debit, remarks
from functions.sandbox.sums import content_messages
from functions.sandbox.tokens import Tokens
from functions.sandbox.wire import DgiiRefused
from shared.db.engine import Transaction
from shared.dgii.multipart import XmlPart
from shared.ecf.clock import fiscal_day
from shared.ecf.gate import RFCE, ForeignXmlRefused, Limits, limits_of_ecf, open_foreign
from shared.ecf.schema import faults
from shared.ecf.signature import Blanks, SignatureRefused, verify

_NOBODY = "101000000"
# Codes seen with secuenciaUtilizada false, and those of checks that come before the number is looked at.
_UNSPENT = {"0", "004", "3", "64", "75", "81", "135", "145", "3243"}


@dataclass(frozen=True)
class Rules:
    """How this stand-in behaves: `strict` wants delegations and ranges, `verdict_delay` is the while in En Proceso, and
    `schema_folder` holds DGII's own schemas (None: the built-in ones)."""

    strict: bool
    verdict_delay: timedelta
    tokens: Tokens
    schema_folder: Path | None


@dataclass(frozen=True)
class Reading:
    """A received file: whose number it claims, and either its verified content or why it has none."""

    rnc: str
    encf: str
    content: tuple[etree._Element, Facts] | None
    mensajes: tuple[Mensaje, ...]


def read(data: bytes, *, summary: bool, now: datetime, schemas: Path | None) -> Reading:
    """Signature and schema (of that folder). DgiiRefused when it is no XML that names an issuer and a number."""
    limits = RFCE if summary else limits_of_ecf(data)
    try:
        verified = verify(data, at=now, kind=limits, blanks=Blanks.DROPPED)
    except ForeignXmlRefused as refused:
        return Reading(*_named(data, limits), None, (domain.schema_message(refused.reason),))
    except SignatureRefused:
        return Reading(*_named(data, limits), None, (domain.FIRMA,))
    kind = "RFCE" if summary else (verified.root.findtext("Encabezado/IdDoc/TipoeCF") or "").strip()
    wrong = faults(verified.root, kind, schemas) if kind in _KINDS else None
    if wrong is None or wrong:
        detail = f"{wrong[0].path}: {wrong[0].detail}" if wrong else "TipoeCF"
        return Reading(*_named(data, limits), None, (domain.schema_message(detail),))
    facts = domain.facts_of(verified.root, verified.codigo_seguridad)
    return Reading(facts.rnc_emisor, str(facts.encf), (verified.root, facts), ())


_KINDS = {"31", "32", "33", "34", "41", "43", "44", "45", "46", "47", "RFCE"}


def _named(data: bytes, limits: Limits) -> tuple[str, str]:
    lenient = Limits(limits.name, limits.bytes, limits.elements, None)
    try:
        root = open_foreign(data, kind=lenient)
    except ForeignXmlRefused as refused:
        raise DgiiRefused(400, "Tipo de archivo no válido, favor proveer un XML") from refused
    rnc = (root.findtext("Encabezado/Emisor/RNCEmisor") or "").strip()[:11]
    encf = (root.findtext("Encabezado/IdDoc/eNCF") or "").strip()[:13]
    if not rnc or not encf:
        raise DgiiRefused(400, "La estructura del archivo XML no es válido, favor proveer un XML con una estructura válida")
    return rnc, encf


def receive(
    tx: Transaction,
    rules: Rules,
    environment: str,
    cedula: str,
    part: XmlPart,
    reading: Reading,
    played: Played,
    *,
    summary: bool,
) -> store.Submission:
    """Judge and remember. One transaction, so that two copies of a number cannot both be first."""
    now = datetime.now(UTC)
    track_id = str(uuid.uuid4())
    if "foreign_use" in played:
        _use_before(tx, environment, reading, now, summary=summary)
    mensajes = (
        [_refusal(tx, environment, reading, track_id, played["refused"].value)]
        if "refused" in played
        else _messages(tx, rules, environment, cedula, part, reading, track_id, summary=summary)
    )
    if "conditional" in played and not any(m.refuses for m in mensajes):
        mensajes.append(Mensaje(*remark(played["conditional"].value), refuses=False))
    verdict = domain.conclude(mensajes)
    facts = reading.content[1] if reading.content else None
    delay = rules.verdict_delay
    if "verdict_delay_ms" in played:
        delay = timedelta(milliseconds=int(played["verdict_delay_ms"].value))
    submission = store.Submission(
        track_id=track_id,
        channel="rfce" if summary else "ecf",
        rnc=reading.rnc,
        encf=reading.encf,
        verdict=verdict,
        codigo_seguridad=facts.codigo_seguridad if facts else "",
        facts=_kept(facts) if facts else {},
        sha256=hashlib.sha256(part.data).hexdigest(),
        received_at=now,
        verdict_at=now if summary else now + delay,
    )
    store.add_submission(tx, environment, submission, part.data)
    return submission


def _refusal(tx: Transaction, environment: str, reading: Reading, track_id: str, value: str) -> Mensaje:
    """A refusal as asked for; a rule of business spends the number, as DGII's do."""
    code, text = remark(value)
    spends = code not in _UNSPENT
    if spends:
        facts = reading.content[1] if reading.content else None
        store.take_number(tx, environment, track_id, reading.rnc, reading.encf, facts.codigo_seguridad if facts else "")
    return Mensaje(code, text, spends=spends)


def _use_before(tx: Transaction, environment: str, reading: Reading, now: datetime, *, summary: bool) -> None:
    """Somebody else's document takes the number just before this one comes."""
    track_id, code = str(uuid.uuid4()), "Ajen0z"
    if store.take_number(tx, environment, track_id, reading.rnc, reading.encf, code) is not None:
        return
    facts = {"rnc_comprador": _NOBODY, "monto_total": "1.00"}
    accepted = domain.conclude([])
    channel, sha256 = "rfce" if summary else "ecf", hashlib.sha256(b"").hexdigest()
    foreign = store.Submission(track_id, channel, reading.rnc, reading.encf, accepted, code, facts, sha256, now, now)
    store.add_submission(tx, environment, foreign, b"")


def _messages(
    tx: Transaction,
    rules: Rules,
    environment: str,
    cedula: str,
    part: XmlPart,
    reading: Reading,
    track_id: str,
    *,
    summary: bool,
) -> list[Mensaje]:
    if reading.content is None:
        return list(reading.mensajes)
    root, facts = reading.content
    if rules.strict and not store.is_delegated(tx, environment, cedula, facts.rnc_emisor):
        return [domain.delegation_message(facts.rnc_emisor)]
    ranges = store.ranges_of(tx, environment, facts.rnc_emisor, int(facts.encf.tipo))
    today = fiscal_day(datetime.now(UTC))
    found = [
        *domain.name_messages(part.filename, facts.rnc_emisor, reading.encf, summary=summary),
        *domain.channel_messages(facts, summary=summary),
        *domain.range_messages(facts, ranges, today, strict=rules.strict),
        *annulling_debit(root),
    ]
    # What is refused up to here leaves the number unspent.
    if any(m.refuses for m in found):
        return found
    number = facts.encf.secuencia
    if store.is_voided(tx, environment, facts.rnc_emisor, int(facts.encf.tipo), number, number):
        return [domain.UTILIZADO]
    holder = store.take_number(tx, environment, track_id, facts.rnc_emisor, reading.encf, facts.codigo_seguridad)
    if holder is not None:
        return [domain.COMBINACION if summary and holder == facts.codigo_seguridad else domain.UTILIZADO]
    notes = note_messages(tx, environment, facts, datetime.now(UTC))
    return [*found, *notes, *remarks(root, facts), *content_messages(root, facts)]


def _kept(facts: Facts) -> dict[str, str]:
    return {
        "monto_total": facts.monto_total_text,
        "total_itbis": facts.total_itbis,
        "fecha_emision": facts.fecha_emision,
        "fecha_firma": facts.fecha_firma,
        "rnc_comprador": facts.rnc_comprador,
        "id_extranjero": facts.id_extranjero,
        "razon_social_emisor": facts.razon_social_emisor,
        "ncf_modificado": facts.ncf_modificado,
    }
