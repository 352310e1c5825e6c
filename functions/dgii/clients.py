"""Whom dgii acts for: each company's RNC and environment, the certificate that signs for it, and what the directory said."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from shared.db.engine import Transaction
from shared.dgii.services import Listed
from shared.ecf.types import Environment
from shared.errors import Conflict, NotFound


class CertificateMissing(Conflict):
    """The company has no certificate that signs now: DGII speaks with signers only."""

    slug = "dgii-certificate-missing"


class CompanyUnknown(NotFound):
    """No fact about this company has arrived yet."""

    slug = "dgii-company-unknown"


@dataclass(frozen=True)
class Client:
    environment: Environment
    rnc: str
    certificate_id: str


def remember_company(tx: Transaction, rnc: str, environment: str) -> None:
    tx.rows(
        "INSERT INTO dgii.companies VALUES (:tenant, :rnc, :environment) ON CONFLICT (tenant_id) DO NOTHING",
        tenant=tx.tenant,
        rnc=rnc,
        environment=environment,
    )


def remember_certificate(tx: Transaction, certificate_id: str, active_from: datetime) -> None:
    tx.rows(
        "INSERT INTO dgii.certificates (tenant_id, certificate_id, active_from) VALUES (:tenant, CAST(:id AS uuid), :active_from) "
        "ON CONFLICT (tenant_id, certificate_id) DO UPDATE SET active_from = excluded.active_from",
        tenant=tx.tenant,
        id=certificate_id,
        active_from=active_from,
    )


def forget_certificate(tx: Transaction, certificate_id: str, now: datetime) -> None:
    """Revoked, whether or not its registration has arrived."""
    tx.rows(
        "INSERT INTO dgii.certificates VALUES (:tenant, CAST(:id AS uuid), :now, true) "
        "ON CONFLICT (tenant_id, certificate_id) DO UPDATE SET revoked = true",
        tenant=tx.tenant,
        id=certificate_id,
        now=now,
    )


def client(tx: Transaction, now: datetime) -> Client:
    """The company with the certificate that signs for it now; CompanyUnknown, CertificateMissing."""
    row = tx.row(
        "SELECT c.environment, c.rnc, (SELECT k.certificate_id::text FROM dgii.certificates k WHERE k.tenant_id = c.tenant_id "
        "AND NOT k.revoked AND k.active_from <= :now ORDER BY k.active_from DESC, k.certificate_id DESC LIMIT 1) AS certificate "
        "FROM dgii.companies c WHERE c.tenant_id = :tenant",
        tenant=tx.tenant,
        now=now,
    )
    if row is None:
        raise CompanyUnknown
    if row.certificate is None:
        raise CertificateMissing
    return Client(Environment(row.environment), row.rnc, row.certificate)


@dataclass(frozen=True)
class Entry:
    """What the directory said of one RNC; `listed` None: that it is no electronic issuer."""

    listed: Listed | None
    seen_at: datetime


def directory_entry(tx: Transaction, environment: str, rnc: str, *, newer_than: datetime) -> Entry | None:
    row = tx.row(
        "SELECT entry, seen_at FROM dgii.directory WHERE environment = :environment AND rnc = :rnc AND seen_at > :newer_than",
        environment=environment,
        rnc=rnc,
        newer_than=newer_than,
    )
    return Entry(Listed(**row.entry) if row.entry else None, row.seen_at) if row else None


def keep_directory_entry(tx: Transaction, environment: str, rnc: str, listed: Listed | None, now: datetime) -> None:
    tx.rows(
        "INSERT INTO dgii.directory VALUES (:environment, :rnc, CAST(:entry AS jsonb), :now) "
        "ON CONFLICT (environment, rnc) DO UPDATE SET entry = excluded.entry, seen_at = excluded.seen_at",
        environment=environment,
        rnc=rnc,
        entry=asdict(listed) if listed else None,
        now=now,
    )


DIRECTORY_LIFE = timedelta(hours=1)
"""An address in the directory changes when its owner says so: an hour old is believed."""
