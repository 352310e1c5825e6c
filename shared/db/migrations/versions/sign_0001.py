"""sign: read copies of what a document must agree with, and the log of every signature."""

from shared.db.migrations.sql import run, tenant_table

revision = "sign_0001"
down_revision = None
branch_labels = ("sign",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE sign.companies (
          tenant_id text PRIMARY KEY,
          rnc text NOT NULL,
          environment text NOT NULL
        );
        CREATE TABLE sign.ranges (
          tenant_id text NOT NULL,
          sequence_id uuid NOT NULL,
          tipo_ecf smallint NOT NULL,
          desde bigint NOT NULL,
          hasta bigint NOT NULL,
          vencimiento date,
          PRIMARY KEY (tenant_id, sequence_id)
        );
        CREATE TABLE sign.certificates (
          tenant_id text NOT NULL,
          certificate_id uuid NOT NULL,
          holder_id text NOT NULL,
          certificate_pem text NOT NULL,
          secret_name text NOT NULL,
          not_before timestamptz NOT NULL,
          not_after timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, certificate_id)
        );
        CREATE TABLE sign.signatures (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          caller text NOT NULL,
          purpose text NOT NULL,
          certificate_id uuid NOT NULL,
          encf text,
          unsigned_sha256 text NOT NULL,
          signed_sha256 text NOT NULL,
          signed_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, id)
        );
        CREATE INDEX signatures_of_encf ON sign.signatures (tenant_id, encf);
        """
    )
    for table in ("companies", "ranges", "certificates"):
        tenant_table(f"sign.{table}", "fn_sign")
    tenant_table("sign.signatures", "fn_sign", grants="SELECT, INSERT")
