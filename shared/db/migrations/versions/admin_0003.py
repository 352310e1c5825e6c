"""admin: since when DGII lets a company send its documents later (Decreto 587-24 art. 39)."""

from shared.db.migrations.sql import run

revision = "admin_0003"
down_revision = "admin_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run("ALTER TABLE admin.companies ADD COLUMN envio_diferido date")
