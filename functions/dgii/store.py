"""dgii's tables: submissions, the evidence of every step, whom it acts for, and how long DGII takes."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from functions.dgii.attempt import Estado, Submission
from functions.dgii.domain import OtherBytesForNumber, SubmissionMoved
from shared.db.clock import DatabaseClock
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.dgii.answers import Mensaje

_INSERT = """
INSERT INTO dgii.submissions (tenant_id, encf, intento, invoice_id, environment, channel, rnc_emisor, rnc_comprador,
  tipo_ecf, monto_total, codigo_seguridad, certificate_id, sha256, xml, estado)
VALUES (:tenant, :encf, :intento, CAST(:invoice_id AS uuid), :environment, :channel, :rnc_emisor, :rnc_comprador,
  :tipo_ecf, CAST(:monto_total AS numeric), :codigo_seguridad, CAST(:certificate_id AS uuid), :sha256, :xml,
  CASE WHEN EXISTS (SELECT FROM dgii.doubts d WHERE d.tenant_id = :tenant AND d.at > CAST(:created_at AS timestamptz))
    THEN 'desconocido' ELSE :estado END)
ON CONFLICT (tenant_id, encf, intento) DO NOTHING RETURNING 1
"""
_INSERTED = re.findall(r":([a-z_0-9]+)", _INSERT)
_LOAD = """
SELECT encf, intento, invoice_id, environment, channel, rnc_emisor, rnc_comprador, tipo_ecf, monto_total,
  codigo_seguridad, certificate_id, sha256, xml, created_at, version, estado, track_id, mensajes, secuencia_utilizada,
  posts, polls, misses, failures, transients, overdue, collided, posted_at, alarmed,
  ARRAY(SELECT o.track_id FROM dgii.submissions o
    WHERE o.tenant_id = s.tenant_id AND o.encf = s.encf AND o.intento <> s.intento AND o.track_id IS NOT NULL) AS earlier,
  (SELECT b.until FROM dgii.blocks b WHERE b.tenant_id = s.tenant_id AND b.environment = s.environment
    AND b.certificate_id = s.certificate_id AND b.until > clock_timestamp()) AS blocked_until, clock_timestamp() AS now
