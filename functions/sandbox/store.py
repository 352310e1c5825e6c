"""The stand-in's memory: seeds, delegations, ranges, submissions, spent numbers, directory, approvals, voided numbers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from functions.sandbox.domain import Estado, Mensaje, Range, Verdict
from shared.db.engine import Transaction

SEED_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class Submission:
    """One received document with the verdict that shows once `verdict_at` has passed."""

    track_id: str
    channel: str
    rnc: str
    encf: str
    verdict: Verdict
    codigo_seguridad: str
    facts: dict[str, str]
    sha256: str
    received_at: datetime
    verdict_at: datetime

    def shown(self, now: datetime) -> Estado:
        return self.verdict.estado if now >= self.verdict_at else Estado.EN_PROCESO


def add_seed(tx: Transaction, environment: str, valor: str, now: datetime) -> None:
    tx.rows(
        "INSERT INTO sandbox.seeds (environment, valor, issued_at) VALUES (:environment, :valor, :now)",
        environment=environment,
        valor=valor,
        now=now,
    )


def use_seed(tx: Transaction, environment: str, valor: str, now: datetime) -> bool:
    """True once for a seed issued here within its life."""
    used = tx.rows(
        "UPDATE sandbox.seeds SET used_at = :now WHERE environment = :environment AND valor = :valor "
        "AND used_at IS NULL AND issued_at >= :oldest RETURNING 1",
        environment=environment,
        valor=valor,
        now=now,
        oldest=now - SEED_LIFE,
    )
    return bool(used)


def delegate(tx: Transaction, environment: str, cedula: str, rnc: str) -> None:
    tx.rows(
        "INSERT INTO sandbox.delegations VALUES (:environment, :cedula, :rnc) ON CONFLICT DO NOTHING",
        environment=environment,
        cedula=cedula,
        rnc=rnc,
    )


def is_delegated(tx: Transaction, environment: str, cedula: str, rnc: str | None = None) -> bool:
    """For that RNC, or for any when none is given."""
    found = tx.row(
        "SELECT 1 FROM sandbox.delegations WHERE environment = :environment AND cedula = :cedula "
        "AND rnc = COALESCE(CAST(:rnc AS text), rnc) LIMIT 1",
        environment=environment,
        cedula=cedula,
        rnc=rnc,
    )
    return found is not None


def add_range(tx: Transaction, environment: str, rnc: str, tipo_ecf: int, numbers: Range) -> None:
    tx.rows(
        "INSERT INTO sandbox.ranges VALUES (:environment, :rnc, :tipo_ecf, :desde, :hasta, CAST(:vencimiento AS date)) "
        "ON CONFLICT (environment, rnc, tipo_ecf, desde) DO UPDATE SET hasta = excluded.hasta, "
        "vencimiento = excluded.vencimiento",
        environment=environment,
        rnc=rnc,
        tipo_ecf=tipo_ecf,
        desde=numbers.desde,
        hasta=numbers.hasta,
        vencimiento=numbers.vencimiento,
    )


def ranges_of(tx: Transaction, environment: str, rnc: str, tipo_ecf: int) -> list[Range]:
    rows = tx.rows(
        "SELECT desde, hasta, vencimiento FROM sandbox.ranges "
        "WHERE environment = :environment AND rnc = :rnc AND tipo_ecf = :tipo_ecf",
        environment=environment,
        rnc=rnc,
        tipo_ecf=tipo_ecf,
    )
    return [Range(row.desde, row.hasta, _date(row.vencimiento)) for row in rows]


def _date(value: object) -> date | None:
    return value if isinstance(value, date) else None


def take_number(tx: Transaction, environment: str, submission_id: str, rnc: str, encf: str, codigo: str) -> str | None:
    """None when the number is now this submission's, else the security code of the document that has it."""
    taken = tx.rows(
        "INSERT INTO sandbox.numbers VALUES (:environment, :rnc, :encf, :track_id, :codigo) ON CONFLICT DO NOTHING RETURNING 1",
        environment=environment,
        rnc=rnc,
        encf=encf,
        track_id=submission_id,
        codigo=codigo,
    )
    if taken:
        return None
    holder = tx.row(
        "SELECT codigo_seguridad FROM sandbox.numbers WHERE environment = :environment AND rnc = :rnc AND encf = :encf",
        environment=environment,
        rnc=rnc,
        encf=encf,
    )
    return str(holder.codigo_seguridad) if holder else ""


