"""auth's log of support in companies: who was let in, why, until when, how it ended. Its SQL."""

from collections.abc import Sequence
from datetime import datetime

from shared.db.engine import Record, Transaction
from shared.identity.permissions import SUPPORT_READER

_OPEN = """
INSERT INTO auth.support (tenant_id, id, user_id, reason, until)
VALUES (:tenant, CAST(:id AS uuid), CAST(:user AS uuid), :reason, :until)
"""
_PAGE = """
SELECT s.id::text AS id, u.name AS person, u.email, s.reason, s.started_at, s.until, s.ended_at, s.because
FROM auth.support s JOIN auth.users u ON u.id = s.user_id
WHERE s.tenant_id = :tenant AND s.id < CAST(COALESCE(:before, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS uuid)
ORDER BY s.id DESC LIMIT :limit
"""
_END = """
UPDATE auth.support SET ended_at = now(), because = :because
WHERE tenant_id = :tenant AND ended_at IS NULL AND id = COALESCE(CAST(:id AS uuid), id)
  AND user_id = COALESCE(CAST(:user AS uuid), user_id) AND (until <= now() OR NOT :past)
RETURNING id::text AS id, user_id::text AS user_id
"""
_END_GRANT = """
UPDATE auth.grants SET ended_at = now()
WHERE user_id = CAST(:user AS uuid) AND role = :support AND ended_at IS NULL AND company = COALESCE(CAST(:company AS text), company)
RETURNING company
"""


def open_access(tx: Transaction, *, access_id: str, user_id: str, reason: str, until: datetime) -> None:
    tx.rows(_OPEN, tenant=tx.tenant, id=access_id, user=user_id, reason=reason, until=until)


def page(tx: Transaction, *, before: str | None, limit: int) -> Sequence[Record]:
    """The tenant's, newest first."""
    return tx.rows(_PAGE, tenant=tx.tenant, before=before, limit=limit)


def end(
    tx: Transaction, because: str, *, access_id: str | None = None, user_id: str | None = None, past: bool = False
) -> list[tuple[str, str]]:
    """(access, person) of those that were open: one, or all of a person's; `past` leaves those whose time is not over."""
    rows = tx.rows(_END, tenant=tx.tenant, id=access_id, user=user_id, because=because, past=past)
    return [(row.id, row.user_id) for row in rows]


def end_grants(tx: Transaction, user_id: str, *, company: str | None = None) -> list[str]:
    """The companies (or the one) that the person may not read any more."""
    return [row.company for row in tx.rows(_END_GRANT, user=user_id, support=SUPPORT_READER, company=company)]
