"""ri: two papers, rejections, how a document was issued, prints that our linter held back, the tenant's appearance."""

from shared.db.migrations.sql import run, tenant_table

revision = "ri_0002"
down_revision = "ri_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE ri.documents
          ADD COLUMN modalidad text CHECK (modalidad IN ('contingencia', 'envio_diferido'));
        ALTER TABLE ri.outcomes DROP CONSTRAINT outcomes_estado_check;
        ALTER TABLE ri.outcomes
          ADD CONSTRAINT outcomes_estado_check CHECK (estado IN ('aceptado', 'aceptado_condicional', 'rechazado'));
        ALTER TABLE ri.renderings ADD COLUMN formato text NOT NULL DEFAULT 'a4' CHECK (formato IN ('a4', 'ticket'));
        ALTER TABLE ri.renderings DROP CONSTRAINT renderings_pkey;
        ALTER TABLE ri.renderings ADD PRIMARY KEY (tenant_id, invoice_id, template, formato);
        ALTER TABLE ri.renderings ALTER COLUMN formato DROP DEFAULT;
        CREATE TABLE ri.held_back (
          tenant_id text NOT NULL,
          invoice_id uuid NOT NULL,
          template integer NOT NULL,
          formato text NOT NULL CHECK (formato IN ('a4', 'ticket')),
          reason text NOT NULL,
          held_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, invoice_id, template, formato)
        );
        CREATE TABLE ri.appearances (
          tenant_id text PRIMARY KEY,
          accent text CHECK (accent ~ '^#[0-9a-f]{6}$'),
          logo bytea,
          chosen_by text NOT NULL,
          chosen_at timestamptz NOT NULL DEFAULT now()
        );
        """
    )
    tenant_table("ri.held_back", "fn_ri", grants="SELECT, INSERT")
    tenant_table("ri.appearances", "fn_ri")
