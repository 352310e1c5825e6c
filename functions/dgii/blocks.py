"""Signers whom DGII refuses: nothing of theirs is tried for a while."""

from datetime import timedelta

from functions.dgii.attempt import Submission
from shared.db.engine import Transaction

# A block that is renewed within the hour is the same one.
_BLOCK = """
INSERT INTO dgii.blocks AS b (tenant_id, environment, certificate_id, reason, since, until)
VALUES (:tenant, :environment, CAST(:certificate_id AS uuid), :reason, now(), now() + make_interval(secs => :seconds))
ON CONFLICT (tenant_id, environment, certificate_id) DO UPDATE SET reason = excluded.reason, until = excluded.until,
  since = CASE WHEN b.until < now() - interval '1 hour' THEN now() ELSE b.since END
RETURNING since = now() AS began
"""
_UNBLOCK = """
UPDATE dgii.blocks SET until = now() - interval '1 day'
WHERE tenant_id = :tenant AND environment = :environment AND certificate_id = CAST(:certificate_id AS uuid)
"""


def block(tx: Transaction, s: Submission, reason: str, lasting: timedelta) -> bool:
    """DGII refuses the signer of this document: nothing else of its is tried so long. Whether that is news."""
    row = tx.row(
        _BLOCK,
        tenant=tx.tenant,
        environment=s.environment,
        certificate_id=s.certificate_id,
        reason=reason[:1000],
        seconds=lasting.total_seconds(),
    )
    return row is not None and bool(row.began)


def unblock(tx: Transaction, s: Submission) -> None:
    """DGII took something of this signer."""
    tx.rows(_UNBLOCK, tenant=tx.tenant, environment=s.environment, certificate_id=s.certificate_id)
