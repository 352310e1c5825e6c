"""What the command line does with one file each: bytes in, a report out; no file, no terminal, no clock of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from cryptography import x509
from lxml import etree

from shared.ecf.amounts import compute
from shared.ecf.codes import table
from shared.ecf.document import Document
from shared.ecf.emission import prepare
from shared.ecf.exchange import Assigned, as_json, build, load
from shared.ecf.explain import Problem, empties, of_error, of_finding, of_reason, of_schema, settle_dates
from shared.ecf.fields import ROOTS
from shared.ecf.findings import Verdict
from shared.ecf.gate import BYTE_ORDER_MARK, DSIG, ForeignXmlRefused, limits_of, open_foreign
from shared.ecf.qr import address
from shared.ecf.recompute import bare, changes
from shared.ecf.rules import check
from shared.ecf.schema import faults
from shared.ecf.signature import Blanks, SignatureRefused, Verified, holder_of, verify
from shared.ecf.types import Environment
from shared.ecf.values import read_moment
from shared.ecf.xml import kind_of, read, write
from shared.errors import InvalidInput

GOOD, REFUSED, UNREADABLE = 0, 1, 2
# What the gate says of bytes that are no XML of ours at all.
_NO_XML = frozenset({"syntax", "encoding", "bytes", "version", "byte-order-mark"})


@dataclass(frozen=True)
class Report:
    """`status` is the exit status of this file alone; `facts` are for programs, `lines` for people, `output` is the product."""

    status: int
    problems: tuple[Problem, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    output: bytes | None = None


class Unreadable(Exception):
    """The bytes are not what the command reads."""

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__(status, problems)
        self.report = Report(status, problems)


def root_of(data: bytes) -> "etree._Element":
    """The root of a stranger's XML. Empty elements are let in here: they are reported with their place later."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    try:
        return open_foreign(data, kind=replace(limits_of(data), may_be_empty=None))
    except ForeignXmlRefused as refused:
        status = UNREADABLE if refused.reason in _NO_XML else REFUSED
        raise Unreadable(status, of_reason("xml", refused.reason, refused.facts.get("detail"))) from refused


def document_of(root: "etree._Element") -> Document:
    try:
        return read(root)
    except InvalidInput as refused:
        raise Unreadable(REFUSED, *map(of_error, refused.errors)) from refused


def judge(root: "etree._Element", kind: str, today: date) -> list[Problem]:
    """Schema first; what it lets through is computed and held against every rule."""
    found = [*empties(root), *of_schema(root, kind, faults(root, kind)), *settle_dates(root, kind)]
    if found:
        return found
    document = document_of(root)
    if kind in ROOTS:
        return [of_finding(one) for one in check(document, today=today)]
    computed, findings = compute(document)
    return [of_finding(one) for one in (*findings, *check(computed, today=today))]


def validate(data: bytes, *, today: date, strict: bool, emisor: Mapping[str, object] | None = None) -> Report:
    """XSD and rules of an XML (signed or not), or the intake, amounts and rules of a body in JSON."""
    if data.lstrip()[:1] in (b"{", b"["):
        return _validate_body(data, today=today, strict=strict, emisor=emisor)
    root = root_of(data)
    try:
        kind = kind_of(root)
    except InvalidInput as refused:
        raise Unreadable(REFUSED, *map(of_error, refused.errors)) from refused
    found = judge(root, kind, today)
    return _judged(found, strict, {"documento": kind})


def _validate_body(data: bytes, *, today: date, strict: bool, emisor: Mapping[str, object] | None) -> Report:
    try:
        given = load(data)
        company = given.get("emisor") if isinstance(given, dict) else None
        own = {"rnc_emisor": company.get("rnc_emisor")} if isinstance(company, dict) else {}
        draft = prepare(given, emisor=emisor or own, today=today, strict=strict)
    except InvalidInput as refused:
        raise Unreadable(REFUSED, *map(of_error, refused.errors)) from refused
    return _judged([of_finding(one) for one in draft.findings], strict, {"documento": draft.document.kind})


def _judged(found: Sequence[Problem], strict: bool, facts: Mapping[str, object]) -> Report:
    stopping = {Verdict.REFUSED, Verdict.CONDITIONAL} if strict else {Verdict.REFUSED}
    status = REFUSED if any(one.verdict in stopping for one in found) else GOOD
    verdict = _worst(found)
    return Report(status, tuple(found), {**facts, "veredicto": verdict}, (f"{facts['documento']}: {verdict}",))


def _worst(found: Sequence[Problem]) -> str:
    verdicts = {one.verdict for one in found}
    return next((str(one) for one in (Verdict.REFUSED, Verdict.CONDITIONAL) if one in verdicts), "aceptado")


def read_xml(data: bytes) -> Report:
    """XML to our JSON."""
    return Report(GOOD, facts={"json": as_json(document_of(root_of(data)))})


def build_xml(data: bytes, *, emisor: Mapping[str, object] | None, today: date, now: datetime, assigned: Assigned) -> Report:
    """Our JSON to the unsigned XML, as it would be issued; `now` is the signing time where nobody names one."""
    try:
        document, findings = build(load(data), emisor=emisor, today=today, now=now, assigned=assigned)
    except InvalidInput as refused:
        raise Unreadable(REFUSED, *map(of_error, refused.errors)) from refused
    xml = write(document)
    root = root_of(xml)
    found = [of_finding(one) for one in findings]
    found += (
        judge(root, document.kind, today) if document.kind in ROOTS else of_schema(root, document.kind, faults(root, document.kind))
    )
    if any(one.verdict is Verdict.REFUSED for one in found):
        return Report(REFUSED, tuple(found))
    return Report(GOOD, tuple(found), {"documento": document.kind, "xml": xml.decode()}, output=xml)


