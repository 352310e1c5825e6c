"""client's tables and all its SQL."""

import json
from datetime import datetime

from functions.client.domain import UPLOADS_AN_HOUR, Certificate
from shared.db.engine import Record, Transaction

_COLUMNS = """k.id::text AS id, holder_name, holder_id, issuer, serial_number, fingerprint, not_before, not_after, active_from,
  created_at, CASE WHEN revoked_at IS NOT NULL THEN 'revocado' WHEN not_after < now() THEN 'vencido'
    WHEN active_from > now() THEN 'en_espera' WHEN k.id = u.id THEN 'en_uso' ELSE 'de_reserva' END AS estado"""
# The one that signs now: of the live ones whose cut-over has passed, the one whose cut-over was last.
_FROM = """FROM client.certificates k LEFT JOIN (
  SELECT o.id FROM client.certificates o
  WHERE o.tenant_id = :tenant AND o.revoked_at IS NULL AND o.not_after >= now() AND o.active_from <= now()
  ORDER BY o.active_from DESC, o.id DESC LIMIT 1) AS u ON true
WHERE k.tenant_id = :tenant"""
_INSERT = """
INSERT INTO client.certificates (tenant_id, id, holder_name, holder_id, issuer, serial_number, fingerprint, chain, not_before,
  not_after, active_from, secret_name, uploaded_by)
VALUES (:tenant, CAST(:id AS uuid), :holder_name, :holder_id, :issuer, :serial_number, :fingerprint, CAST(:chain AS jsonb),
  CAST(:not_before AS timestamptz), CAST(:not_after AS timestamptz), :active_from, :secret_name, :uploaded_by)
"""
_PAGE = f"""
SELECT {_COLUMNS} {_FROM} AND (CAST(:before AS uuid) IS NULL OR k.id < CAST(:before AS uuid)) ORDER BY k.id DESC LIMIT :limit
"""
_FIND = f"""
SELECT {_COLUMNS}, uploaded_by, chain, revoked_at, revoked_by, revoked_because {_FROM} AND k.id = CAST(:id AS uuid)
"""
_LIVE = """
SELECT count(*) AS live, max(not_after) AS latest FROM client.certificates
WHERE tenant_id = :tenant AND revoked_at IS NULL AND not_after >= now()
"""
_REVOKE = """
UPDATE client.certificates SET revoked_at = now(), revoked_by = :by, revoked_because = :reason
WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) AND revoked_at IS NULL RETURNING revoked_at
"""
_REVOKE_ALL = """
UPDATE client.certificates SET revoked_at = now(), revoked_by = :by, revoked_because = :reason
WHERE tenant_id = :tenant AND revoked_at IS NULL RETURNING id::text AS id, revoked_at
"""
_SECRETS = "SELECT secret_name FROM client.certificates WHERE tenant_id = :tenant"
# The work row stays when it is done, so it says for good that the company was sealed.
CLOSING = "destroy-keys"
_CLOSING = f"SELECT 1 FROM flow.work WHERE tenant_id = :tenant AND function = 'client' AND kind = '{CLOSING}'"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(:what || '|' || :tenant, 0))"
_TENTH = """
SELECT ceil(extract(epoch FROM tried_at + interval '1 hour' - now()))::int AS wait FROM client.uploads
WHERE tenant_id = :tenant AND tried_at > now() - interval '1 hour' ORDER BY tried_at DESC OFFSET :most - 1 LIMIT 1
"""
_TRY = "INSERT INTO client.uploads (tenant_id, id, tried_by) VALUES (:tenant, CAST(:id AS uuid), :by)"
_SIGNER = "id::text AS id, cedula, name, authorised, version, changed_by, changed_at"
_SIGNERS = f"""
SELECT {_SIGNER} FROM client.signers
WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR client.signers.id < CAST(:before AS uuid))
ORDER BY client.signers.id DESC LIMIT :limit
"""
_HOLDER = f"SELECT {_SIGNER} FROM client.signers WHERE tenant_id = :tenant AND cedula = :cedula"
_ANY_SIGNER = "SELECT 1 FROM client.signers WHERE tenant_id = :tenant LIMIT 1"
_AUTHORISE = f"""
INSERT INTO client.signers (tenant_id, id, cedula, name, changed_by) VALUES (:tenant, CAST(:id AS uuid), :cedula, :name, :by)
ON CONFLICT (tenant_id, cedula) DO UPDATE SET name = excluded.name, authorised = true, version = client.signers.version + 1,
  changed_by = excluded.changed_by, changed_at = now()
RETURNING {_SIGNER}
"""
_WITHDRAW = f"""
UPDATE client.signers SET authorised = false, version = version + 1, changed_by = :by, changed_at = now()
WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) AND authorised RETURNING {_SIGNER}
"""


