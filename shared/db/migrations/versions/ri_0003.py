"""ri: documents that were held in contingency after they had arrived; each row is written once, before or after its document."""

from shared.db.migrations.sql import run, tenant_table

revision = "ri_0003"
down_revision = "ri_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE ri.documents DROP CONSTRAINT documents_modalidad_check;
        ALTER TABLE ri.documents
          ADD CONSTRAINT documents_modalidad_check CHECK (modalidad IN ('contingencia', 'dgii_caida', 'envio_diferido'));
        CREATE TABLE ri.held (
          tenant_id text NOT NULL,
          invoice_id uuid NOT NULL,
          modalidad text NOT NULL CHECK (modalidad IN ('contingencia', 'dgii_caida')),
          received_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, invoice_id)
        );
        """
    )
    tenant_table("ri.held", "fn_ri", grants="SELECT, INSERT")
