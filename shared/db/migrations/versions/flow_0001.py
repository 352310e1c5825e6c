"""flow: the outbox (which is also the audit log's source), the inbox, durable work, and how work is claimed fairly."""

from shared.db.migrate import FUNCTIONS
from shared.db.migrations.sql import run

revision = "flow_0001"
down_revision = None
branch_labels = ("flow",)
depends_on = None


def upgrade() -> None:
    run(
        """
        CREATE TABLE flow.outbox (
          id uuid PRIMARY KEY,
          seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
          tenant_id text NOT NULL,
          type text NOT NULL,
          source text NOT NULL,
          subject text NOT NULL,
          sequence integer NOT NULL,
          partitionkey text NOT NULL,
          traceparent text NOT NULL,
          dataref text,
          sig text NOT NULL,
          data text NOT NULL,
          recorded_at timestamptz NOT NULL,
          lease_until timestamptz,
          attempts integer NOT NULL DEFAULT 0,
          sent_at timestamptz,
          sealed boolean NOT NULL DEFAULT false
        );
        CREATE INDEX outbox_unsent ON flow.outbox (recorded_at) WHERE sent_at IS NULL;
        CREATE INDEX outbox_unsealed ON flow.outbox (tenant_id, seq) WHERE NOT sealed;
        CREATE INDEX outbox_recent ON flow.outbox (recorded_at, type);

        CREATE TABLE flow.inbox (
          tenant_id text NOT NULL,
          consumer text NOT NULL,
          source text NOT NULL,
          id text NOT NULL,
          received_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, consumer, source, id)
        );
        CREATE INDEX inbox_recent ON flow.inbox (received_at);

        CREATE TABLE flow.work (
          tenant_id text NOT NULL,
          function text NOT NULL,
          kind text NOT NULL,
          key text NOT NULL,
          payload jsonb NOT NULL DEFAULT '{}',
          state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'dead')),
          due_at timestamptz NOT NULL,
          attempts integer NOT NULL DEFAULT 0,
          failures integer NOT NULL DEFAULT 0,
          last_error text,
          traceparent text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          finished_at timestamptz,
          PRIMARY KEY (tenant_id, function, kind, key)
        );
        CREATE INDEX work_due ON flow.work (function, tenant_id, due_at) WHERE state = 'pending';

        -- Whose turn it is: one row a function and tenant that ever had work.
        CREATE TABLE flow.turns (
          function text NOT NULL,
          tenant_id text NOT NULL,
          claimed_at timestamptz NOT NULL DEFAULT '-infinity',
          PRIMARY KEY (function, tenant_id)
        );
        CREATE INDEX turns_order ON flow.turns (function, claimed_at);

        -- The fairest due job of the calling function: the tenant served longest ago comes first, its oldest job first.
        -- Claiming moves due_at to the end of the lease; whoever dies holding a job gives it back by letting time pass.
        CREATE FUNCTION flow.claim_work(lease_seconds integer) RETURNS SETOF flow.work
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
          caller text := substr(session_user, 4);
          turn flow.turns;
          job flow.work;
        BEGIN
          FOR turn IN SELECT * FROM flow.turns t WHERE t.function = caller ORDER BY t.claimed_at LOOP
            SELECT * INTO job FROM flow.work w
             WHERE w.function = caller AND w.tenant_id = turn.tenant_id AND w.state = 'pending' AND w.due_at <= clock_timestamp()
             ORDER BY w.due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
            IF FOUND THEN
              UPDATE flow.turns t SET claimed_at = clock_timestamp() WHERE t.function = caller AND t.tenant_id = turn.tenant_id;
              RETURN QUERY UPDATE flow.work w
                 SET due_at = clock_timestamp() + make_interval(secs => lease_seconds), attempts = w.attempts + 1
               WHERE w.tenant_id = job.tenant_id AND w.function = job.function AND w.kind = job.kind AND w.key = job.key
              RETURNING w.*;
              RETURN;
            END IF;
          END LOOP;
        END $$;
        REVOKE ALL ON FUNCTION flow.claim_work(integer) FROM PUBLIC;
        """
    )
    for table in ("outbox", "inbox", "work", "turns"):
        run(f"ALTER TABLE flow.{table} ENABLE ROW LEVEL SECURITY; ALTER TABLE flow.{table} FORCE ROW LEVEL SECURITY;")
    for function in FUNCTIONS:
        if function == "relay":
            continue
        for table, owner in (
            ("outbox", f"source = '/functions/{function}'"),
            ("inbox", f"consumer = '{function}'"),
            ("work", f"function = '{function}'"),
            ("turns", f"function = '{function}'"),
        ):
            rule = f"tenant_id = (SELECT tenancy.current_tenant()) AND {owner}"
            run(f"CREATE POLICY {table}_{function} ON flow.{table} TO fn_{function} USING ({rule}) WITH CHECK ({rule})")
        run(
            f"""
            GRANT SELECT, INSERT, UPDATE (sent_at, attempts) ON flow.outbox TO fn_{function};
            GRANT SELECT, INSERT ON flow.inbox, flow.turns TO fn_{function};
            GRANT SELECT, INSERT, UPDATE ON flow.work TO fn_{function};
            GRANT EXECUTE ON FUNCTION flow.claim_work(integer) TO fn_{function};
            """
        )
    run(
        """
        CREATE POLICY outbox_relay ON flow.outbox TO fn_relay USING (true) WITH CHECK (true);
        CREATE POLICY inbox_relay ON flow.inbox FOR SELECT TO fn_relay USING (true);
        CREATE POLICY work_relay ON flow.work TO fn_relay USING (true) WITH CHECK (true);
        CREATE POLICY turns_relay ON flow.turns TO fn_relay USING (true) WITH CHECK (true);
        GRANT SELECT, UPDATE (sent_at, attempts, lease_until) ON flow.outbox TO fn_relay;
        GRANT SELECT ON flow.inbox TO fn_relay;
        GRANT SELECT, INSERT, UPDATE ON flow.work TO fn_relay;
        GRANT SELECT, INSERT ON flow.turns TO fn_relay;

        CREATE POLICY outbox_audit_reads ON flow.outbox FOR SELECT TO fn_audit
          USING (tenant_id = (SELECT tenancy.current_tenant()));
        CREATE POLICY outbox_audit_seals ON flow.outbox FOR UPDATE TO fn_audit
          USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
        GRANT UPDATE (sealed) ON flow.outbox TO fn_audit;
        """
    )
