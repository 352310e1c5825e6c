"""flow: whether audit is behind with its seals, and relay's own facts."""

from shared.db.migrations.sql import run

revision = "flow_0002"
down_revision = "flow_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        -- Whether a fact of the sealed tenant (for the platform, of any) waits longer than that: yes or no, and nothing else.
        CREATE FUNCTION flow.sealing_behind(seconds float8) RETURNS boolean
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
          tenant text := tenancy.current_tenant();
          latest timestamptz := now() - make_interval(secs => seconds);
        BEGIN
          IF tenant = 'platform' THEN
            RETURN EXISTS (SELECT FROM flow.outbox o WHERE NOT o.sealed AND o.recorded_at < latest);
          END IF;
          RETURN EXISTS (SELECT FROM flow.outbox o WHERE o.tenant_id = tenant AND NOT o.sealed AND o.recorded_at < latest);
        END $$;
        REVOKE ALL ON FUNCTION flow.sealing_behind(float8) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION flow.sealing_behind(float8) TO fn_admin, fn_audit, fn_auth, fn_billing, fn_client, fn_notify,
          fn_plans, fn_relay, fn_ri;

        -- relay sees and leases everybody's facts, and adds its own.
        DROP POLICY outbox_relay ON flow.outbox;
        CREATE POLICY outbox_relay ON flow.outbox FOR SELECT TO fn_relay USING (true);
        CREATE POLICY outbox_relay_sends ON flow.outbox FOR UPDATE TO fn_relay USING (true) WITH CHECK (true);
        CREATE POLICY outbox_relay_adds ON flow.outbox FOR INSERT TO fn_relay
          WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()) AND source = '/functions/relay');
        GRANT INSERT ON flow.outbox TO fn_relay;
        """
    )
