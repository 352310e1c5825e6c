"""ri: signed documents, what DGII said of them, and the prints; rows are only ever added."""

from shared.db.migrations.sql import run, tenant_table

revision = "ri_0001"
down_revision = None
branch_labels = ("ri",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE ri.documents (
          tenant_id text NOT NULL,
          invoice_id uuid NOT NULL,
          environment text NOT NULL,
          rnc_emisor text NOT NULL,
          encf text NOT NULL,
          intento integer NOT NULL,
          codigo_seguridad text NOT NULL,
          sha256 text NOT NULL,
          xml bytea NOT NULL,
          received_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, invoice_id)
        );
        CREATE TABLE ri.outcomes (
          tenant_id text NOT NULL,
          invoice_id uuid NOT NULL,
          estado text NOT NULL CHECK (estado IN ('aceptado', 'aceptado_condicional')),
          observed_at timestamptz NOT NULL,
          received_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, invoice_id)
        );
        CREATE TABLE ri.renderings (
          tenant_id text NOT NULL,
          invoice_id uuid NOT NULL,
          template integer NOT NULL,
          pdf bytea NOT NULL,
          sha256 text NOT NULL,
          rendered_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, invoice_id, template)
        );
        """
    )
    for table in ("documents", "outcomes", "renderings"):
        tenant_table(f"ri.{table}", "fn_ri", grants="SELECT, INSERT")
