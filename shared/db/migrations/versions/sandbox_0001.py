"""sandbox: what the stand-in of DGII remembers. It has no tenants of ours: its keys are environment and RNC."""

from shared.db.migrations.sql import run

revision = "sandbox_0001"
down_revision = None
branch_labels = ("sandbox",)
depends_on = None


def upgrade() -> None:
    run(
        """
        CREATE TABLE sandbox.seeds (
          environment text NOT NULL,
          valor text PRIMARY KEY,
          issued_at timestamptz NOT NULL,
          used_at timestamptz
        );

        CREATE TABLE sandbox.delegations (
          environment text NOT NULL,
          cedula text NOT NULL,
          rnc text NOT NULL,
          PRIMARY KEY (environment, cedula, rnc)
        );

        CREATE TABLE sandbox.ranges (
          environment text NOT NULL,
          rnc text NOT NULL,
          tipo_ecf integer NOT NULL,
          desde bigint NOT NULL,
          hasta bigint NOT NULL CHECK (hasta >= desde),
          vencimiento date,
          PRIMARY KEY (environment, rnc, tipo_ecf, desde)
        );

        CREATE TABLE sandbox.submissions (
          track_id text PRIMARY KEY,
          environment text NOT NULL,
          channel text NOT NULL CHECK (channel IN ('ecf', 'rfce')),
          rnc text NOT NULL,
          encf text NOT NULL,
          codigo integer NOT NULL CHECK (codigo IN (1, 2, 4)),
          mensajes jsonb NOT NULL,
          secuencia_utilizada boolean NOT NULL,
          codigo_seguridad text NOT NULL,
          facts jsonb NOT NULL,
          sha256 text NOT NULL,
          xml bytea NOT NULL,
          received_at timestamptz NOT NULL,
          verdict_at timestamptz NOT NULL
        );
        CREATE INDEX submissions_number ON sandbox.submissions (environment, rnc, encf, received_at);

        -- A number is spent once, by the submission that took it.
        CREATE TABLE sandbox.numbers (
          environment text NOT NULL,
          rnc text NOT NULL,
          encf text NOT NULL,
          track_id text NOT NULL,
          codigo_seguridad text NOT NULL,
          PRIMARY KEY (environment, rnc, encf)
        );

        CREATE TABLE sandbox.directory (
          environment text NOT NULL,
          rnc text NOT NULL,
          nombre text NOT NULL,
          url_recepcion text NOT NULL,
          url_aceptacion text NOT NULL,
          url_opcional text NOT NULL,
          PRIMARY KEY (environment, rnc)
        );

        -- How the stand-in treats one issuer: a named behaviour and its value.
        CREATE TABLE sandbox.behaviours (
          environment text NOT NULL,
          rnc text NOT NULL,
          name text NOT NULL,
          value text NOT NULL,
          PRIMARY KEY (environment, rnc, name)
        );

        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sandbox TO fn_sandbox;
        """
    )
