"""sandbox: in how many of the calls it met a behaviour played."""

from shared.db.migrations.sql import run

revision = "sandbox_0003"
down_revision = "sandbox_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run("ALTER TABLE sandbox.behaviours ADD COLUMN plays bigint NOT NULL DEFAULT 0;")
