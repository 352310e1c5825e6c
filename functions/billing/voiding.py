"""Voiding numbers: drafted and held in one transaction, signed, handed to dgii as a fact; its answer says what became of each.

The numbers are out of circulation from the draft on. They come back only when DGII did not take the file at all.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from functions.billing import domain, store, voidings
from functions.billing.gateway import Outside
from functions.billing.voidings import Asked
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.companions import anecf
from shared.ecf.encf import ENCF
from shared.ecf.gate import parse
from shared.ecf.schema import faults
from shared.ecf.types import Environment, TipoECF
from shared.ecf.xml import write
from shared.errors import Conflict, FieldError, InvalidInput, NotFound, Unavailable
from shared.events.envelope import Envelope
from shared.events.packed import pack
from shared.events.voidings import VoidingAnswered, VoidingSigned
from shared.flow.work import Job
from shared.http.shell import Shell
from shared.signer.client import SigningRefused

VOID = "void"
"""The kind of the work row that signs a voiding nobody signed."""

MOST_RANGES = 1000
_SHOWN = 5
_BECOMES = {
    "done": ("anulada", "anulado"),
    "partial": ("parcial", "anulado"),
    "used": ("rechazada", "no_anulado"),
    "refused": ("rechazada", "libre"),
}
"""The state of the voiding, and that of its numbers, by the outcome at DGII."""


class VoidingNotThere(Conflict):
    """certecf has no service for it (protocol)."""

    slug = "voiding-not-there"


def check_asked(ranges: Sequence[tuple[int, int, int]]) -> list[Asked]:
    """(type, first, last) as something that could be voided; InvalidInput names what could not."""
    wrong: list[FieldError] = []
    asked: list[Asked] = []
    known = {tipo.value for tipo in TipoECF}
    for index, (tipo, desde, hasta) in enumerate(ranges):
        if tipo not in known:
            wrong.append(FieldError(f"/ranges/{index}/tipo_ecf", "tipo-ecf", "No existe ese tipo de e-CF."))
        elif hasta < desde:
            wrong.append(FieldError(f"/ranges/{index}/hasta", "range-order", "«hasta» debe ser igual o mayor que «desde»."))
        else:
            one = Asked(TipoECF(tipo), desde, hasta)
            if any(one.tipo == other.tipo and one.desde <= other.hasta and other.desde <= one.hasta for other in asked):
                wrong.append(FieldError(f"/ranges/{index}", "range-overlap", "Nombra números que otro de los rangos ya nombra."))
            asked.append(one)
    if wrong:
        raise InvalidInput(*wrong)
    return asked


def rehearse(shell: Shell[Outside], tenant: str, asked: Sequence[Asked]) -> None:
    """Whether `request` would take them, without taking them."""
    with shell.transaction(tenant) as tx:
        store.only_read(tx)
        _draft(tx, asked, datetime.now(UTC), shell.outside.schema_folder)
        _free(tx, asked)


def request(shell: Shell[Outside], tenant: str, user: str, asked: Sequence[Asked]) -> str:
    """The id of a voiding that is on its way; InvalidInput names ranges with numbers that were used, are lent or not ours."""
    voiding_id = uuid7()
    with shell.transaction(tenant) as tx:
        company, certificate, xml = _draft(tx, asked, datetime.now(UTC), shell.outside.schema_folder)
        voidings.lock(tx, asked)
        for one, pieces in zip(asked, _free(tx, asked), strict=True):
            for piece in pieces:
                voidings.hold(tx, voiding_id, one.tipo, piece)
        voidings.insert(
            tx,
            voiding_id,
            environment=company.environment,
            rnc=company.rnc,
            certificate=certificate,
            xml=xml,
            user=user,
        )
        shell.work.add(tx, VOID, voiding_id, delay=domain.LEASE)
    _sign(shell, tenant, voiding_id)
    return voiding_id


def finish(shell: Shell[Outside], job: Job) -> None:
    """Sign what was not signed; Unavailable puts the job back."""
    if not _sign(shell, job.tenant, job.key):
        raise Unavailable
    with shell.transaction(job.tenant) as tx:
        shell.work.settle(tx, VOID, job.key)


def on_answer(shell: Shell[Outside], tx: Transaction, event: VoidingAnswered, envelope: Envelope) -> None:
    """DGII's word on every number: voided, not voided for it was used, or free again as the file was not taken.

    While that is unclear they stay out of circulation, and a clear answer may follow.
    """
    left_out = [(ENCF.parse(first), ENCF.parse(last)) for first, last in event.left_out]
    unclear = event.outcome == "unclear" or (event.outcome == "partial" and not left_out)
    target, otherwise = ("firmada", "en_anulacion") if unclear else _BECOMES[event.outcome]
    if voidings.move(tx, event.voiding_id, target, sources=("firmada",), mensajes=event.mensajes) and not unclear:
        for piece in voidings.pieces(tx, [event.voiding_id]):
            voidings.settle(tx, piece, parts(piece, left_out, otherwise))


def parts(piece: Record, left_out: Sequence[tuple[ENCF, ENCF]], otherwise: str) -> list[tuple[int, int, str]]:
    """A piece cut where DGII's exceptions begin and end."""
    ours = [(a.secuencia, b.secuencia) for a, b in left_out if a.tipo == piece.tipo_ecf]
    found, following = [], piece.desde
    for low, high in sorted((max(low, piece.desde), min(high, piece.hasta)) for low, high in ours):
        if low > high or high < following:
            continue
        if low > following:
            found.append((following, low - 1, otherwise))
        found.append((max(low, following), high, "no_anulado"))
        following = high + 1
    return [*found, (following, piece.hasta, otherwise)] if following <= piece.hasta else found


