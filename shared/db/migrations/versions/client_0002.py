"""client: cut-over, chain and revocation of certificates, the persons who may sign, and the uploads that were tried."""

from shared.db.migrations.sql import run, tenant_table

revision = "client_0002"
down_revision = "client_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE client.certificates
          ADD COLUMN fingerprint text NOT NULL DEFAULT '',
          ADD COLUMN chain jsonb NOT NULL DEFAULT '[]',
          ADD COLUMN active_from timestamptz,
          ADD COLUMN revoked_at timestamptz,
          ADD COLUMN revoked_by text,
          ADD COLUMN revoked_because text;
        UPDATE client.certificates SET active_from = created_at;
        ALTER TABLE client.certificates ALTER COLUMN active_from SET NOT NULL;
        CREATE TABLE client.signers (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          cedula text NOT NULL,
          name text NOT NULL,
          authorised boolean NOT NULL DEFAULT true,
          version integer NOT NULL DEFAULT 1,
          changed_by text NOT NULL,
          changed_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, cedula)
        );
        -- Who holds a certificate already was authorised by its upload; sign's own migration reads its copies the same way.
        INSERT INTO client.signers (tenant_id, id, cedula, name, changed_by)
        SELECT DISTINCT ON (tenant_id, cedula) tenant_id, gen_random_uuid(), cedula, holder_name, uploaded_by
        FROM (SELECT *, regexp_replace(holder_id, '^.*-', '') AS cedula FROM client.certificates) AS held
        WHERE cedula ~ '^([0-9]{9}|[0-9]{11})$' ORDER BY tenant_id, cedula, created_at;
        CREATE TABLE client.uploads (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          tried_at timestamptz NOT NULL DEFAULT now(),
          tried_by text NOT NULL,
          PRIMARY KEY (tenant_id, id)
        );
        CREATE INDEX uploads_recent ON client.uploads (tenant_id, tried_at);
        """
    )
    tenant_table("client.signers", "fn_client")
    tenant_table("client.uploads", "fn_client", grants="SELECT, INSERT")
