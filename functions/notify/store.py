"""notify's table: which mail went to whom, when, and how it ended. Neither a link nor a whole address is ever here."""

from collections.abc import Sequence

from functions.notify.domain import Kind, Mail, Sent, State
from shared.db.engine import Record, Transaction

_ADD = """
INSERT INTO notify.mails (id, kind, person_id, company, asked_at)
VALUES (CAST(:id AS uuid), :kind, :person_id, :company, :asked_at) ON CONFLICT DO NOTHING
"""
_LOAD = "SELECT id::text AS id, kind, person_id, company, asked_at, state FROM notify.mails WHERE id = CAST(:id AS uuid)"
_RECORD = """
UPDATE notify.mails SET state = :state, reason = :reason, address = COALESCE(:address, address),
  message_id = :message_id, attempts = attempts + 1, ended_at = CASE WHEN :state = 'pending' THEN NULL ELSE now() END
WHERE id = CAST(:id AS uuid)
"""
_PAGE = """
SELECT id::text AS id, kind, person_id, company, address, state, reason, message_id, attempts, asked_at, ended_at
FROM notify.mails WHERE id < CAST(COALESCE(:before, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS uuid)
ORDER BY id DESC LIMIT :limit
"""


def add(tx: Transaction, mail: Mail) -> None:
    tx.rows(_ADD, id=mail.id, kind=mail.kind.value, person_id=mail.person_id, company=mail.company, asked_at=mail.asked_at)


def load(tx: Transaction, mail_id: str) -> Mail | None:
    row = tx.row(_LOAD, id=mail_id)
    return Mail(row.id, Kind(row.kind), row.person_id, row.company, row.asked_at, State(row.state)) if row else None


def record(tx: Transaction, mail_id: str, state: State, *, sent: Sent | None = None, reason: str | None = None) -> None:
    """Where the mail stands after an attempt."""
    tx.rows(
        _RECORD,
        id=mail_id,
        state=state.value,
        reason=reason,
        address=sent and sent.address,
        message_id=sent and sent.message_id,
    )


def page(tx: Transaction, *, before: str | None, limit: int) -> Sequence[Record]:
    return tx.rows(_PAGE, before=before, limit=limit)
