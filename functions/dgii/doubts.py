"""After a restore: what this database believes unsent, or has yet to hear of, may have arrived at DGII."""

from shared.db.engine import Transaction

_DOUBT = """
WITH doubted AS (
  INSERT INTO dgii.doubts (tenant_id, at)
  SELECT tenant_id, now() FROM dgii.companies WHERE CAST(:only AS text) IS NULL OR tenant_id = :only
  ON CONFLICT (tenant_id) DO UPDATE SET at = excluded.at
), moved AS (
  UPDATE dgii.submissions SET estado = 'desconocido', version = version + 1
  WHERE estado = 'pendiente' AND (CAST(:only AS text) IS NULL OR tenant_id = :only)
  RETURNING tenant_id, encf, intento, estado, sha256
), noted AS (
  INSERT INTO dgii.evidence (tenant_id, id, encf, intento, sha256, step, estado, detail)
  SELECT tenant_id, gen_random_uuid(), encf, intento, sha256, 'restore', estado, 'it may have been sent since the backup' FROM moved
)
SELECT count(*) AS n FROM moved
"""


def doubt(tx: Transaction, only: str | None) -> int:
    """What is here is asked for before it is sent, as is what was signed before now and comes later; how many are here.

    Of `only` that company, or in an administrator's transaction of all.
    """
    return int(tx.rows(_DOUBT, only=only)[0].n)
