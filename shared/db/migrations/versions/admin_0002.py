"""admin: a company's standing, and its copies where companies act; counts of DGII's verdicts; what waits, as numbers only."""

from shared.db.migrations.sql import run

revision = "admin_0002"
down_revision = "admin_0001"
branch_labels = None
depends_on = ("billing_0001", "relay_0001", "sign_0001")


def upgrade() -> None:
    run(
        """
        DROP INDEX admin.companies_active;
        ALTER TABLE admin.companies DROP CONSTRAINT companies_status_check;
        ALTER TABLE admin.companies RENAME COLUMN status TO estado;
        UPDATE admin.companies SET estado =
          CASE estado WHEN 'active' THEN 'activa' WHEN 'suspended' THEN 'suspendida' ELSE 'sellada' END;
        ALTER TABLE admin.companies
          ALTER COLUMN estado SET DEFAULT 'activa',
          ADD CHECK (estado IN ('activa', 'suspendida', 'sellada')),
          ADD COLUMN version int NOT NULL DEFAULT 1,
          ADD COLUMN estado_reason text,
          ADD COLUMN estado_by text,
          ADD COLUMN estado_since timestamptz,
          ADD COLUMN linked_to text REFERENCES admin.companies;
        CREATE UNIQUE INDEX companies_active ON admin.companies (environment, rnc) WHERE estado <> 'sellada';

        ALTER TABLE billing.companies
          ADD COLUMN estado text NOT NULL DEFAULT 'activa',
          ADD COLUMN estado_version int NOT NULL DEFAULT 1,
          ADD COLUMN emisor_version int NOT NULL DEFAULT 1;
        ALTER TABLE sign.companies
          ADD COLUMN estado text NOT NULL DEFAULT 'activa',
          ADD COLUMN estado_version int NOT NULL DEFAULT 1,
          ADD COLUMN estado_since timestamptz;

        CREATE TABLE admin.verdicts (
          company text NOT NULL,
          day date NOT NULL,
          verdict text NOT NULL,
          documents bigint NOT NULL,
          PRIMARY KEY (company, day, verdict)
        );
        CREATE INDEX verdicts_day ON admin.verdicts (day);
        GRANT SELECT, INSERT, UPDATE ON admin.verdicts TO fn_admin;

        -- How much waits and how much is dead, for each function: numbers without a company, for the platform's own context alone.
        CREATE INDEX work_dead ON flow.work (function) WHERE state = 'dead';
        CREATE FUNCTION flow.backlog() RETURNS TABLE (name text, due bigint, dead bigint, letters bigint)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
          IF tenancy.current_tenant() IS DISTINCT FROM 'platform' THEN
            RAISE EXCEPTION 'not the platform' USING ERRCODE = 'insufficient_privilege';
          END IF;
          RETURN QUERY
            SELECT f.name, sum(f.due)::bigint, sum(f.dead)::bigint, sum(f.letters)::bigint FROM (
              SELECT w.function, count(*), 0, 0 FROM flow.work w
                WHERE w.state = 'pending' AND w.due_at <= now() GROUP BY w.function
              UNION ALL
              SELECT w.function, 0, count(*), 0 FROM flow.work w WHERE w.state = 'dead' GROUP BY w.function
              UNION ALL
              SELECT COALESCE(substring(l.destination FROM '^[a-z]+://([a-z]+)'), l.destination), 0, 0, count(*)
                FROM relay.dead_letters l WHERE l.replayed_at IS NULL GROUP BY 1
            ) AS f (name, due, dead, letters) GROUP BY f.name ORDER BY f.name;
        END $$;
        REVOKE ALL ON FUNCTION flow.backlog() FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION flow.backlog() TO fn_admin;
        """
    )
