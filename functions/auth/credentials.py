"""auth's second factors and the keys of programs: their SQL. Secrets arrive here sealed or hashed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.db.engine import Record, Transaction

_FACTOR = """
SELECT secret, confirmed_at IS NOT NULL AS confirmed, last_step FROM auth.second_factors
WHERE user_id = CAST(:user AS uuid) AND length(secret) > 0 FOR UPDATE
"""
_BEGIN = """
INSERT INTO auth.second_factors (user_id, secret) VALUES (CAST(:user AS uuid), :secret)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret WHERE auth.second_factors.confirmed_at IS NULL
RETURNING 1
"""
_STEP = """
UPDATE auth.second_factors SET last_step = :step, confirmed_at = COALESCE(confirmed_at, now())
WHERE user_id = CAST(:user AS uuid) AND last_step < :step
RETURNING 1
"""
_REMOVE = "UPDATE auth.second_factors SET secret = '', confirmed_at = NULL, last_step = 0 WHERE user_id = CAST(:user AS uuid)"
_FORGET_CODES = "UPDATE auth.recovery_codes SET used_at = now() WHERE user_id = CAST(:user AS uuid) AND used_at IS NULL"
_KEEP_CODES = """
INSERT INTO auth.recovery_codes (user_id, code_hash) SELECT CAST(:user AS uuid), unnest(CAST(:hashes AS text[]))
"""
_USE_CODE = """
UPDATE auth.recovery_codes SET used_at = now() WHERE user_id = CAST(:user AS uuid) AND code_hash = :hash AND used_at IS NULL
RETURNING (SELECT count(*) FROM auth.recovery_codes WHERE user_id = CAST(:user AS uuid) AND used_at IS NULL) - 1 AS left
"""
_ADD_KEY = """
INSERT INTO auth.api_keys (id, company, name, kind, secret_hash, sealed, permissions, created_by, expires_at)
VALUES (CAST(:id AS uuid), :company, :name, :kind, :hash, :sealed, CAST(:permissions AS text[]), :by, :expires_at)
"""
_COLUMNS = """
id::text AS id, company, name, kind, permissions, created_by, created_at, expires_at, last_used_at, revoked_at,
  successor::text AS successor
"""
_KEYS = f"""
SELECT {_COLUMNS} FROM auth.api_keys
WHERE company = :company AND id < CAST(COALESCE(:before, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS uuid)
ORDER BY id DESC LIMIT :limit
"""
_KEY = f"""
SELECT {_COLUMNS} FROM auth.api_keys WHERE company = :company AND id = CAST(:id AS uuid) AND revoked_at IS NULL FOR UPDATE
"""
_REPLACE = """
UPDATE auth.api_keys SET successor = CAST(:successor AS uuid), expires_at = LEAST(expires_at, :until) WHERE id = CAST(:id AS uuid)
"""
_REVOKE = """
UPDATE auth.api_keys SET revoked_at = now() WHERE company = :company AND id = CAST(:id AS uuid) AND revoked_at IS NULL
RETURNING name
"""
_REVOKE_ALL = """
UPDATE auth.api_keys SET revoked_at = now() WHERE company = :company AND revoked_at IS NULL RETURNING id::text AS id, name
"""
_HALT_ALL = """
UPDATE auth.api_keys SET halted_at = CASE WHEN :halted THEN now() END
WHERE company = :company AND revoked_at IS NULL AND (halted_at IS NULL) = :halted RETURNING id::text AS id
"""
_USE_KEY = """
UPDATE auth.api_keys SET last_used_at = now()
WHERE id = CAST(:id AS uuid) AND kind = 'oauth' AND secret_hash = :hash AND revoked_at IS NULL AND expires_at > now()
RETURNING company, permissions
"""


def factor(tx: Transaction, user_id: str) -> Record | None:
    """`secret` (sealed), `confirmed`, `last_step`; held until the transaction ends, so that a code counts once."""
    return tx.row(_FACTOR, user=user_id)


def begin_factor(tx: Transaction, user_id: str, sealed: bytes) -> bool:
    """Keep a secret that is not confirmed yet; False when the person has a confirmed one."""
    return bool(tx.rows(_BEGIN, user=user_id, secret=sealed))


def use_step(tx: Transaction, user_id: str, step: int) -> bool:
    """Spend a step (and confirm the factor with its first); False when it or a later one was spent."""
    return bool(tx.rows(_STEP, user=user_id, step=step))


def remove_factor(tx: Transaction, user_id: str) -> None:
    tx.rows(_FORGET_CODES, user=user_id)
    tx.rows(_REMOVE, user=user_id)


def keep_codes(tx: Transaction, user_id: str, hashes: Sequence[str]) -> None:
    """These recovery codes and no others: earlier ones are spent."""
    tx.rows(_FORGET_CODES, user=user_id)
    tx.rows(_KEEP_CODES, user=user_id, hashes=list(hashes))


def use_code(tx: Transaction, user_id: str, code_hash: str) -> int | None:
    """How many codes are left, or None when this one is unknown or spent."""
    row = tx.row(_USE_CODE, user=user_id, hash=code_hash)
    return int(row.left) if row else None


@dataclass(frozen=True)
class Material:
    """A new key's secret, and what is kept of it: a hash for client credentials, the sealed secret for signatures."""

    id: str
    kind: str
    secret: str = field(repr=False)
    hash: str | None = None
    sealed: bytes | None = None


def add_key(
    tx: Transaction,
    material: Material,
    *,
    company: str,
    name: str,
    permissions: Sequence[str],
    by: str,
    expires_at: datetime,
) -> None:
    tx.rows(
        _ADD_KEY,
        id=material.id,
        company=company,
        name=name,
        kind=material.kind,
        hash=material.hash,
        sealed=material.sealed,
        permissions=list(permissions),
        by=by,
        expires_at=expires_at,
    )


def keys(tx: Transaction, company: str, *, before: str | None, limit: int) -> Sequence[Record]:
    return tx.rows(_KEYS, company=company, before=before, limit=limit)


def key(tx: Transaction, company: str, key_id: str) -> Record | None:
    """A key that is not revoked, held until the transaction ends."""
    return tx.row(_KEY, company=company, id=key_id)


def replace_key(tx: Transaction, key_id: str, *, successor: str, until: datetime) -> None:
    """The old key goes on until then at the most."""
    tx.rows(_REPLACE, id=key_id, successor=successor, until=until)


def revoke_key(tx: Transaction, company: str, key_id: str) -> str | None:
    """The key's name, or None when there is no such key to revoke."""
    row = tx.row(_REVOKE, company=company, id=key_id)
    return str(row.name) if row else None


def revoke_keys(tx: Transaction, company: str) -> list[tuple[str, str]]:
    """(id, name) of every key the company had."""
    return [(row.id, row.name) for row in tx.rows(_REVOKE_ALL, company=company)]


def halt_keys(tx: Transaction, company: str, *, halted: bool) -> list[str]:
    """The keys that open nothing from now on, while the company is suspended; or that open again."""
    return [row.id for row in tx.rows(_HALT_ALL, company=company, halted=halted)]


def use_key(tx: Transaction, key_id: str, secret_hash: str) -> tuple[str, tuple[str, ...]] | None:
    """Company and permissions of a key that is good now."""
    row = tx.row(_USE_KEY, id=key_id, hash=secret_hash)
    return (row.company, tuple(row.permissions)) if row else None
