"""billing's ranges of e-NCF and its read copies of company and certificates: their SQL."""

from datetime import date, datetime

from functions.billing.domain import CompanyNotReady
from functions.billing.figures import Issuer
from functions.billing.numbers import LEFT
from functions.billing.ranges import Range, SequenceOverlaps
from shared.db.engine import Record, Transaction
from shared.ecf.encf import ENCF
from shared.events.catalogue import CertificateRegistered, CompanyCreated
from shared.events.certificates import CertificateRevoked
from shared.events.companies import CompanyChanged

_COLUMNS = f"""id::text AS id, version, tipo_ecf, desde, hasta, next, vencimiento, sucursal, created_at, stopped_because,
  {LEFT} AS remaining, CASE WHEN estado = 'detenida' THEN estado WHEN vencimiento < :today THEN 'vencida'
    WHEN next > hasta THEN 'agotada' ELSE 'activa' END AS estado"""
# The lock makes the overlap check and the insertion one act for each tenant and type.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('sequences|' || :tenant || '|' || CAST(:tipo AS text), 0))"
_OVERLAP = """
SELECT desde, hasta FROM billing.sequences
WHERE tenant_id = :tenant AND tipo_ecf = :tipo AND desde <= :hasta AND hasta >= :desde LIMIT 1
"""
_INSERT = f"""
INSERT INTO billing.sequences (tenant_id, id, tipo_ecf, desde, hasta, next, vencimiento, sucursal)
VALUES (:tenant, CAST(:id AS uuid), :tipo, :desde, :hasta, :desde, :vencimiento, :sucursal) RETURNING {_COLUMNS}
"""
_PAGE = f"""
SELECT {_COLUMNS} FROM billing.sequences WHERE tenant_id = :tenant
  AND (CAST(:before AS uuid) IS NULL OR billing.sequences.id < CAST(:before AS uuid))
ORDER BY billing.sequences.id DESC LIMIT :limit
"""
_ONE = f"SELECT {_COLUMNS} FROM billing.sequences WHERE tenant_id = :tenant AND id = CAST(:id AS uuid)"
_STOP = f"""
UPDATE billing.sequences SET estado = 'detenida', version = version + 1, stopped_at = now(), stopped_because = :reason
WHERE tenant_id = :tenant AND tipo_ecf = :tipo AND :secuencia BETWEEN desde AND hasta AND estado = 'activa' RETURNING {_COLUMNS}
"""
_ISSUED_SINCE = """
SELECT count(DISTINCT secuencia) AS n FROM billing.invoices
WHERE tenant_id = :tenant AND sequence_id = CAST(:id AS uuid) AND created_at >= CAST(:since AS timestamptz)
"""
_WARN = """
UPDATE billing.sequences SET warned = warned || CAST(:reason AS text), version = version + 1
WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) AND CAST(:reason AS text) <> ALL (warned) RETURNING version
"""
_RESUME = f"""
UPDATE billing.sequences SET estado = 'activa', version = version + 1, stopped_at = NULL, stopped_because = NULL
WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) AND estado = 'detenida' RETURNING {_COLUMNS}
"""
_COMPANY = """
INSERT INTO billing.companies (tenant_id, environment, rnc, emisor) VALUES (:tenant, :environment, :rnc, CAST(:emisor AS jsonb))
ON CONFLICT DO NOTHING
"""
# A fact that was overtaken by a newer one changes nothing.
_STANDING = """
UPDATE billing.companies SET estado = CASE WHEN estado_version < :version THEN :estado ELSE estado END,
  estado_version = GREATEST(estado_version, :version)
WHERE tenant_id = :tenant RETURNING 1
"""
_EMISOR = """
UPDATE billing.companies SET emisor = CASE WHEN emisor_version < :version THEN CAST(:emisor AS jsonb) ELSE emisor END,
  envio_diferido = CASE WHEN emisor_version < :version THEN CAST(:envio_diferido AS date) ELSE envio_diferido END,
  emisor_version = GREATEST(emisor_version, :version)
WHERE tenant_id = :tenant RETURNING 1
"""
_CERTIFICATE = """
INSERT INTO billing.certificates (tenant_id, certificate_id, not_before, not_after, active_from)
VALUES (:tenant, CAST(:id AS uuid), CAST(:not_before AS timestamptz), CAST(:not_after AS timestamptz),
  COALESCE(CAST(:active_from AS timestamptz), now()))
ON CONFLICT DO NOTHING
"""
_ISSUER = """
SELECT rnc, emisor->>'razon_social_emisor' AS razon_social, environment FROM billing.companies WHERE tenant_id = :tenant
"""
_REVOKE = """
UPDATE billing.certificates SET revoked_at = COALESCE(revoked_at, CAST(:at AS timestamptz))
WHERE tenant_id = :tenant AND certificate_id = CAST(:id AS uuid) RETURNING 1
"""


