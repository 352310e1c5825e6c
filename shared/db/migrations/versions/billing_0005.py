"""billing: DGII's outages, contingency without connection, until when a document must be sent, and keys by document."""

from shared.db.migrations.sql import run

revision = "billing_0005"
down_revision = "billing_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        CREATE TABLE billing.outages (
          id uuid PRIMARY KEY,
          environment text NOT NULL,
          cause text NOT NULL,
          started_at timestamptz NOT NULL,
          ended_at timestamptz
        );
        CREATE INDEX outages_open ON billing.outages (environment) WHERE ended_at IS NULL;
        GRANT SELECT, INSERT, UPDATE ON billing.outages TO fn_billing;

        ALTER TABLE billing.contingencies
          ADD COLUMN tipo text NOT NULL DEFAULT 'papel' CHECK (tipo IN ('papel', 'sin_conexion'));

        -- Since when DGII lets the company defer sending; NULL: it does not.
        ALTER TABLE billing.companies ADD COLUMN envio_diferido date;

        ALTER TABLE billing.invoices
          ADD COLUMN sucursal text,
          ADD COLUMN modalidad text NOT NULL DEFAULT 'normal' CHECK (modalidad IN ('normal', 'contingencia', 'envio_diferido')),
          ADD COLUMN regimen smallint CHECK (regimen IN (1, 3)),
          ADD COLUMN remitir_hasta timestamptz,
          ADD COLUMN remind_at timestamptz,
          ADD COLUMN reminded text CHECK (reminded IN ('near', 'passed'));
        -- Each step of a document ends or extends its key.
        CREATE INDEX idempotency_of_invoice ON billing.idempotency (tenant_id, invoice_id);
        CREATE INDEX invoices_to_remit ON billing.invoices (tenant_id, remitir_hasta) WHERE remitir_hasta IS NOT NULL;

        -- Which companies of an environment have signed documents that DGII has not got; for the platform's own context alone.
        CREATE FUNCTION billing.waiting_in(env text, since timestamptz) RETURNS SETOF text
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
          IF tenancy.current_tenant() IS DISTINCT FROM 'platform' THEN
            RAISE EXCEPTION 'not the platform' USING ERRCODE = 'insufficient_privilege';
          END IF;
          RETURN QUERY SELECT c.tenant_id FROM billing.companies c WHERE c.environment = env AND EXISTS (
            SELECT FROM billing.invoices i
            WHERE i.tenant_id = c.tenant_id AND i.created_at > since AND i.estado = 'firmado' AND i.modalidad = 'normal');
        END $$;
        REVOKE ALL ON FUNCTION billing.waiting_in(text, timestamptz) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION billing.waiting_in(text, timestamptz) TO fn_billing;
        """
    )
