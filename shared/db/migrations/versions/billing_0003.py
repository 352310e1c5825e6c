"""billing: from when a certificate signs, and since when it does no more."""

from shared.db.migrations.sql import run

revision = "billing_0003"
down_revision = "billing_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE billing.certificates
          ADD COLUMN active_from timestamptz NOT NULL DEFAULT now(),
          ADD COLUMN revoked_at timestamptz;
        UPDATE billing.certificates SET active_from = seen_at;
        """
    )