def add_submission(tx: Transaction, environment: str, submission: Submission, xml: bytes) -> None:
    mensajes = [[m.codigo, m.valor] for m in submission.verdict.mensajes]
    tx.rows(
        "INSERT INTO sandbox.submissions VALUES (:track_id, :environment, :channel, :rnc, :encf, :codigo, "
        "CAST(:mensajes AS jsonb), :secuencia_utilizada, :codigo_seguridad, CAST(:facts AS jsonb), :sha256, :xml, "
        ":received_at, :verdict_at)",
        track_id=submission.track_id,
        environment=environment,
        channel=submission.channel,
        rnc=submission.rnc,
        encf=submission.encf,
        codigo=int(submission.verdict.estado),
        mensajes=json.dumps(mensajes, ensure_ascii=False),
        secuencia_utilizada=submission.verdict.secuencia_utilizada,
        codigo_seguridad=submission.codigo_seguridad,
        facts=submission.facts,
        sha256=submission.sha256,
        xml=xml,
        received_at=submission.received_at,
        verdict_at=submission.verdict_at,
    )


_COLUMNS = (
    "s.track_id, s.channel, s.rnc, s.encf, s.codigo, s.mensajes, s.secuencia_utilizada, s.codigo_seguridad, s.facts, "
    "s.sha256, s.received_at, s.verdict_at"
)


def _submissions(rows: Sequence[object]) -> list[Submission]:
    found = []
    for row in rows:
        track_id, channel, rnc, encf, codigo, mensajes, spent, code, facts, sha256, received, verdict_at = tuple(row)  # type: ignore[arg-type, var-annotated]
        remarks = tuple(Mensaje(number, text) for number, text in mensajes)
        verdict = Verdict(Estado(codigo), remarks, spent)
        found.append(Submission(track_id, channel, rnc, encf, verdict, code, facts, sha256, received, verdict_at))
    return found


def by_track_id(tx: Transaction, environment: str, track_id: str) -> Submission | None:
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM sandbox.submissions s WHERE environment = :environment AND track_id = :track_id "
        "AND channel = 'ecf'",
        environment=environment,
        track_id=track_id,
    )
    return next(iter(_submissions(rows)), None)


def by_number(tx: Transaction, environment: str, rnc: str, encf: str) -> list[Submission]:
    """Every submission of a number, the one that holds it first, then the newest."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM sandbox.submissions s LEFT JOIN sandbox.numbers n USING (environment, rnc, encf, track_id) "
        "WHERE environment = :environment AND rnc = :rnc AND encf = :encf "
        "ORDER BY (n.track_id IS NULL), s.received_at DESC LIMIT 200",
        environment=environment,
        rnc=rnc,
        encf=encf,
    )
    return _submissions(rows)


def of_issuer(tx: Transaction, environment: str, rnc: str) -> list[Submission]:
    """Everything one issuer sent, oldest first, for people and tests who look behind the scenes."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM sandbox.submissions s WHERE environment = :environment AND rnc = :rnc "
        "ORDER BY received_at LIMIT 20000",
        environment=environment,
        rnc=rnc,
    )
    return _submissions(rows)


def track_id_before(tx: Transaction, environment: str, rnc: str, track_id: str) -> str | None:
    """Of the issuer's e-CF before this one."""
    row = tx.row(
        "SELECT track_id FROM sandbox.submissions WHERE environment = :environment AND rnc = :rnc AND channel = 'ecf' "
        "AND track_id <> :track_id ORDER BY received_at DESC LIMIT 1",
        environment=environment,
        rnc=rnc,
        track_id=track_id,
    )
    return str(row.track_id) if row else None


