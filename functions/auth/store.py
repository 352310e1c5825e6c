"""auth's tables and all its SQL. Everything here is looked up before a tenant is known."""

from datetime import datetime

from functions.auth.domain import Grant, InvitationRefused, Person
from shared.db.engine import Transaction

_PERSON = """
SELECT u.id::text AS id, u.email, u.name, u.password_hash, g.company, g.role FROM auth.users u
LEFT JOIN auth.grants g ON g.user_id = u.id WHERE {where} ORDER BY g.created_at
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
_SET_PASSWORD = "UPDATE auth.users SET password_hash = :hash WHERE id = CAST(:id AS uuid)"
_OPEN_SESSION = """
INSERT INTO auth.sessions (id, user_id, company, expires_at)
VALUES (CAST(:id AS uuid), CAST(:user AS uuid), :company, :expires_at)
"""
_INVITE = "INSERT INTO auth.invitations (token_hash, user_id, expires_at) VALUES (:hash, CAST(:user AS uuid), :expires_at)"
_USE = """
UPDATE auth.invitations SET used_at = now() WHERE token_hash = :hash AND used_at IS NULL AND expires_at > now()
RETURNING user_id::text AS user_id
"""


def _person(tx: Transaction, statement: str, value: str) -> Person | None:
    rows = tx.rows(statement, value=value)
    if not rows:
        return None
    grants = tuple(Grant(row.company, row.role) for row in rows if row.company is not None)
    return Person(rows[0].id, rows[0].email, rows[0].name, rows[0].password_hash, grants)


def by_email(tx: Transaction, email: str) -> Person | None:
    return _person(tx, _BY_EMAIL, email)


def by_id(tx: Transaction, user_id: str) -> Person | None:
    return _person(tx, _BY_ID, user_id)


def add(tx: Transaction, *, user_id: str, email: str, name: str, company: str, role: str) -> None:
    """A user (unless the address is known) with a role (unless they have one there)."""
    tx.rows(_ADD_USER, id=user_id, email=email, name=name)
    tx.rows(_GRANT, email=email, company=company, role=role)


def set_password(tx: Transaction, user_id: str, password_hash: str) -> None:
    tx.rows(_SET_PASSWORD, id=user_id, hash=password_hash)


def open_session(tx: Transaction, *, session_id: str, user_id: str, company: str, expires_at: datetime) -> None:
    tx.rows(_OPEN_SESSION, id=session_id, user=user_id, company=company, expires_at=expires_at)


def invite(tx: Transaction, *, user_id: str, token_hash: str, expires_at: datetime) -> None:
    tx.rows(_INVITE, user=user_id, hash=token_hash, expires_at=expires_at)


def use_invitation(tx: Transaction, token_hash: str) -> str:
    """The invited user's id; InvitationRefused when the token is unknown, used or past."""
    row = tx.row(_USE, hash=token_hash)
    if row is None:
        raise InvitationRefused
    return str(row.user_id)