FROM dgii.submissions s WHERE tenant_id = :tenant AND encf = :encf AND intento = :intento
"""
_SAVE = """
WITH moved AS (
  UPDATE dgii.submissions SET version = version + 1, estado = :estado, track_id = :track_id,
    mensajes = CAST(:mensajes AS jsonb), secuencia_utilizada = CAST(:secuencia_utilizada AS boolean), posts = :posts,
    polls = :polls, misses = :misses, failures = :failures, transients = :transients, overdue = :overdue,
    collided = :collided, posted_at = CAST(:posted_at AS timestamptz), alarmed = :alarmed
  WHERE tenant_id = :tenant AND encf = :encf AND intento = :intento AND version = :version
    AND estado NOT IN ('aceptado', 'aceptado_condicional', 'rechazado', 'retirado')
  RETURNING version, sha256
), noted AS (
  INSERT INTO dgii.evidence (tenant_id, id, encf, intento, sha256, step, estado, detail)
  SELECT :tenant, CAST(:id AS uuid), :encf, :intento, sha256, :step, :estado, :detail FROM moved
)
SELECT version FROM moved
"""
_WITHDRAW = """
WITH moved AS (
  UPDATE dgii.submissions SET estado = 'retirado', version = version + 1
  WHERE tenant_id = :tenant AND encf = :encf AND intento = :intento AND estado = 'pendiente' AND posts = 0
  RETURNING sha256, estado
), noted AS (
  INSERT INTO dgii.evidence (tenant_id, id, encf, intento, sha256, step, estado, detail)
  SELECT :tenant, CAST(:id AS uuid), :encf, :intento, sha256, 'withdraw', estado, :asker FROM moved
)
SELECT 1 FROM moved
"""


def add(tx: Transaction, submission: Submission) -> None:
    """A new submission, in doubt when it was signed before a restore; the same bytes again change nothing, other bytes are
    OtherBytesForNumber."""
    values = asdict(submission) | {
        "tenant": tx.tenant,
        "estado": submission.estado.value,
        "created_at": submission.created_at.isoformat(),
    }
    if tx.rows(_INSERT, **{name: values[name] for name in _INSERTED}):
        return
    held = load(tx, submission.encf, submission.intento)
    if held is None or held.sha256 != submission.sha256:
        raise OtherBytesForNumber(encf=submission.encf, intento=submission.intento)


def keep_deadline(tx: Transaction, invoice_id: str, remitir_hasta: str) -> None:
    """Until when the document must be at DGII; the first word stands."""
    tx.rows(
        "INSERT INTO dgii.deadlines (tenant_id, invoice_id, remitir_hasta) "
        "VALUES (:tenant, CAST(:invoice_id AS uuid), CAST(:remitir_hasta AS timestamptz)) ON CONFLICT DO NOTHING",
        tenant=tx.tenant,
        invoice_id=invoice_id,
        remitir_hasta=remitir_hasta,
    )


@dataclass(frozen=True)
class Standing:
    """A submission as it stands, the time that holds for it, and until when its signer is not worth trying (None: it is)."""

    submission: Submission
    clock: DatabaseClock
    blocked_until: datetime | None


def standing(tx: Transaction, encf: str, intento: int) -> Standing | None:
    row = tx.row(_LOAD, tenant=tx.tenant, encf=encf, intento=intento)
    if row is None:
        return None
    values = dict(row._mapping)
    clock, blocked_until = DatabaseClock(values.pop("now")), values.pop("blocked_until")
    values |= {
        "invoice_id": str(row.invoice_id),
        "certificate_id": str(row.certificate_id),
        "rnc_comprador": row.rnc_comprador or "",
        "monto_total": f"{row.monto_total:.2f}",
        "xml": bytes(row.xml),
        "estado": Estado(row.estado),
        "mensajes": tuple(Mensaje(codigo, valor) for codigo, valor in row.mensajes),
        "earlier": tuple(row.earlier),
    }
    return Standing(Submission(**values), clock, blocked_until)


def load(tx: Transaction, encf: str, intento: int) -> Submission | None:
    found = standing(tx, encf, intento)
    return found.submission if found else None


def save(tx: Transaction, moved: Submission, *, step: str, detail: str) -> int:
    """Record where the submission is now, and why; the new version. SubmissionMoved when it was not where we read it."""
    row = tx.row(
        _SAVE,
        tenant=tx.tenant,
        id=uuid7(),
        encf=moved.encf,
        intento=moved.intento,
        version=moved.version,
        estado=moved.estado.value,
        track_id=moved.track_id,
        mensajes=json.dumps([[m.codigo, m.valor] for m in moved.mensajes], ensure_ascii=False),
        secuencia_utilizada=moved.secuencia_utilizada,
        posts=moved.posts,
        polls=moved.polls,
        misses=moved.misses,
        failures=moved.failures,
        transients=moved.transients,
        overdue=moved.overdue,
        collided=moved.collided,
        posted_at=_iso(moved.posted_at),
        alarmed=moved.alarmed,
        step=step,
        detail=detail[:20_000],
    )
    if row is None:
        raise SubmissionMoved(encf=moved.encf)
    return int(row.version)


def withdraw(tx: Transaction, encf: str, intento: int, asker: str) -> bool:
    """Let it go if nothing has left; whoever read it before can write no intent any more. False: something may have."""
    return bool(tx.rows(_WITHDRAW, tenant=tx.tenant, id=uuid7(), encf=encf, intento=intento, asker=asker))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def is_foreign_track_id(tx: Transaction, submission: Submission, track_id: str) -> bool:
    """Whether another submission of this tenant already has this trackId."""
    found = tx.row(
        "SELECT 1 FROM dgii.submissions WHERE tenant_id = :tenant AND track_id = :track_id "
        "AND (encf, intento) <> (:encf, CAST(:intento AS integer))",
        tenant=tx.tenant,
        track_id=track_id,
        encf=submission.encf,
        intento=submission.intento,
    )
    return found is not None


def note(tx: Transaction, s: Submission, *, step: str, detail: str) -> None:
    """Evidence that moves nothing."""
    tx.rows(
        "INSERT INTO dgii.evidence (tenant_id, id, encf, intento, sha256, step, estado, detail) "
        "VALUES (:tenant, CAST(:id AS uuid), :encf, :intento, :sha256, :step, :estado, :detail)",
        tenant=tx.tenant,
        id=uuid7(),
        encf=s.encf,
        intento=s.intento,
        sha256=s.sha256,
        step=step,
        estado=s.estado.value,
        detail=detail[:20_000],
    )


@dataclass(frozen=True)
class Evidence:
    at: datetime
    step: str
    estado: str
    detail: str


def evidence(tx: Transaction, encf: str, intento: int) -> list[Evidence]:
    """Every step of one attempt, oldest first."""
    rows = tx.rows(
        "SELECT at, step, estado, detail FROM dgii.evidence WHERE tenant_id = :tenant AND encf = :encf AND intento = :intento "
        "ORDER BY at, id LIMIT 1000",
        tenant=tx.tenant,
        encf=encf,
        intento=intento,
    )
    return [Evidence(*row) for row in rows]


def newest(tx: Transaction, encf: str) -> int | None:
    """The latest attempt at a number."""
    row = tx.row(
        "SELECT max(intento) AS intento FROM dgii.submissions WHERE tenant_id = :tenant AND encf = :encf",
        tenant=tx.tenant,
        encf=encf,
    )
    return row.intento if row else None


def first_look(tx: Transaction, environment: str, tipo_ecf: int) -> timedelta | None:
    row = tx.row(
        "SELECT first_look_ms FROM dgii.paces WHERE environment = :environment AND tipo_ecf = :tipo_ecf",
        environment=environment,
        tipo_ecf=tipo_ecf,
    )
    return timedelta(milliseconds=row.first_look_ms) if row else None


def keep_first_look(tx: Transaction, environment: str, tipo_ecf: int, first: timedelta) -> None:
    tx.rows(
        "INSERT INTO dgii.paces VALUES (:environment, :tipo_ecf, :ms) "
        "ON CONFLICT (environment, tipo_ecf) DO UPDATE SET first_look_ms = excluded.first_look_ms",
        environment=environment,
        tipo_ecf=tipo_ecf,
        ms=round(first / timedelta(milliseconds=1)),
    )
