"""notify: the mails, without what they said."""

from shared.db.migrations.sql import run

revision = "notify_0001"
down_revision = None
branch_labels = ("notify",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE notify.mails (
          id uuid PRIMARY KEY,
          kind text NOT NULL,
          person_id text NOT NULL,
          company text,
          asked_at timestamptz NOT NULL,
          state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'expired', 'failed')),
          reason text,
          address text,
          message_id text,
          attempts int NOT NULL DEFAULT 0,
          ended_at timestamptz
        );
        GRANT SELECT, INSERT, UPDATE ON notify.mails TO fn_notify;
        """
    )
