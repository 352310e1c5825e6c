"""ri: whether a company prints what DGII has not accepted yet; documents that were withdrawn unsent."""

from shared.db.migrations.sql import run, tenant_table

revision = "ri_0004"
down_revision = "ri_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE ri.outcomes DROP CONSTRAINT outcomes_estado_check;
        ALTER TABLE ri.outcomes
          ADD CONSTRAINT outcomes_estado_check CHECK (estado IN ('aceptado', 'aceptado_condicional', 'rechazado', 'retirado'));
        CREATE TABLE ri.printing (
          tenant_id text PRIMARY KEY,
          before_acceptance boolean NOT NULL,
          chosen_by text NOT NULL,
          chosen_at timestamptz NOT NULL DEFAULT now()
        );
        """
    )
    tenant_table("ri.printing", "fn_ri")
