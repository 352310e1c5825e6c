"""auth's people: who they are, what they may do for which company, how they come in. All is looked up before a tenant is known."""

from datetime import datetime

from functions.auth.domain import CompanyNotReady, Grant, InvitationRefused, Person
from shared.db.engine import Transaction
from shared.events.catalogue import CompanyCreated
from shared.events.companies import CompanyChanged
from shared.identity.standing import Estado

_PERSON = """
SELECT u.id::text AS id, u.email, u.name, u.password_hash, u.disabled_at, f.confirmed_at,
  g.company, g.role, g.expires_at, c.razon_social, c.environment, c.estado,
  ARRAY(SELECT rp.permission FROM auth.role_permissions rp
    WHERE rp.role = g.role AND rp.company IN ('*', g.company) AND rp.granted ORDER BY rp.permission) AS permissions
FROM auth.users u
LEFT JOIN auth.second_factors f ON f.user_id = u.id
LEFT JOIN auth.grants g ON g.user_id = u.id AND g.ended_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > now())
LEFT JOIN auth.companies c ON c.id = g.company
WHERE {where} ORDER BY g.created_at
"""
_BY_EMAIL = _PERSON.format(where="u.email = lower(:value)")
_BY_ID = _PERSON.format(where="u.id = CAST(:value AS uuid)")
_ADD_USER = (
    "INSERT INTO auth.users (id, email, name) VALUES (CAST(:id AS uuid), lower(:email), :name) ON CONFLICT (email) DO NOTHING"
)
_GRANT = """
INSERT INTO auth.grants (user_id, company, role) SELECT id, :company, :role FROM auth.users WHERE email = lower(:email)
ON CONFLICT (user_id, company) DO NOTHING
"""
_SET_PASSWORD = "UPDATE auth.users SET password_hash = :hash, password_set_at = now() WHERE id = CAST(:id AS uuid)"
_INVITE = """
INSERT INTO auth.invitations (token_hash, user_id, expires_at, purpose, company)
VALUES (:hash, CAST(:user AS uuid), :expires_at, :purpose, :company)
"""
_USE = """
UPDATE auth.invitations SET used_at = now()
WHERE token_hash = :hash AND purpose = :purpose AND used_at IS NULL AND expires_at > now()
RETURNING user_id::text AS user_id
"""
_COMPANY = """
INSERT INTO auth.companies (id, razon_social, environment) VALUES (:id, :name, :environment) ON CONFLICT (id) DO NOTHING
"""
# A fact that was overtaken by a newer one changes nothing.
_STANDING = """
UPDATE auth.companies SET estado = CASE WHEN estado_version < :version THEN :estado ELSE estado END,
  estado_version = GREATEST(estado_version, :version)
WHERE id = :id RETURNING estado_version = :version AS newest
"""
_RENAME = """
UPDATE auth.companies SET razon_social = CASE WHEN name_version < :version THEN :name ELSE razon_social END,
  name_version = GREATEST(name_version, :version)
WHERE id = :id RETURNING 1
"""
_ESTADO = "SELECT estado FROM auth.companies WHERE id = :id"


def _person(tx: Transaction, statement: str, value: str) -> Person | None:
    rows = tx.rows(statement, value=value)
    if not rows or rows[0].disabled_at is not None:
        return None
    grants = tuple(
        Grant(
            row.company,
            row.role,
            tuple(row.permissions),
            row.expires_at,
            row.razon_social or "",
            row.environment or "",
            row.estado or Estado.ACTIVA,
        )
        for row in rows
        if row.company is not None
    )
    first = rows[0]
    return Person(first.id, first.email, first.name, first.password_hash, first.confirmed_at is not None, grants)


def by_email(tx: Transaction, email: str) -> Person | None:
    """None for a person that is unknown or disabled."""
    return _person(tx, _BY_EMAIL, email)


def by_id(tx: Transaction, user_id: str) -> Person | None:
    return _person(tx, _BY_ID, user_id)


def add(tx: Transaction, *, user_id: str, email: str, name: str, company: str, role: str) -> None:
    """A user (unless the address is known) with a role (unless they have one there)."""
    add_user(tx, user_id=user_id, email=email, name=name)
    tx.rows(_GRANT, email=email, company=company, role=role)


def add_user(tx: Transaction, *, user_id: str, email: str, name: str) -> None:
    """Unless the address is known."""
    tx.rows(_ADD_USER, id=user_id, email=email, name=name)


def add_company(tx: Transaction, company_id: str, event: CompanyCreated) -> None:
    tx.rows(_COMPANY, id=company_id, name=event.razon_social, environment=event.environment)


def set_standing(tx: Transaction, company_id: str, estado: str, *, version: int) -> bool:
    """Whether this is the newest that is known of the company; CompanyNotReady before its creation."""
    row = tx.row(_STANDING, id=company_id, estado=estado, version=version)
    if row is None:
        raise CompanyNotReady
    return bool(row.newest)


def rename_company(tx: Transaction, company_id: str, event: CompanyChanged, *, version: int) -> None:
    if not tx.rows(_RENAME, id=company_id, name=event.razon_social, version=version):
        raise CompanyNotReady


def estado_of(tx: Transaction, company_id: str) -> str | None:
    """None for a company that auth does not know."""
    row = tx.row(_ESTADO, id=company_id)
    return str(row.estado) if row else None


def set_password(tx: Transaction, user_id: str, password_hash: str) -> None:
    tx.rows(_SET_PASSWORD, id=user_id, hash=password_hash)


def invite(
    tx: Transaction, *, user_id: str, token_hash: str, expires_at: datetime, purpose: str = "invitation", company: str | None = None
) -> None:
    """A secret that lets its holder set this person's password once: an `invitation`, or a `reset`."""
    tx.rows(_INVITE, user=user_id, hash=token_hash, expires_at=expires_at, purpose=purpose, company=company)


def use_invitation(tx: Transaction, token_hash: str, *, purpose: str = "invitation") -> str:
    """The invited user's id; InvitationRefused when the token is unknown, used, past or for another purpose."""
    row = tx.row(_USE, hash=token_hash, purpose=purpose)
    if row is None:
        raise InvitationRefused
    return str(row.user_id)