def recompute(data: bytes) -> Report:
    """Every amount that follows from the lines, anew; the XML without signature, and what changed."""
    root = root_of(data)
    document = document_of(root)
    if document.kind in ROOTS:
        raise Unreadable(REFUSED, Problem("recompute", "", f"Un {document.kind} no tiene líneas de las que calcular montos."))
    wrong = [*of_schema(root, document.kind, faults(root, document.kind)), *settle_dates(root, document.kind)]
    if wrong:
        raise Unreadable(REFUSED, *wrong)
    computed, findings = compute(bare(document_of(root)))
    moved = [{"pointer": pointer, "antes": old, "ahora": new} for pointer, old, new in changes(document, computed)]
    found = tuple(of_finding(one) for one in findings)
    lines = tuple(f"{one['pointer']}: {one['antes'] or '—'} → {one['ahora'] or '—'}" for one in moved)
    if any(one.verdict is Verdict.REFUSED for one in found):
        return Report(REFUSED, found, {"cambios": moved}, lines)
    xml = write(computed)
    return Report(GOOD, found, {"documento": document.kind, "cambios": moved, "xml": xml.decode()}, lines, xml)


def verify_xml(data: bytes, *, at: datetime | None, strict: bool, anchors: Sequence[x509.Certificate] | None) -> Report:
    """The signature; the certificate is judged at `at`, or at FechaHoraFirma (now, where there is none) when that is None."""
    kind = replace(limits_of(data.removeprefix(BYTE_ORDER_MARK)), may_be_empty=None)
    blanks = Blanks.KEPT if strict else Blanks.EITHER
    try:
        verified = verify(data, at=None, kind=kind, blanks=blanks, anchors=anchors)
        moment = at or signing_time(verified) or datetime.now(UTC)
        verified = verify(data, at=moment, kind=kind, blanks=blanks, anchors=anchors)
    except ForeignXmlRefused as refused:
        status = UNREADABLE if refused.reason in _NO_XML else REFUSED
        raise Unreadable(status, of_reason("xml", refused.reason, refused.facts.get("detail"))) from refused
    except SignatureRefused as refused:
        return Report(REFUSED, (of_reason("firma", refused.reason),), {"firma": "no válida", "motivo": refused.reason})
    certificate = verified.certificate
    facts: dict[str, object] = {
        "firma": "válida",
        "raiz": str(verified.root.tag),
        "codigo_seguridad": verified.codigo_seguridad,
        "firmante": certificate.subject.rfc4514_string(),
        "titular": holder_of(certificate),
        "certificado_desde": certificate.not_valid_before_utc.isoformat(),
        "certificado_hasta": certificate.not_valid_after_utc.isoformat(),
        "juzgado_en": moment.isoformat(),
        "emisor_confiable": None if anchors is None else True,
        "marca": verified.mark,
    }
    lines = [f"firma válida · {facts['titular'] or facts['firmante']} · código de seguridad {verified.codigo_seguridad}"]
    if verified.mark:
        lines.append(f"{verified.mark}: solo verifica al quitar los espacios entre elementos; conserve los bytes recibidos.")
    return Report(GOOD, (), facts, tuple(lines))


def signing_time(verified: Verified) -> datetime | None:
    """FechaHoraFirma of what was signed; None where it has none or says nothing readable."""
    try:
        return read_moment((verified.root.findtext("FechaHoraFirma") or "").strip())
    except ValueError:
        return None


def qr(data: bytes, *, environment: Environment, codigo_seguridad: str | None) -> Report:
    """The address behind the QR of a signed XML; an unsigned one needs its security code given."""
    root = root_of(data)
    document = document_of(root)
    if document.kind in ROOTS and document.kind != "RFCE":
        raise Unreadable(REFUSED, Problem("qr", "", f"Un {document.kind} no lleva QR."))
    value = root.findtext(f"{{{DSIG}}}Signature/{{{DSIG}}}SignatureValue") or ""
    code = codigo_seguridad or document.codigo_seguridad or "".join(value.split())[:6]
    if len(code) != 6:
        raise Unreadable(REFUSED, Problem("qr", "", "El documento no está firmado: indique --codigo con los seis caracteres."))
    try:
        link = address(environment, document, code)
    except (LookupError, ValueError, ArithmeticError) as error:
        raise Unreadable(REFUSED, Problem("qr", "", "Al documento le faltan datos para el QR: valídelo primero.")) from error
    return Report(GOOD, (), {"direccion": link, "codigo_seguridad": code}, (link,))


def rules(*, code: str, verdict: str | None, kind: str | None, text: str) -> list[dict[str, object]]:
    """The rows of the catalogue that fit every filter."""
    return [
        {
            "codigo": row.code,
            "veredicto": str(row.verdict),
            "codigo_dgii": row.codigo_dgii,
            "documentos": list(row.kinds),
            "fuente": row.source,
            "detalle": row.detail,
        }
        for row in table().values()
        if row.code.startswith(code.upper())
        and verdict in (None, str(row.verdict))
        and (kind is None or not row.kinds or kind in row.kinds)
        and text.lower() in f"{row.detail} {row.codigo_dgii or ''}".lower()
    ]
