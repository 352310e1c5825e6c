"""billing: ranges of e-NCF, invoices with their bytes, idempotency, the trail; read copies of company and certificates."""

from shared.db.migrations.sql import run, tenant_table

revision = "billing_0001"
down_revision = None
branch_labels = ("billing",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE billing.companies (
          tenant_id text PRIMARY KEY,
          environment text NOT NULL,
          rnc text NOT NULL,
          emisor jsonb NOT NULL
        );
        CREATE TABLE billing.certificates (
          tenant_id text NOT NULL,
          certificate_id uuid NOT NULL,
          not_before timestamptz NOT NULL,
          not_after timestamptz NOT NULL,
          seen_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, certificate_id)
        );
        CREATE TABLE billing.sequences (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          tipo_ecf smallint NOT NULL,
          desde bigint NOT NULL CHECK (desde >= 1),
          hasta bigint NOT NULL CHECK (hasta >= desde AND hasta <= 9999999999),
          next bigint NOT NULL CHECK (next BETWEEN desde AND hasta + 1),
          vencimiento date,
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, id)
        );
        CREATE INDEX sequences_of_type ON billing.sequences (tenant_id, tipo_ecf, created_at);

        CREATE TABLE billing.invoices (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL DEFAULT 1,
          environment text NOT NULL,
          rnc_emisor text NOT NULL,
          tipo_ecf smallint NOT NULL,
          secuencia bigint NOT NULL,
          intento integer NOT NULL DEFAULT 1,
          encf text NOT NULL,
          sequence_id uuid NOT NULL,
          estado text NOT NULL CHECK (estado IN ('numerado', 'firmado', 'enviado', 'aceptado', 'aceptado_condicional',
            'rechazado', 'en_contingencia', 'sin_usar', 'anulado')),
          rnc_comprador text,
          razon_social_comprador text,
          fecha_emision date NOT NULL,
          fecha_hora_firma timestamptz NOT NULL,
          monto_total numeric(18,2) NOT NULL CHECK (monto_total <> 'NaN' AND abs(monto_total) < 1e16),
          certificate_id uuid NOT NULL,
          unsigned_xml bytea NOT NULL,
          signed_xml bytea,
          rfce_xml bytea,
          sha256 text,
          codigo_seguridad text,
          qr_url text,
          track_id text,
          avisos jsonb NOT NULL DEFAULT '[]',
          mensajes jsonb NOT NULL DEFAULT '[]',
          created_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, rnc_emisor, tipo_ecf, secuencia, intento)
        );
        CREATE INDEX invoices_newest ON billing.invoices (tenant_id, created_at DESC, id DESC);

        CREATE TABLE billing.returned_numbers (
          tenant_id text NOT NULL,
          sequence_id uuid NOT NULL,
          tipo_ecf smallint NOT NULL,
          secuencia bigint NOT NULL,
          intento integer NOT NULL,
          vencimiento date,
          returned_at timestamptz NOT NULL DEFAULT now(),
          taken_at timestamptz,
          PRIMARY KEY (tenant_id, sequence_id, secuencia, intento)
        );
        CREATE INDEX returned_numbers_free ON billing.returned_numbers (tenant_id, tipo_ecf, secuencia) WHERE taken_at IS NULL;

        CREATE TABLE billing.idempotency (
          tenant_id text NOT NULL,
          key text NOT NULL,
          request_hash text NOT NULL,
          invoice_id uuid NOT NULL,
          lease_until timestamptz NOT NULL,
          state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'refused')),
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, key)
        );

        CREATE TABLE billing.trail (
          tenant_id text NOT NULL,
          invoice_id uuid NOT NULL,
          version integer NOT NULL,
          estado text NOT NULL,
          step text NOT NULL,
          detail jsonb NOT NULL DEFAULT '{}',
          at timestamptz NOT NULL DEFAULT clock_timestamp(),
          PRIMARY KEY (tenant_id, invoice_id, version)
        );
        """
    )
    for table in ("companies", "certificates", "sequences", "invoices", "returned_numbers", "idempotency"):
        tenant_table(f"billing.{table}", "fn_billing")
    tenant_table("billing.trail", "fn_billing", grants="SELECT, INSERT")
