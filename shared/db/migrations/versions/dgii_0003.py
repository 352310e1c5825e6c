"""dgii: until when documents that go later must be there, and their order once DGII is back."""

from shared.db.migrations.sql import run, tenant_table

revision = "dgii_0003"
down_revision = "dgii_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        CREATE TABLE dgii.deadlines (
          tenant_id text NOT NULL,
          invoice_id uuid NOT NULL,
          remitir_hasta timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, invoice_id)
        );

        -- What was put off while an environment was away is due now: of each company the oldest deadline first, then what has
        -- none, as it came. Which company is next is the claim's business. A job due within a lease from now may be in a
        -- worker's hands, and is let alone. For the platform's own context.
        CREATE FUNCTION dgii.drain(env text, lease_seconds integer) RETURNS bigint
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
          moved bigint;
        BEGIN
          IF tenancy.current_tenant() IS DISTINCT FROM 'platform' THEN
            RAISE EXCEPTION 'not the platform' USING ERRCODE = 'insufficient_privilege';
          END IF;
          WITH waiting AS (
            SELECT w.tenant_id, w.key, count(*) OVER (PARTITION BY w.tenant_id)
              - row_number() OVER (PARTITION BY w.tenant_id ORDER BY d.remitir_hasta, s.created_at, s.encf) AS behind
            FROM flow.work w
            JOIN dgii.submissions s ON s.tenant_id = w.tenant_id
              AND s.encf = split_part(w.key, ':', 1) AND s.intento = split_part(w.key, ':', 2)::integer
            LEFT JOIN dgii.deadlines d ON d.tenant_id = s.tenant_id AND d.invoice_id = s.invoice_id
            WHERE w.function = 'dgii' AND w.kind = 'submission' AND w.state = 'pending'
              AND s.environment = env AND s.estado = 'pendiente'
              AND w.due_at NOT BETWEEN now() AND now() + make_interval(secs => lease_seconds)
          )
          UPDATE flow.work w SET due_at = now() - interval '1 millisecond' * (waiting.behind + 1) FROM waiting
          WHERE w.function = 'dgii' AND w.kind = 'submission' AND w.tenant_id = waiting.tenant_id AND w.key = waiting.key
            AND w.state = 'pending';
          GET DIAGNOSTICS moved = ROW_COUNT;
          RETURN moved;
        END $$;
        REVOKE ALL ON FUNCTION dgii.drain(text, integer) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION dgii.drain(text, integer) TO fn_dgii;
        """
    )
    tenant_table("dgii.deadlines", "fn_dgii", grants="SELECT, INSERT")
