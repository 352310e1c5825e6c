"""billing: from when a certificate signs, and since when it does no more; contingencies and their paper receipts."""

from shared.db.migrations.sql import run, tenant_table

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

        CREATE TABLE billing.contingencies (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          sucursal text,
          motivo text NOT NULL,
          started_at timestamptz NOT NULL,
          ended_at timestamptz,
          created_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, id)
        );
        CREATE TABLE billing.papers (
          tenant_id text NOT NULL,
          ncf text NOT NULL CHECK (ncf ~ '^B[0-9]{10}$'),
          contingency_id uuid NOT NULL,
          fecha_emision date NOT NULL,
          monto_total numeric(18,2) NOT NULL CHECK (monto_total <> 'NaN' AND abs(monto_total) < 1e16),
          rnc_comprador text,
          invoice_id uuid,
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, ncf),
          FOREIGN KEY (tenant_id, contingency_id) REFERENCES billing.contingencies (tenant_id, id)
        );
        CREATE INDEX papers_of_contingency ON billing.papers (tenant_id, contingency_id, ncf);
        """
    )
    for table in ("contingencies", "papers"):
        tenant_table(f"billing.{table}", "fn_billing")
