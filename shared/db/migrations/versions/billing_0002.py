"""billing: what a note modifies and the schema a document was checked with; batches and their rows."""

from shared.db.migrations.sql import run, tenant_table

revision = "billing_0002"
down_revision = "billing_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE billing.invoices
          ADD COLUMN ncf_modificado text,
          ADD COLUMN codigo_modificacion smallint,
          ADD COLUMN schema_version text,
          ADD COLUMN schema_sha256 text;
        CREATE INDEX invoices_encf ON billing.invoices (tenant_id, encf);
        CREATE INDEX invoices_notes ON billing.invoices (tenant_id, ncf_modificado) WHERE ncf_modificado IS NOT NULL;

        CREATE TABLE billing.batches (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          key text NOT NULL,
          sha256 text NOT NULL,
          strict boolean NOT NULL,
          created_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          started_at timestamptz,
          finished_at timestamptz,
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, key)
        );
        -- `source` is the line as it came, kept until its document exists; `errors` is JSON text, as it may quote any character.
        CREATE TABLE billing.batch_rows (
          tenant_id text NOT NULL,
          batch_id uuid NOT NULL,
          line integer NOT NULL CHECK (line >= 1),
          key text,
          refers_line integer,
          waits_for uuid,
          source text,
          estado text NOT NULL CHECK (estado IN ('pendiente', 'esperando', 'emitida', 'fallida')),
          not_before timestamptz NOT NULL DEFAULT now(),
          attempts smallint NOT NULL DEFAULT 0,
          invoice_id uuid,
          errors text NOT NULL DEFAULT '[]',
          PRIMARY KEY (tenant_id, batch_id, line)
        );
        CREATE INDEX batch_rows_open ON billing.batch_rows (tenant_id, batch_id, line) WHERE estado IN ('pendiente', 'esperando');
        """
    )
    for table in ("batches", "batch_rows"):
        tenant_table(f"billing.{table}", "fn_billing")
