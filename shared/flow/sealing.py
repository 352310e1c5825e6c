"""Acts about companies, people and keys wait while audit does not seal (security D-18); emission never asks here."""

from datetime import timedelta

from shared.db.engine import Transaction
from shared.errors import Unavailable

LATEST = timedelta(minutes=60)
_BEHIND = "SELECT flow.sealing_behind(CAST(:seconds AS float8)) AS behind"


class AuditBehind(Unavailable):
    slug = "audit-behind"


def refuse_when_behind(tx: Transaction) -> None:
    """AuditBehind when a fact of this tenant, whoever announced it, has waited for its seal longer than LATEST.

    For the platform the facts of every tenant count.
    """
    if tx.rows(_BEHIND, seconds=LATEST.total_seconds())[0].behind:
        raise AuditBehind(retry_after=60)
