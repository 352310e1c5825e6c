"""dgii: its portal door, whom it acts for, how long DGII takes, its outages, what its status service and directory said."""

from shared.db.migrations.sql import run, tenant_table

revision = "dgii_0002"
down_revision = "dgii_0001"
branch_labels = None
depends_on = ("auth_0002", "flow_0002")


def upgrade() -> None:
    run(
        """
        CREATE TABLE dgii.companies (
          tenant_id text PRIMARY KEY,
          rnc text NOT NULL,
          environment text NOT NULL
        );
        CREATE TABLE dgii.certificates (
          tenant_id text NOT NULL,
          certificate_id uuid NOT NULL,
          active_from timestamptz NOT NULL,
          revoked boolean NOT NULL DEFAULT false,
          PRIMARY KEY (tenant_id, certificate_id)
        );
        CREATE TABLE dgii.outages (
          id uuid PRIMARY KEY,
          environment text NOT NULL,
          cause text NOT NULL CHECK (cause IN ('unanswered', 'maintenance', 'status')),
          started_at timestamptz NOT NULL,
          confirmed_at timestamptz NOT NULL,
          ended_at timestamptz
        );
        CREATE UNIQUE INDEX outages_open ON dgii.outages (environment) WHERE ended_at IS NULL;
        CREATE TABLE dgii.notices (
          environment text PRIMARY KEY,
          said jsonb NOT NULL,
          seen_at timestamptz NOT NULL
        );
        CREATE TABLE dgii.paces (
          environment text NOT NULL,
          tipo_ecf smallint NOT NULL,
          first_look_ms integer NOT NULL CHECK (first_look_ms > 0),
          PRIMARY KEY (environment, tipo_ecf)
        );
        CREATE TABLE dgii.directory (
          environment text NOT NULL,
          rnc text NOT NULL,
          entry jsonb,
          seen_at timestamptz NOT NULL,
          PRIMARY KEY (environment, rnc)
        );
        GRANT SELECT, INSERT, UPDATE ON dgii.outages, dgii.notices, dgii.paces, dgii.directory TO fn_dgii;
        GRANT SELECT ON flow.live_sessions TO fn_dgii;
        GRANT SELECT (id, revoked_at, expires_at) ON auth.sessions, auth.api_keys TO fn_dgii;
        GRANT SELECT (user_id) ON auth.sessions TO fn_dgii;
        GRANT SELECT (halted_at) ON auth.api_keys TO fn_dgii;
        GRANT SELECT (id, disabled_at) ON auth.users TO fn_dgii;
        GRANT EXECUTE ON FUNCTION flow.sealing_behind(float8) TO fn_dgii;
        """
    )
    tenant_table("dgii.companies", "fn_dgii")
    tenant_table("dgii.certificates", "fn_dgii")
