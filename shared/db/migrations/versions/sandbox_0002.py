"""sandbox: behaviours by service, for a number of calls, a while or a probability; approvals and voided numbers it received."""

from shared.db.migrations.sql import run

revision = "sandbox_0002"
down_revision = "sandbox_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE sandbox.behaviours
          ADD COLUMN service text NOT NULL DEFAULT 'reception',
          ADD COLUMN times integer CHECK (times >= 0),
          ADD COLUMN until timestamptz,
          ADD COLUMN probability double precision NOT NULL DEFAULT 1,
          ADD COLUMN seed bigint NOT NULL DEFAULT 0,
          ADD COLUMN calls bigint NOT NULL DEFAULT 0,
          ADD COLUMN set_at timestamptz NOT NULL DEFAULT now();
        ALTER TABLE sandbox.behaviours DROP CONSTRAINT behaviours_pkey;
        ALTER TABLE sandbox.behaviours ADD PRIMARY KEY (environment, rnc, service, name);
        ALTER TABLE sandbox.behaviours ALTER COLUMN service DROP DEFAULT;

        CREATE TABLE sandbox.approvals (
          environment text NOT NULL,
          rnc_comprador text NOT NULL,
          rnc_emisor text NOT NULL,
          encf text NOT NULL,
          estado integer NOT NULL CHECK (estado IN (1, 2)),
          xml bytea NOT NULL,
          received_at timestamptz NOT NULL,
          PRIMARY KEY (environment, rnc_emisor, encf)
        );

        CREATE TABLE sandbox.voided (
          environment text NOT NULL,
          rnc text NOT NULL,
          tipo_ecf integer NOT NULL,
          desde bigint NOT NULL,
          hasta bigint NOT NULL CHECK (hasta >= desde),
          PRIMARY KEY (environment, rnc, tipo_ecf, desde)
        );

        GRANT SELECT, INSERT, UPDATE, DELETE ON sandbox.approvals, sandbox.voided TO fn_sandbox;
        """
    )
