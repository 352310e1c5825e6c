"""auth: keys of peers that sign their requests, and the nonces they have spent."""

from shared.db.migrations.sql import run

revision = "auth_0003"
down_revision = "auth_0002"
branch_labels = None
depends_on = None

DOORS = ("auth", "billing", "client", "ri")
"""Functions whose doors take signed requests; each spends and sees the nonces of the sealed tenant."""


def upgrade() -> None:
    roles = ", ".join(f"fn_{door}" for door in DOORS)
    others = ", ".join(f"fn_{door}" for door in DOORS if door != "auth")
    run(
        f"""
        ALTER TABLE auth.api_keys
          ADD COLUMN kind text NOT NULL DEFAULT 'oauth' CHECK (kind IN ('oauth', 'hmac')),
          ADD COLUMN sealed bytea,
          ALTER COLUMN secret_hash DROP NOT NULL,
          ADD CHECK ((kind = 'oauth') = (secret_hash IS NOT NULL)),
          ADD CHECK ((kind = 'hmac') = (sealed IS NOT NULL));
        CREATE VIEW flow.peers WITH (security_invoker = true) AS
          SELECT k.id, k.company, k.permissions, k.sealed, COALESCE(c.estado, 'activa') AS estado
          FROM auth.api_keys k LEFT JOIN auth.companies c ON c.id = k.company
          WHERE k.kind = 'hmac' AND k.revoked_at IS NULL AND k.expires_at > now();
        GRANT SELECT ON flow.peers TO {roles};
        GRANT SELECT (id, company, permissions, sealed, kind, revoked_at, expires_at) ON auth.api_keys TO {others};
        GRANT SELECT (id, estado) ON auth.companies TO {others};

        CREATE TABLE flow.nonces (
          tenant_id text NOT NULL,
          peer uuid NOT NULL,
          nonce text NOT NULL,
          spent_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, peer, nonce)
        );
        ALTER TABLE flow.nonces ENABLE ROW LEVEL SECURITY;
        ALTER TABLE flow.nonces FORCE ROW LEVEL SECURITY;
        GRANT SELECT, INSERT ON flow.nonces TO {roles};
        """
    )
    for door in DOORS:
        rule = "tenant_id = (SELECT tenancy.current_tenant())"
        run(f"CREATE POLICY nonces_{door} ON flow.nonces TO fn_{door} USING ({rule}) WITH CHECK ({rule})")
