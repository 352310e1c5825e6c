"""auth: people, what they may do for which company, their sessions. All are looked up before the tenant is known."""

from shared.db.migrations.sql import run

revision = "auth_0001"
down_revision = None
branch_labels = ("auth",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE auth.users (
          id uuid PRIMARY KEY,
          email text NOT NULL UNIQUE CHECK (email = lower(email)),
          name text NOT NULL,
          password_hash text,
          created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE auth.grants (
          user_id uuid NOT NULL REFERENCES auth.users,
          company text NOT NULL,
          role text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (user_id, company)
        );
        CREATE TABLE auth.sessions (
          id uuid PRIMARY KEY,
          user_id uuid NOT NULL REFERENCES auth.users,
          company text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          expires_at timestamptz NOT NULL,
          revoked_at timestamptz
        );
        CREATE TABLE auth.invitations (
          token_hash text PRIMARY KEY,
          user_id uuid NOT NULL REFERENCES auth.users,
          expires_at timestamptz NOT NULL,
          used_at timestamptz
        );
        GRANT SELECT, INSERT, UPDATE ON auth.users, auth.grants, auth.sessions, auth.invitations TO fn_auth;
        """
    )
