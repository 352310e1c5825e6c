"""dgii: the alarm that stands for a document, the hash of what each step was about, and the signers that DGII refuses."""

from shared.db.migrations.sql import run, tenant_table

revision = "dgii_0004"
down_revision = "dgii_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE dgii.submissions ADD COLUMN alarmed text;
        ALTER TABLE dgii.evidence ADD COLUMN sha256 text;
        CREATE TABLE dgii.blocks (
          tenant_id text NOT NULL,
          environment text NOT NULL,
          certificate_id uuid NOT NULL,
          reason text NOT NULL,
          since timestamptz NOT NULL,
          until timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, environment, certificate_id)
        );
        """
    )
    tenant_table("dgii.blocks", "fn_dgii")
