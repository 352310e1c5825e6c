"""sign's tables and all its SQL."""

from collections.abc import Collection
from datetime import datetime

from functions.sign.domain import Certificate, Company, Facts, FactsNotSeen, Range
from shared.db.engine import Transaction
from shared.ecf.encf import ENCF
from shared.events.catalogue import CertificateRegistered, CompanyCreated, SequenceRegistered

_FACTS = """
SELECT c.rnc, c.environment, c.estado, c.estado_since, k.certificate_id::text AS certificate_id,
  k.holder_id, k.secret_name, k.not_before, k.not_after, k.revoked_at, s.authorised,
  (SELECT g.codigo_seguridad FROM sign.signatures g WHERE g.tenant_id = :tenant AND g.encf = :encf AND g.purpose = 'ecf'
    ORDER BY g.signed_at DESC LIMIT 1) AS codigo_seguridad,
  r.tipo_ecf, r.desde, r.hasta, r.vencimiento
FROM (SELECT) AS nothing
LEFT JOIN sign.companies c ON c.tenant_id = :tenant
LEFT JOIN sign.certificates k ON k.tenant_id = :tenant AND k.certificate_id = CAST(:certificate AS uuid)
LEFT JOIN sign.signers s ON s.tenant_id = :tenant AND s.cedula = regexp_replace(k.holder_id, '^.*-', '')
LEFT JOIN sign.ranges r ON r.tenant_id = :tenant AND r.tipo_ecf = ANY(CAST(:tipos AS smallint[]))
  AND (CAST(:secuencia AS bigint) IS NULL OR CAST(:secuencia AS bigint) BETWEEN r.desde AND r.hasta)
"""
_COMPANY = """
INSERT INTO sign.companies (tenant_id, rnc, environment) VALUES (:tenant, :rnc, :environment) ON CONFLICT DO NOTHING
"""
# A fact that was overtaken by a newer one changes nothing.
_STANDING = """
UPDATE sign.companies SET estado = CASE WHEN estado_version < :version THEN :estado ELSE estado END,
  estado_since = CASE WHEN estado_version < :version THEN :since ELSE estado_since END,
  estado_version = GREATEST(estado_version, :version)
WHERE tenant_id = :tenant RETURNING 1
"""
_CERTIFICATE = """
INSERT INTO sign.certificates (tenant_id, certificate_id, holder_id, certificate_pem, secret_name, not_before, not_after)
VALUES (:tenant, CAST(:id AS uuid), :holder_id, :pem, :secret_name, CAST(:not_before AS timestamptz),
  CAST(:not_after AS timestamptz))
ON CONFLICT DO NOTHING
"""
_REVOKE = """
UPDATE sign.certificates SET revoked_at = COALESCE(revoked_at, CAST(:at AS timestamptz))
WHERE tenant_id = :tenant AND certificate_id = CAST(:id AS uuid) RETURNING 1
"""
_SIGNER = """
INSERT INTO sign.signers (tenant_id, cedula, authorised, version) VALUES (:tenant, :cedula, :authorised, :version)
ON CONFLICT (tenant_id, cedula) DO UPDATE SET authorised = excluded.authorised, version = excluded.version
WHERE sign.signers.version < excluded.version
"""
_RANGE = """
INSERT INTO sign.ranges (tenant_id, sequence_id, tipo_ecf, desde, hasta, vencimiento)
VALUES (:tenant, CAST(:id AS uuid), :tipo, :desde, :hasta, CAST(:vencimiento AS date)) ON CONFLICT DO NOTHING
"""
_LOG = """
INSERT INTO sign.signatures (tenant_id, id, caller, purpose, certificate_id, encf, unsigned_sha256, signed_sha256,
  codigo_seguridad)
VALUES (:tenant, CAST(:id AS uuid), :caller, :purpose, CAST(:certificate AS uuid), :encf, :unsigned, :signed, :codigo)
"""


def facts(tx: Transaction, *, certificate_id: str, encf: ENCF | None = None, tipos: Collection[int] = ()) -> Facts:
    """What is known of the tenant that bears on one document, in one statement.

    Ranges: those that hold the number `encf`, or without one all of `tipos`.
    """
    rows = tx.rows(
        _FACTS,
        tenant=tx.tenant,
        certificate=certificate_id,
        encf=str(encf) if encf else None,
        tipos=[int(encf.tipo)] if encf else [int(tipo) for tipo in tipos],
        secuencia=encf.secuencia if encf else None,
    )
    first = rows[0]
    return Facts(
        company=Company(first.rnc, first.environment, first.estado, first.estado_since) if first.rnc else None,
        certificate=Certificate(
            first.certificate_id,
            first.holder_id,
            first.secret_name,
            first.not_before,
            first.not_after,
            first.revoked_at is not None,
            first.authorised,
        )
        if first.certificate_id
        else None,
        ranges=tuple(Range(r.tipo_ecf, r.desde, r.hasta, r.vencimiento) for r in rows if r.desde is not None),
        codigo_seguridad=first.codigo_seguridad,
    )


def remember_company(tx: Transaction, event: CompanyCreated) -> None:
    tx.rows(_COMPANY, tenant=tx.tenant, rnc=event.rnc, environment=event.environment)


def set_standing(tx: Transaction, estado: str, *, since: datetime, version: int) -> None:
    """Whether anything is signed for the company; FactsNotSeen before its creation has arrived."""
    if not tx.rows(_STANDING, tenant=tx.tenant, estado=estado, since=since, version=version):
        raise FactsNotSeen


def remember_certificate(tx: Transaction, event: CertificateRegistered) -> None:
    tx.rows(
        _CERTIFICATE,
        tenant=tx.tenant,
        id=event.certificate_id,
        holder_id=event.holder_id,
        pem=event.certificate_pem,
        secret_name=event.secret_name,
        not_before=event.not_before,
        not_after=event.not_after,
    )


def revoke_certificate(tx: Transaction, certificate_id: str, *, at: str) -> None:
    """It signs nothing more; FactsNotSeen before its registration has arrived."""
    if not tx.rows(_REVOKE, tenant=tx.tenant, id=certificate_id, at=at):
        raise FactsNotSeen


def remember_signer(tx: Transaction, cedula: str, *, authorised: bool, version: int) -> None:
    """Whether a person signs for the company; an older fact changes nothing."""
    tx.rows(_SIGNER, tenant=tx.tenant, cedula=cedula, authorised=authorised, version=version)


def remember_range(tx: Transaction, event: SequenceRegistered) -> None:
    tx.rows(
        _RANGE,
        tenant=tx.tenant,
        id=event.sequence_id,
        tipo=event.tipo_ecf,
        desde=event.desde,
        hasta=event.hasta,
        vencimiento=event.vencimiento,
    )


def log(
    tx: Transaction,
    *,
    signature_id: str,
    caller: str,
    purpose: str,
    certificate_id: str,
    encf: str | None,
    unsigned_sha256: str,
    signed_sha256: str,
    codigo_seguridad: str,
) -> None:
    """One row a signature made, repeated ones included."""
    tx.rows(
        _LOG,
        tenant=tx.tenant,
        id=signature_id,
        caller=caller,
        purpose=purpose,
        certificate=certificate_id,
        encf=encf,
        unsigned=unsigned_sha256,
        signed=signed_sha256,
        codigo=codigo_seguridad,
    )
