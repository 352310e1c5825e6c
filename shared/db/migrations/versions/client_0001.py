"""client: what is known of the tenants' signing certificates; the keys themselves are in the secrets store."""

from shared.db.migrations.sql import run, tenant_table

revision = "client_0001"
down_revision = None
branch_labels = ("client",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE client.certificates (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          holder_name text NOT NULL,
          holder_id text NOT NULL,
          serial_number text NOT NULL,
          issuer text NOT NULL,
          not_before timestamptz NOT NULL,
          not_after timestamptz NOT NULL,
          secret_name text NOT NULL,
          uploaded_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, id)
        );
        """
    )
    tenant_table("client.certificates", "fn_client")
