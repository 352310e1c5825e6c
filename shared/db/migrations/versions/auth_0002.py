"""auth: roles and their permissions, time-boxed grants, refresh families, second factors, failures, keys of programs."""

from shared.db.migrations.sql import run, tenant_table

revision = "auth_0002"
down_revision = "auth_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE auth.users
          ADD COLUMN disabled_at timestamptz,
          ADD COLUMN password_set_at timestamptz;
        ALTER TABLE auth.grants
          ADD COLUMN expires_at timestamptz,
          ADD COLUMN granted_by uuid,
          ADD COLUMN reason text,
          ADD COLUMN accepted_at timestamptz,
          ADD COLUMN ended_at timestamptz;
        ALTER TABLE auth.sessions
          ADD COLUMN generation int NOT NULL DEFAULT 0,
          ADD COLUMN rotated_at timestamptz NOT NULL DEFAULT now(),
          ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT now(),
          ADD COLUMN methods text[] NOT NULL DEFAULT '{pwd}',
          ADD COLUMN address text,
          ADD COLUMN agent text,
          ADD COLUMN ended_because text;
        CREATE INDEX ON auth.sessions (user_id) WHERE revoked_at IS NULL;
        ALTER TABLE auth.invitations
          ADD COLUMN purpose text NOT NULL DEFAULT 'invitation',
          ADD COLUMN company text,
          ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();
        CREATE TABLE auth.companies (
          id text PRIMARY KEY,
          razon_social text NOT NULL,
          environment text NOT NULL,
          estado text NOT NULL DEFAULT 'activa',
          estado_version int NOT NULL DEFAULT 1,
          name_version int NOT NULL DEFAULT 1
        );
        CREATE TABLE auth.support (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          user_id uuid NOT NULL,
          reason text NOT NULL,
          started_at timestamptz NOT NULL DEFAULT now(),
          until timestamptz NOT NULL,
          ended_at timestamptz,
          because text,
          PRIMARY KEY (tenant_id, id)
        );
        CREATE TABLE auth.permissions (
          name text PRIMARY KEY,
          scope text NOT NULL
        );
        CREATE TABLE auth.roles (
          company text NOT NULL,
          name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{1,39}$'),
          scope text NOT NULL,
          title text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          ended_at timestamptz,
          PRIMARY KEY (company, name)
        );
        CREATE TABLE auth.role_permissions (
          company text NOT NULL,
          role text NOT NULL,
          permission text NOT NULL REFERENCES auth.permissions,
          granted boolean NOT NULL DEFAULT true,
          PRIMARY KEY (company, role, permission),
          FOREIGN KEY (company, role) REFERENCES auth.roles
        );
        CREATE TABLE auth.second_factors (
          user_id uuid PRIMARY KEY REFERENCES auth.users,
          secret bytea NOT NULL,
          confirmed_at timestamptz,
          last_step bigint NOT NULL DEFAULT 0
        );
        CREATE TABLE auth.recovery_codes (
          user_id uuid NOT NULL REFERENCES auth.users,
          code_hash text NOT NULL,
          used_at timestamptz,
          PRIMARY KEY (user_id, code_hash)
        );
        CREATE TABLE auth.challenges (
          token_hash text PRIMARY KEY,
          user_id uuid NOT NULL REFERENCES auth.users,
          company text NOT NULL,
          expires_at timestamptz NOT NULL,
          used_at timestamptz
        );
        CREATE TABLE auth.failures (
          account text NOT NULL,
          network text NOT NULL,
          count int NOT NULL,
          since timestamptz NOT NULL,
          PRIMARY KEY (account, network)
        );
        CREATE TABLE auth.api_keys (
          id uuid PRIMARY KEY,
          company text NOT NULL,
          name text NOT NULL,
          secret_hash text NOT NULL,
          permissions text[] NOT NULL,
          created_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          expires_at timestamptz NOT NULL,
          last_used_at timestamptz,
          revoked_at timestamptz,
          halted_at timestamptz,
          successor uuid
        );
        CREATE INDEX ON auth.api_keys (company);
        CREATE VIEW flow.live_sessions WITH (security_invoker = true) AS
          SELECT s.id FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
            WHERE s.revoked_at IS NULL AND s.expires_at > now() AND u.disabled_at IS NULL
          UNION ALL SELECT id FROM auth.api_keys WHERE revoked_at IS NULL AND halted_at IS NULL AND expires_at > now();
        GRANT SELECT, INSERT, UPDATE ON auth.companies, auth.second_factors, auth.challenges, auth.failures, auth.api_keys
          TO fn_auth;
        GRANT SELECT ON flow.live_sessions TO fn_admin, fn_audit, fn_auth, fn_billing, fn_client, fn_notify,
          fn_plans, fn_relay, fn_ri;
        GRANT SELECT (id, revoked_at, expires_at) ON auth.sessions, auth.api_keys
          TO fn_admin, fn_audit, fn_billing, fn_client, fn_notify, fn_plans, fn_relay, fn_ri;
        GRANT SELECT (user_id) ON auth.sessions
          TO fn_admin, fn_audit, fn_billing, fn_client, fn_notify, fn_plans, fn_relay, fn_ri;
        GRANT SELECT (id, disabled_at) ON auth.users
          TO fn_admin, fn_audit, fn_billing, fn_client, fn_notify, fn_plans, fn_relay, fn_ri;
        GRANT SELECT (halted_at) ON auth.api_keys
          TO fn_admin, fn_audit, fn_billing, fn_client, fn_notify, fn_plans, fn_relay, fn_ri;
        GRANT SELECT ON auth.permissions TO fn_auth;
        GRANT SELECT, INSERT, UPDATE ON auth.roles, auth.role_permissions, auth.recovery_codes TO fn_auth;
        """
    )
    tenant_table("auth.support", "fn_auth")
    run(
        """
        INSERT INTO auth.permissions (name, scope) VALUES
          ('api-keys.read', 'TENANT'), ('api-keys.write', 'TENANT'), ('audit.read', 'TENANT'),
          ('certificates.read', 'TENANT'), ('certificates.write', 'TENANT'), ('companies.read', 'PLATFORM'),
          ('companies.close', 'PLATFORM'),
          ('companies.write', 'PLATFORM'), ('dead-letters.read', 'PLATFORM'), ('dead-letters.replay', 'PLATFORM'),
          ('ecf.emit', 'TENANT'), ('invitations.write', 'PLATFORM'), ('invoices.read', 'TENANT'),
          ('mails.read', 'PLATFORM'), ('metrics.read', 'PLATFORM'), ('plans.read', 'TENANT'), ('printed.read', 'TENANT'),
          ('printed.write', 'TENANT'),
          ('profile.read', 'TENANT'), ('roles.write', 'TENANT'), ('sequences.read', 'TENANT'),
          ('sequences.write', 'TENANT'), ('staff.read', 'PLATFORM'), ('staff.write', 'PLATFORM'),
          ('support.access', 'PLATFORM'), ('users.read', 'TENANT'), ('users.write', 'TENANT');
        INSERT INTO auth.roles (company, name, scope, title) VALUES
          ('*', 'platform_admin', 'PLATFORM', 'Administrador de la plataforma'),
          ('*', 'support', 'PLATFORM', 'Soporte'), ('*', 'owner', 'TENANT', 'Dueño'),
          ('*', 'accountant', 'TENANT', 'Contador'), ('*', 'issuer', 'TENANT', 'Emisor'),
          ('*', 'approver', 'TENANT', 'Aprobador'), ('*', 'auditor', 'TENANT', 'Auditor'),
          ('*', 'integrator', 'TENANT', 'Integrador'),
          ('*', 'support_reader', 'TENANT', 'Soporte (solo lectura)');
        """
    )
    for role, permissions in _SEEDED.items():
        granted = ", ".join(f"('*', '{role}', '{permission}')" for permission in permissions.split())
        run(f"INSERT INTO auth.role_permissions (company, role, permission) VALUES {granted}")


# `*` is every company's. As of this migration; later ones add rows, and a contract test compares with the catalogue in code.
_SEEDED = {
    "platform_admin": (
        "companies.close companies.read companies.write dead-letters.read dead-letters.replay invitations.write mails.read "
        "metrics.read profile.read staff.read staff.write support.access"
    ),
    "support": "companies.read dead-letters.read mails.read metrics.read profile.read support.access",
    "owner": (
        "api-keys.read api-keys.write audit.read certificates.read certificates.write ecf.emit invoices.read "
        "plans.read printed.read printed.write profile.read roles.write sequences.read sequences.write users.read users.write"
    ),
    "accountant": "audit.read certificates.read invoices.read plans.read printed.read profile.read sequences.read",
    "issuer": "ecf.emit invoices.read printed.read profile.read sequences.read",
    "approver": "invoices.read printed.read profile.read",
    "auditor": (
        "api-keys.read audit.read certificates.read invoices.read plans.read printed.read profile.read sequences.read users.read"
    ),
    "support_reader": (
        "api-keys.read audit.read certificates.read invoices.read plans.read printed.read profile.read sequences.read users.read"
    ),
    "integrator": "api-keys.read ecf.emit invoices.read printed.read profile.read sequences.read",
}
