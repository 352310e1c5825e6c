"""sign: revoked certificates, the persons who may sign, and the security code of what was signed."""

from shared.db.migrations.sql import run, tenant_table

revision = "sign_0002"
down_revision = "sign_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE sign.certificates ADD COLUMN revoked_at timestamptz;
        ALTER TABLE sign.signatures ADD COLUMN codigo_seguridad text;
        CREATE TABLE sign.signers (
          tenant_id text NOT NULL,
          cedula text NOT NULL,
          authorised boolean NOT NULL,
          version integer NOT NULL,
          PRIMARY KEY (tenant_id, cedula)
        );
        INSERT INTO sign.signers (tenant_id, cedula, authorised, version)
        SELECT DISTINCT tenant_id, regexp_replace(holder_id, '^.*-', ''), true, 1 FROM sign.certificates;
        """
    )
    tenant_table("sign.signers", "fn_sign")
