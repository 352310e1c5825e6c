"""The inbox: the broker delivers at least once, an effect happens once."""

from shared.db.engine import Transaction
from shared.events.envelope import Envelope

_INSERT = """
INSERT INTO flow.inbox (tenant_id, consumer, source, id) VALUES (:tenant, :consumer, :source, :id)
ON CONFLICT DO NOTHING RETURNING 1
"""


def first_time(tx: Transaction, consumer: str, envelope: Envelope) -> bool:
    """The first statement of the effect's transaction; False for a duplicate, whose effect is already there."""
    return bool(tx.rows(_INSERT, tenant=envelope.tenant, consumer=consumer, source=envelope.source, id=envelope.id))