def add_approval(
    tx: Transaction, environment: str, rncs: tuple[str, str], encf: str, estado: int, xml: bytes, now: datetime
) -> None:
    """What a buyer says of an e-CF; the last word counts. `rncs`: buyer and issuer."""
    tx.rows(
        "INSERT INTO sandbox.approvals VALUES (:environment, :comprador, :emisor, :encf, :estado, :xml, :now) "
        "ON CONFLICT (environment, rnc_emisor, encf) DO UPDATE SET estado = excluded.estado, xml = excluded.xml, "
        "received_at = excluded.received_at",
        environment=environment,
        comprador=rncs[0],
        emisor=rncs[1],
        encf=encf,
        estado=estado,
        xml=xml,
        now=now,
    )


def is_used(tx: Transaction, environment: str, rnc: str, tipo_ecf: int, desde: int, hasta: int) -> bool:
    """Whether a number of this stretch was used, on either channel."""
    row = tx.row(
        "SELECT 1 FROM sandbox.numbers WHERE environment = :environment AND rnc = :rnc AND encf BETWEEN :low AND :high LIMIT 1",
        environment=environment,
        rnc=rnc,
        low=f"E{tipo_ecf}{desde:010d}",
        high=f"E{tipo_ecf}{hasta:010d}",
    )
    return row is not None


def is_voided(tx: Transaction, environment: str, rnc: str, tipo_ecf: int, desde: int, hasta: int) -> bool:
    """Whether a number of this stretch was voided."""
    row = tx.row(
        "SELECT 1 FROM sandbox.voided WHERE environment = :environment AND rnc = :rnc AND tipo_ecf = :tipo_ecf "
        "AND desde <= :hasta AND hasta >= :desde LIMIT 1",
        environment=environment,
        rnc=rnc,
        tipo_ecf=tipo_ecf,
        desde=desde,
        hasta=hasta,
    )
    return row is not None


def void(tx: Transaction, environment: str, rnc: str, tipo_ecf: int, desde: int, hasta: int) -> None:
    tx.rows(
        "INSERT INTO sandbox.voided VALUES (:environment, :rnc, :tipo_ecf, :desde, :hasta)",
        environment=environment,
        rnc=rnc,
        tipo_ecf=tipo_ecf,
        desde=desde,
        hasta=hasta,
    )


def enlist(tx: Transaction, environment: str, rnc: str, nombre: str, urls: tuple[str, str, str]) -> None:
    """Put an electronic issuer into the directory; URLs of reception, commercial approval, authentication."""
    tx.rows(
        "INSERT INTO sandbox.directory VALUES (:environment, :rnc, :nombre, :recepcion, :aceptacion, :opcional) "
        "ON CONFLICT (environment, rnc) DO UPDATE SET nombre = excluded.nombre, url_recepcion = excluded.url_recepcion, "
        "url_aceptacion = excluded.url_aceptacion, url_opcional = excluded.url_opcional",
        environment=environment,
        rnc=rnc,
        nombre=nombre,
        recepcion=urls[0],
        aceptacion=urls[1],
        opcional=urls[2],
    )


def directory(tx: Transaction, environment: str, rnc: str | None = None) -> list[dict[str, str]]:
    rows = tx.rows(
        "SELECT rnc, nombre, url_recepcion, url_aceptacion, url_opcional FROM sandbox.directory "
        "WHERE environment = :environment AND rnc = COALESCE(CAST(:rnc AS text), rnc) ORDER BY rnc LIMIT 5000",
        environment=environment,
        rnc=rnc,
    )
    return [
        {
            "nombre": row.nombre,
            "rnc": row.rnc,
            "urlRecepcion": row.url_recepcion,
            "urlAceptacion": row.url_aceptacion,
            "urlOpcional": row.url_opcional,
        }
        for row in rows
    ]
