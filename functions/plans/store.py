"""plans' tables and all its SQL."""

from decimal import Decimal

from functions.plans.domain import Plan, PlanUnknown
from shared.db.engine import Record, Transaction

_PLAN = """
SELECT p.name, p.kind, p.percentage, p.minimum FROM plans.subscriptions s JOIN plans.plans p ON p.name = s.plan
WHERE s.tenant_id = :tenant
"""
_SUBSCRIBE = """
INSERT INTO plans.subscriptions (tenant_id, plan) SELECT :tenant, name FROM plans.plans WHERE name = :plan
ON CONFLICT DO NOTHING RETURNING 1
"""
_CHARGE = """
INSERT INTO plans.charges (tenant_id, id, invoice_id, encf, plan, base, fee)
VALUES (:tenant, CAST(:id AS uuid), CAST(:invoice AS uuid), :encf, :plan, :base, :fee)
ON CONFLICT (tenant_id, invoice_id) DO NOTHING RETURNING 1
"""
_PAGE = """
SELECT id::text AS id, invoice_id::text AS invoice_id, encf, plan, base, fee, charged_at FROM plans.charges
WHERE tenant_id = :tenant AND (CAST(:invoice AS uuid) IS NULL OR invoice_id = CAST(:invoice AS uuid))
  AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))
ORDER BY id DESC LIMIT :limit
"""


def plan_of(tx: Transaction) -> Plan | None:
    """The tenant's plan; None until its creation has arrived here."""
    row = tx.row(_PLAN, tenant=tx.tenant)
    return Plan(row.name, row.kind, row.percentage, row.minimum) if row else None


def subscribe(tx: Transaction, plan: str) -> None:
    """The first subscription stands; PlanUnknown for a name nobody sells."""
    if not tx.rows(_SUBSCRIBE, tenant=tx.tenant, plan=plan) and plan_of(tx) is None:
        raise PlanUnknown(plan=plan)


def charge(tx: Transaction, *, charge_id: str, invoice_id: str, encf: str, plan: str, base: Decimal, fee: Decimal) -> bool:
    """One charge an invoice, ever; False when it is there already."""
    return bool(tx.rows(_CHARGE, tenant=tx.tenant, id=charge_id, invoice=invoice_id, encf=encf, plan=plan, base=base, fee=fee))


def page(tx: Transaction, *, invoice_id: str | None, before: str | None, limit: int) -> list[Record]:
    """Charges, newest first."""
    return list(tx.rows(_PAGE, tenant=tx.tenant, invoice=invoice_id, before=before, limit=limit))