def issuer(tx: Transaction) -> Issuer:
    """The company; CompanyNotReady before its creation has arrived."""
    row = tx.row(_ISSUER, tenant=tx.tenant)
    if row is None:
        raise CompanyNotReady
    return Issuer(row.rnc, row.razon_social, row.environment)


def register(tx: Transaction, sequence_id: str, wanted: Range, *, today: date) -> Record:
    """A new range; SequenceOverlaps when it shares a number with one that is there."""
    ends = {"tipo": int(wanted.tipo), "desde": wanted.desde, "hasta": wanted.hasta}
    tx.rows(_LOCK, tenant=tx.tenant, tipo=ends["tipo"])
    other = tx.row(_OVERLAP, tenant=tx.tenant, **ends)
    if other is not None:
        raise SequenceOverlaps(desde=other.desde, hasta=other.hasta)
    return tx.rows(
        _INSERT,
        tenant=tx.tenant,
        id=sequence_id,
        vencimiento=wanted.vencimiento,
        sucursal=wanted.sucursal,
        today=today,
        **ends,
    )[0]


def page(tx: Transaction, *, before: str | None, limit: int, today: date) -> list[Record]:
    """Ranges, newest first."""
    return list(tx.rows(_PAGE, tenant=tx.tenant, before=before, limit=limit, today=today))


def find(tx: Transaction, sequence_id: str, *, today: date) -> Record | None:
    return tx.row(_ONE, tenant=tx.tenant, id=sequence_id, today=today)


def stop(tx: Transaction, encf: ENCF, *, because: str, today: date) -> Record | None:
    """The range that holds the number gives no more; None when there is none, or it was stopped before."""
    return tx.row(_STOP, tenant=tx.tenant, tipo=int(encf.tipo), secuencia=encf.secuencia, reason=because, today=today)


def resume(tx: Transaction, sequence_id: str, *, today: date) -> Record | None:
    """A stopped range gives numbers again; None when it is not stopped."""
    return tx.row(_RESUME, tenant=tx.tenant, id=sequence_id, today=today)


def issued_since(tx: Transaction, sequence_id: str, since: datetime) -> int:
    """How many numbers of the range got a document."""
    return int(tx.rows(_ISSUED_SINCE, tenant=tx.tenant, id=sequence_id, since=since.isoformat())[0].n)


def warn(tx: Transaction, sequence_id: str, reason: str) -> int | None:
    """Note that the reason is told; the range's new version, None when it was told before."""
    row = tx.row(_WARN, tenant=tx.tenant, id=sequence_id, reason=reason)
    return int(row.version) if row else None


def remember_company(tx: Transaction, event: CompanyCreated) -> None:
    """The company as its documents need it."""
    tx.rows(_COMPANY, tenant=tx.tenant, environment=event.environment, rnc=event.rnc, emisor=_emisor(event))


def change_company(tx: Transaction, event: CompanyChanged, *, version: int) -> None:
    """What later documents print and may say; CompanyNotReady before the creation has arrived."""
    changed = {"emisor": _emisor(event), "envio_diferido": event.envio_diferido}
    if not tx.rows(_EMISOR, tenant=tx.tenant, version=version, **changed):
        raise CompanyNotReady


def set_standing(tx: Transaction, estado: str, *, version: int) -> None:
    """Whether the company may emit; CompanyNotReady before the creation has arrived."""
    if not tx.rows(_STANDING, tenant=tx.tenant, estado=estado, version=version):
        raise CompanyNotReady


def _emisor(event: CompanyCreated | CompanyChanged) -> dict[str, object]:
    """The area Emisor; fields the company has not got stay out of it."""
    emisor = {
        "rnc_emisor": event.rnc,
        "razon_social_emisor": event.razon_social,
        "nombre_comercial": event.nombre_comercial,
        "direccion_emisor": event.direccion,
        "municipio": event.municipio,
        "provincia": event.provincia,
        "telefonos_emisor": [event.telefono] if event.telefono else None,
        "correo_emisor": event.correo,
    }
    return {name: value for name, value in emisor.items() if value is not None}


def remember_certificate(tx: Transaction, event: CertificateRegistered) -> None:
    tx.rows(
        _CERTIFICATE,
        tenant=tx.tenant,
        id=event.certificate_id,
        not_before=event.not_before,
        not_after=event.not_after,
        active_from=event.active_from,
    )


def revoke_certificate(tx: Transaction, event: CertificateRevoked) -> None:
    """It signs nothing new; CompanyNotReady before its registration has arrived."""
    if not tx.rows(_REVOKE, tenant=tx.tenant, id=event.certificate_id, at=event.revoked_at):
        raise CompanyNotReady
