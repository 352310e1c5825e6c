"""auth's companies from inside: their members, their own roles. The SQL of both."""

from collections.abc import Sequence
from datetime import datetime

from shared.db.engine import Record, Transaction
from shared.identity.permissions import SUPPORT_READER

OWNER = "owner"
SEEDED = "*"
_MEMBERS = """
SELECT u.id::text AS id, u.email, u.name, g.role, g.expires_at, g.created_at, u.password_hash IS NOT NULL AS accepted,
  f.confirmed_at IS NOT NULL AS second_factor
FROM auth.grants g JOIN auth.users u ON u.id = g.user_id LEFT JOIN auth.second_factors f ON f.user_id = u.id
WHERE g.company = :company AND g.ended_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > now())
  AND g.role <> :support AND u.id < CAST(COALESCE(:before, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS uuid)
ORDER BY u.id DESC LIMIT :limit
"""
_MEMBER = """
SELECT role, expires_at FROM auth.grants
WHERE company = :company AND user_id = CAST(:user AS uuid) AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > now())
  AND role <> :support
FOR UPDATE
"""
_GRANT = """
INSERT INTO auth.grants AS g (user_id, company, role, expires_at, granted_by, reason)
VALUES (CAST(:user AS uuid), :company, :role, :expires_at, CAST(:by AS uuid), :reason)
ON CONFLICT (user_id, company) DO UPDATE SET role = excluded.role, expires_at = excluded.expires_at,
  granted_by = excluded.granted_by, reason = excluded.reason, created_at = now(), ended_at = NULL
WHERE g.ended_at IS NOT NULL OR g.expires_at <= now()
RETURNING 1
"""
_CHANGE = """
UPDATE auth.grants SET role = :role, expires_at = :expires_at, granted_by = CAST(:by AS uuid)
WHERE company = :company AND user_id = CAST(:user AS uuid)
"""
_END = "UPDATE auth.grants SET ended_at = now() WHERE company = :company AND user_id = CAST(:user AS uuid)"
_OWNERS = """
SELECT user_id::text AS id FROM auth.grants
WHERE company = :company AND role = :role AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > now())
ORDER BY user_id FOR UPDATE
"""
_ROLES = """
SELECT r.name, r.title, r.company = '*' AS seeded,
  ARRAY(SELECT p.permission FROM auth.role_permissions p
    WHERE p.company = r.company AND p.role = r.name AND p.granted ORDER BY 1) AS permissions
FROM auth.roles r WHERE r.company IN ('*', :company) AND r.scope = :scope AND r.ended_at IS NULL
  AND r.name <> :support
ORDER BY r.company DESC, r.name
"""
_MAKE_ROLE = """
INSERT INTO auth.roles AS r (company, name, scope, title)
SELECT :company, :name, 'TENANT', :title WHERE NOT EXISTS (SELECT FROM auth.roles s WHERE s.company = '*' AND s.name = :name)
ON CONFLICT (company, name) DO UPDATE SET title = excluded.title, ended_at = NULL WHERE r.ended_at IS NOT NULL
RETURNING 1
"""
_RETITLE = """
UPDATE auth.roles SET title = :title WHERE company = :company AND name = :name AND ended_at IS NULL RETURNING 1
"""
_SET_PERMISSIONS = """
INSERT INTO auth.role_permissions AS p (company, role, permission, granted)
SELECT :company, :name, permission, permission = ANY(CAST(:permissions AS text[])) FROM (
  SELECT permission FROM auth.role_permissions WHERE company = :company AND role = :name
  UNION SELECT unnest(CAST(:permissions AS text[]))
) AS known
ON CONFLICT (company, role, permission) DO UPDATE SET granted = excluded.granted
"""
_END_ROLE = """
UPDATE auth.roles SET ended_at = now() WHERE company = :company AND name = :name AND ended_at IS NULL
  AND NOT EXISTS (SELECT FROM auth.grants g WHERE g.company = :company AND g.role = :name AND g.ended_at IS NULL)
RETURNING 1
"""
_HOLDERS = "SELECT user_id::text AS id FROM auth.grants WHERE company = :company AND role = :name AND ended_at IS NULL"


def members(tx: Transaction, company: str, *, before: str | None, limit: int) -> Sequence[Record]:
    """Everybody with a grant in force; support, which is there for an hour, has a list of its own."""
    return tx.rows(_MEMBERS, company=company, before=before, limit=limit, support=SUPPORT_READER)


def member(tx: Transaction, company: str, user_id: str) -> Record | None:
    """`role` and `expires_at` of a grant in force, held until the transaction ends."""
    return tx.row(_MEMBER, company=company, user=user_id, support=SUPPORT_READER)


def give(
    tx: Transaction,
    *,
    user_id: str,
    company: str,
    role: str,
    expires_at: datetime | None,
    by: str | None,
    reason: str | None = None,
) -> bool:
    """False when the person has a grant in force there."""
    given = tx.rows(_GRANT, user=user_id, company=company, role=role, expires_at=expires_at, by=by, reason=reason)
    return bool(given)


def change(tx: Transaction, *, user_id: str, company: str, role: str, expires_at: datetime | None, by: str) -> None:
    tx.rows(_CHANGE, user=user_id, company=company, role=role, expires_at=expires_at, by=by)


def end(tx: Transaction, company: str, user_id: str) -> None:
    tx.rows(_END, company=company, user=user_id)


def owners(tx: Transaction, company: str, *, role: str = OWNER) -> set[str]:
    """Everybody who owns the company, held until the transaction ends: two owners cannot remove each other at once."""
    return {row.id for row in tx.rows(_OWNERS, company=company, role=role)}


def roles(tx: Transaction, company: str, scope: str) -> Sequence[Record]:
    """The company's own roles and the seeded ones of that scope that one may give."""
    return tx.rows(_ROLES, company=company, scope=scope, support=SUPPORT_READER)


def make_role(tx: Transaction, company: str, name: str, title: str, permissions: Sequence[str]) -> bool:
    """False when there is a role of that name."""
    if not tx.rows(_MAKE_ROLE, company=company, name=name, title=title):
        return False
    tx.rows(_SET_PERMISSIONS, company=company, name=name, permissions=list(permissions))
    return True


def change_role(tx: Transaction, company: str, name: str, title: str, permissions: Sequence[str]) -> bool:
    """False when the company has no role of its own with that name."""
    if not tx.rows(_RETITLE, company=company, name=name, title=title):
        return False
    tx.rows(_SET_PERMISSIONS, company=company, name=name, permissions=list(permissions))
    return True


def end_role(tx: Transaction, company: str, name: str) -> bool:
    """False when there is none, or somebody has it."""
    return bool(tx.rows(_END_ROLE, company=company, name=name))


def holders(tx: Transaction, company: str, name: str) -> list[str]:
    return [row.id for row in tx.rows(_HOLDERS, company=company, name=name)]