def _draft(tx: Transaction, asked: Sequence[Asked], now: datetime, schemas: Path | None) -> tuple[domain.Company, str, bytes]:
    """The issuer, the certificate that will sign, and the unsigned ANECF, which its schema accepts."""
    company, certificates, _ = store.situation(tx, key="")
    company = domain.refuse_unless_issuing(company)
    if company.environment == Environment.CERTECF:
        raise VoidingNotThere
    certificate = domain.choose_certificate(certificates, now)
    local = now.astimezone(SANTO_DOMINGO).replace(microsecond=0)
    document = anecf(rnc_emisor=company.rnc, rangos=[one.ends for one in asked], fecha_hora=local)
    xml = write(document)
    wrong = faults(parse(xml), document.kind, schemas)
    if wrong:
        raise InvalidInput(*(FieldError(fault.path, "schema", fault.detail) for fault in wrong))
    return company, certificate.id, xml


def _free(tx: Transaction, asked: Sequence[Asked]) -> list[list[Record]]:
    """The free pieces of every range; InvalidInput unless they are all of it."""
    found, wrong = [], []
    for index, one in enumerate(asked):
        pieces = voidings.free(tx, one)
        found.append(pieces)
        if any(piece.lent for piece in pieces):
            text = "Hay números prestados a una sucursal. Termine el préstamo primero."
            wrong.append(FieldError(f"/ranges/{index}", "number-leased", text))
        if holes := _holes(one, pieces):
            named = ", ".join(f"{ENCF(one.tipo, low)} a {ENCF(one.tipo, high)}" for low, high in holes[:_SHOWN])
            text = f"Ya tienen un documento, están anulados o no son de un rango suyo: {named}."
            wrong.append(FieldError(f"/ranges/{index}", "number-used", text))
    if wrong:
        raise InvalidInput(*wrong)
    return found


def _holes(asked: Asked, pieces: Sequence[Record]) -> list[tuple[int, int]]:
    found, following = [], asked.desde
    for piece in pieces:
        if piece.desde > following:
            found.append((following, piece.desde - 1))
        following = piece.hasta + 1
    return [*found, (following, asked.hasta)] if following <= asked.hasta else found


def _sign(shell: Shell[Outside], tenant: str, voiding_id: str) -> bool:
    """Whether nothing is left to sign. A refusal gives the numbers back."""
    with shell.transaction(tenant) as tx:
        voiding, stored = voidings.find(tx, voiding_id), voidings.stored_bytes(tx, voiding_id)
    if voiding is None or stored is None or voiding.estado != "redactada":
        return True
    unsigned = bytes(stored.unsigned_xml)
    try:
        signed = shell.outside.signer.sign(unsigned, tenant=tenant, certificate_id=voiding.certificate_id, purpose="anecf")
    except SigningRefused as refusal:
        with shell.transaction(tenant) as tx:
            _refused(tx, voiding_id, str(refusal.facts.get("reason")))
        return True
    except Unavailable:
        return False
    with shell.transaction(tenant) as tx:
        moved = voidings.move(tx, voiding_id, "firmada", sources=("redactada",), xml=signed.xml, sha256=signed.sha256)
        if moved is not None:
            shell.work.settle(tx, VOID, voiding_id)
            shell.announce(tx, _fact(moved, signed.xml), subject=voiding_id, sequence=moved.version)
    return True


def _refused(tx: Transaction, voiding_id: str, reason: str) -> None:
    if voidings.move(tx, voiding_id, "rechazada", sources=("redactada",), mensajes=[reason]):
        for piece in voidings.pieces(tx, [voiding_id]):
            voidings.settle(tx, piece, [(piece.desde, piece.hasta, "libre")])


def _fact(voiding: Record, xml: bytes) -> VoidingSigned:
    return VoidingSigned(
        voiding_id=voiding.id,
        environment=voiding.environment,
        rnc_emisor=voiding.rnc_emisor,
        certificate_id=voiding.certificate_id,
        sha256=voiding.sha256,
        anecf=pack(xml),
    )


def found(tx: Transaction, voiding_id: str) -> Record:
    """The voiding, or NotFound."""
    row = voidings.find(tx, voiding_id)
    if row is None:
        raise NotFound
    return row
