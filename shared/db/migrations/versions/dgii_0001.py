"""dgii: what is on its way to the authority, and every answer it gave."""

from shared.db.migrations.sql import run, tenant_table

revision = "dgii_0001"
down_revision = None
branch_labels = ("dgii",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE dgii.submissions (
          tenant_id text NOT NULL,
          encf text NOT NULL,
          intento integer NOT NULL,
          version integer NOT NULL DEFAULT 1,
          invoice_id uuid NOT NULL,
          environment text NOT NULL,
          channel text NOT NULL CHECK (channel IN ('ecf', 'rfce')),
          rnc_emisor text NOT NULL,
          rnc_comprador text,
          tipo_ecf smallint NOT NULL,
          monto_total numeric(18,2) NOT NULL CHECK (monto_total <> 'NaN' AND abs(monto_total) < 1e16),
          codigo_seguridad text NOT NULL,
          certificate_id uuid NOT NULL,
          sha256 text NOT NULL,
          xml bytea NOT NULL,
          estado text NOT NULL CHECK (estado IN ('pendiente', 'enviando', 'enviado', 'en_proceso', 'aceptado',
            'aceptado_condicional', 'rechazado', 'desconocido')),
          track_id text,
          mensajes jsonb NOT NULL DEFAULT '[]',
          secuencia_utilizada boolean,
          posts integer NOT NULL DEFAULT 0,
          polls integer NOT NULL DEFAULT 0,
          misses integer NOT NULL DEFAULT 0,
          failures integer NOT NULL DEFAULT 0,
          transients integer NOT NULL DEFAULT 0,
          overdue boolean NOT NULL DEFAULT false,
          collided boolean NOT NULL DEFAULT false,
          posted_at timestamptz,
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, encf, intento),
          UNIQUE (tenant_id, track_id)
        );
        CREATE TABLE dgii.evidence (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          encf text NOT NULL,
          intento integer NOT NULL,
          step text NOT NULL,
          estado text NOT NULL,
          detail text NOT NULL,
          at timestamptz NOT NULL DEFAULT clock_timestamp(),
          PRIMARY KEY (tenant_id, id)
        );
        CREATE INDEX evidence_of_number ON dgii.evidence (tenant_id, encf, intento, at);
        """
    )
    tenant_table("dgii.submissions", "fn_dgii")
    tenant_table("dgii.evidence", "fn_dgii", grants="SELECT, INSERT")
