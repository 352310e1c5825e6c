"""audit: one chain of SHA-512 a tenant over the outbox. Records are only ever added."""

from shared.db.migrations.sql import run, tenant_table

revision = "audit_0001"
down_revision = None
branch_labels = ("audit",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE audit.heads (
          tenant_id text PRIMARY KEY,
          seq bigint NOT NULL,
          hash text NOT NULL,
          sealed_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE audit.records (
          tenant_id text NOT NULL,
          seq bigint NOT NULL,
          event_id uuid NOT NULL,
          record text NOT NULL,
          hash_prev text NOT NULL,
          hash_curr text NOT NULL,
          sealed_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, seq),
          UNIQUE (tenant_id, event_id)
        );
        """
    )
    tenant_table("audit.heads", "fn_audit")
    tenant_table("audit.records", "fn_audit", grants="SELECT, INSERT")
