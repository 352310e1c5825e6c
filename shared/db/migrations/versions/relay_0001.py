"""relay: dead letters, kept until somebody replays them."""

from shared.db.migrations.sql import run

revision = "relay_0001"
down_revision = None
branch_labels = ("relay",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE relay.dead_letters (
          id uuid PRIMARY KEY,
          company text NOT NULL,
          event_source text NOT NULL,
          event_id text NOT NULL,
          type text NOT NULL,
          destination text NOT NULL,
          code integer,
          reason text,
          headers jsonb NOT NULL,
          body bytea NOT NULL,
          received_at timestamptz NOT NULL DEFAULT now(),
          replayed_at timestamptz,
          UNIQUE (event_source, event_id, destination)
        );
        GRANT SELECT, INSERT, UPDATE ON relay.dead_letters TO fn_relay;
        """
    )
