"""client's table and all its SQL."""

from functions.client.domain import Certificate
from shared.db.engine import Record, Transaction

_COLUMNS = "id::text AS id, holder_name, holder_id, issuer, serial_number, not_before, not_after, created_at"
_INSERT = f"""
INSERT INTO client.certificates (tenant_id, id, holder_name, holder_id, issuer, serial_number, not_before, not_after, secret_name,
  uploaded_by)
VALUES (:tenant, CAST(:id AS uuid), :holder_name, :holder_id, :issuer, :serial_number, CAST(:not_before AS timestamptz),
  CAST(:not_after AS timestamptz), :secret_name, :uploaded_by)
RETURNING {_COLUMNS}
"""
_PAGE = f"""
SELECT {_COLUMNS} FROM client.certificates
WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR client.certificates.id < CAST(:before AS uuid))
ORDER BY client.certificates.id DESC LIMIT :limit
"""


def insert(tx: Transaction, certificate_id: str, certificate: Certificate, *, secret_name: str, uploaded_by: str) -> Record:
    return tx.rows(
        _INSERT,
        tenant=tx.tenant,
        id=certificate_id,
        holder_name=certificate.holder_name,
        holder_id=certificate.holder_id,
        issuer=certificate.issuer,
        serial_number=certificate.serial_number,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        secret_name=secret_name,
        uploaded_by=uploaded_by,
    )[0]


def page(tx: Transaction, *, before: str | None, limit: int) -> list[Record]:
    """Certificates, newest first."""
    return list(tx.rows(_PAGE, tenant=tx.tenant, before=before, limit=limit))
