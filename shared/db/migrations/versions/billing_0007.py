"""billing: numbers that can only be voided, and the last days of contingencies with paper that nobody was told of yet."""

from shared.db.migrations.sql import run

revision = "billing_0007"
down_revision = "billing_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        -- A document with it was signed and withdrawn unsent: no other one may bear it.
        ALTER TABLE billing.returned_numbers ADD COLUMN only_void boolean NOT NULL DEFAULT false;

        INSERT INTO flow.turns (function, tenant_id)
        SELECT DISTINCT 'billing', tenant_id FROM billing.contingencies WHERE tipo = 'papel' ON CONFLICT DO NOTHING;
        INSERT INTO flow.work (tenant_id, function, kind, key, due_at, traceparent)
        SELECT tenant_id, 'billing', 'contingency_due',
          id || CASE WHEN ended_at IS NULL THEN ':paper' ELSE ':replacement' END, now(), ''
        FROM billing.contingencies WHERE tipo = 'papel' ON CONFLICT DO NOTHING;
        """
    )
