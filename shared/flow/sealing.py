"""Acts about companies, people and keys wait while audit does not seal (security D-18); emission never asks here."""

from datetime import timedelta

from shared.db.engine import Transaction
from shared.errors import Unavailable

LATEST = timedelta(minutes=60)
# Row-level security leaves the calling function's own facts of this tenant.
_BEHIND = """
SELECT 1 FROM flow.outbox WHERE tenant_id = :tenant AND NOT sealed AND recorded_at < now() - make_interval(secs => :seconds)
LIMIT 1
"""


class AuditBehind(Unavailable):
    slug = "audit-behind"


def refuse_when_behind(tx: Transaction) -> None:
    """AuditBehind when a fact that the caller recorded for this tenant has waited for its seal longer than LATEST."""
    if tx.row(_BEHIND, tenant=tx.tenant, seconds=LATEST.total_seconds()) is not None:
        raise AuditBehind(retry_after=60)