def insert(
    tx: Transaction, certificate_id: str, certificate: Certificate, *, active_from: datetime, secret_name: str, uploaded_by: str
) -> None:
    tx.rows(
        _INSERT,
        tenant=tx.tenant,
        id=certificate_id,
        holder_name=certificate.holder_name,
        holder_id=certificate.holder_id,
        issuer=certificate.issuer,
        serial_number=certificate.serial_number,
        fingerprint=certificate.fingerprint,
        chain=json.dumps(certificate.chain, ensure_ascii=False),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        active_from=active_from,
        secret_name=secret_name,
        uploaded_by=uploaded_by,
    )


def page(tx: Transaction, *, before: str | None, limit: int) -> list[Record]:
    """Certificates, newest first."""
    return list(tx.rows(_PAGE, tenant=tx.tenant, before=before, limit=limit))


def find(tx: Transaction, certificate_id: str) -> Record | None:
    """One certificate with its chain and its revocation."""
    return tx.row(_FIND, tenant=tx.tenant, id=certificate_id)


def live(tx: Transaction) -> Record:
    """How many are neither revoked nor over, and when the last of them ends."""
    return tx.rows(_LIVE, tenant=tx.tenant)[0]


def revoke(tx: Transaction, certificate_id: str, *, by: str, reason: str) -> datetime | None:
    """When it was revoked by this call; None when it is not there or was revoked before."""
    row = tx.row(_REVOKE, tenant=tx.tenant, id=certificate_id, by=by, reason=reason)
    moment: datetime | None = row.revoked_at if row else None
    return moment


def revoke_all(tx: Transaction, *, by: str, reason: str) -> list[Record]:
    """`id` and `revoked_at` of each that was not revoked yet."""
    return list(tx.rows(_REVOKE_ALL, tenant=tx.tenant, by=by, reason=reason))


def secret_names(tx: Transaction) -> list[str]:
    """Where the keys of all its certificates are, or were."""
    return [row.secret_name for row in tx.rows(_SECRETS, tenant=tx.tenant)]


def is_sealed(tx: Transaction) -> bool:
    """Whether the company's seal has been heard of."""
    return tx.row(_CLOSING, tenant=tx.tenant) is not None


def take_upload(tx: Transaction, upload_id: str, *, by: str) -> int | None:
    """Count one upload; the seconds to wait instead when this hour's are used up."""
    tx.rows(_LOCK, tenant=tx.tenant, what="uploads")
    tenth = tx.row(_TENTH, tenant=tx.tenant, most=UPLOADS_AN_HOUR)
    if tenth is not None:
        return max(1, int(tenth.wait))
    tx.rows(_TRY, tenant=tx.tenant, id=upload_id, by=by)
    return None


def lock_signers(tx: Transaction) -> None:
    """Until the end of this transaction nobody else counts certificates or makes a first signer."""
    tx.rows(_LOCK, tenant=tx.tenant, what="signers")


def signers(tx: Transaction, *, before: str | None, limit: int) -> list[Record]:
    """Everybody who may or might sign, newest first."""
    return list(tx.rows(_SIGNERS, tenant=tx.tenant, before=before, limit=limit))


def holder(tx: Transaction, cedula: str) -> Record | None:
    return tx.row(_HOLDER, tenant=tx.tenant, cedula=cedula)


def has_signers(tx: Transaction) -> bool:
    """Whether there ever was one, withdrawn ones included."""
    return tx.row(_ANY_SIGNER, tenant=tx.tenant) is not None


def authorise(tx: Transaction, signer_id: str, *, cedula: str, name: str, by: str) -> Record:
    """The signer, new or back again."""
    return tx.rows(_AUTHORISE, tenant=tx.tenant, id=signer_id, cedula=cedula, name=name, by=by)[0]


def withdraw(tx: Transaction, signer_id: str, *, by: str) -> Record | None:
    """The signer as it is now; None when there is no such authorised one."""
    return tx.row(_WITHDRAW, tenant=tx.tenant, id=signer_id, by=by)
