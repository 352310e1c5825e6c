"""dgii: a submission that was withdrawn before anything left, and since when what was signed before is in doubt."""

from shared.db.migrations.sql import run, tenant_table

revision = "dgii_0005"
down_revision = "dgii_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        ALTER TABLE dgii.submissions DROP CONSTRAINT submissions_estado_check;
        ALTER TABLE dgii.submissions ADD CONSTRAINT submissions_estado_check CHECK (estado IN ('pendiente', 'enviando', 'enviado',
          'en_proceso', 'aceptado', 'aceptado_condicional', 'rechazado', 'desconocido', 'retirado'));
        CREATE TABLE dgii.doubts (
          tenant_id text PRIMARY KEY,
          at timestamptz NOT NULL
        );
        """
    )
    tenant_table("dgii.doubts", "fn_dgii")
