"""admin: companies, a platform table (it is read before any tenant is known)."""

from shared.db.migrations.sql import run

revision = "admin_0001"
down_revision = None
branch_labels = ("admin",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE admin.companies (
          id text PRIMARY KEY,
          rnc text NOT NULL CHECK (rnc ~ '^([0-9]{9}|[0-9]{11})$'),
          environment text NOT NULL CHECK (environment IN ('testecf', 'certecf', 'ecf')),
          razon_social text NOT NULL,
          nombre_comercial text,
          direccion text NOT NULL,
          municipio text,
          provincia text,
          telefono text,
          correo text,
          plan text NOT NULL,
          owner_email text NOT NULL,
          owner_name text NOT NULL,
          status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'sealed')),
          created_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE UNIQUE INDEX companies_active ON admin.companies (environment, rnc) WHERE status <> 'sealed';
        GRANT SELECT, INSERT, UPDATE ON admin.companies TO fn_admin;

        -- Published view: which consumers have seen which fact. Readers: admin (is a new company ready?).
        CREATE VIEW flow.seen WITH (security_invoker = true) AS SELECT tenant_id, consumer, source, id FROM flow.inbox;
        CREATE POLICY inbox_admin_reads ON flow.inbox FOR SELECT TO fn_admin
          USING (tenant_id = (SELECT tenancy.current_tenant()));
        GRANT SELECT ON flow.seen TO fn_admin;
        """
    )
