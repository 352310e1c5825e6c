"""Read what is behind the doors, as an administrator of the database."""

from tests.reliability.checker import Facts, Invoice, Received, Step
from tests.reliability.platform import Platform

_INVOICES = """
SELECT i.tenant_id, k.key, i.rnc_emisor, i.sequence_id::text, i.tipo_ecf, i.secuencia, i.intento, i.encf, i.estado,
  encode(sha256(s.xml), 'hex'),
  (SELECT count(*) FROM plans.charges c WHERE c.tenant_id = i.tenant_id AND c.invoice_id = i.id)
FROM billing.invoices i
LEFT JOIN billing.idempotency k ON k.tenant_id = i.tenant_id AND k.invoice_id = i.id
LEFT JOIN dgii.submissions s ON s.tenant_id = i.tenant_id AND s.encf = i.encf AND s.intento = i.intento
WHERE i.estado <> 'sin_usar'
"""
_RECEIVED = "SELECT rnc, encf, sha256, codigo IN (1, 4) FROM sandbox.submissions"
_EVIDENCE = "SELECT tenant_id, encf, step, detail FROM dgii.evidence ORDER BY at, id"
_PENDING = """
SELECT tenant_id, count(*) FROM (
  SELECT tenant_id FROM flow.outbox WHERE sent_at IS NULL
  UNION ALL SELECT tenant_id FROM flow.work WHERE state <> 'done' AND kind <> 'forecast' AND function IN ('billing', 'dgii')
) AS waiting GROUP BY 1
"""


def look(platform: Platform) -> Facts:
    """Everything, now."""
    return Facts(
        [Invoice(*row) for row in platform.ask(_INVOICES)],
        [Received(*row) for row in platform.ask(_RECEIVED)],
        [Step(*row) for row in platform.ask(_EVIDENCE)],
        dict(platform.ask(_PENDING)),
    )
