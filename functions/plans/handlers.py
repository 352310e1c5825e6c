"""The tenant's door to its plan, billing's fee preview, and the charge of each accepted document."""

from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Query

from functions.plans import domain, store
from functions.plans.schemas import ChargeOut, ChargePage, PlanOut, PreviewIn, PreviewOut
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.errors import Unavailable
from shared.events.catalogue import ChargeRecorded, CompanyCreated, EcfAccepted, EcfAcceptedConditionally, EcfOutcome
from shared.events.envelope import Envelope
from shared.http.events import Events
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Functions, Route, ServiceCaller, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

House = Annotated[Shell[None], Depends(shell_of)]


class CompanyNotReady(Unavailable):
    """The company's creation has not arrived here yet."""

    slug = "company-not-ready"


def current(caller: Caller, shell: House) -> PlanOut:
    plan = _plan(shell, caller.tenant)
    return PlanOut(plan=plan.name, kind=plan.kind, percentage=str(plan.percentage), minimum=str(plan.minimum))


def preview(body: PreviewIn, caller: Caller, shell: House) -> PreviewOut:
    return _preview(shell, caller.tenant, body)


def fee(body: PreviewIn, caller: ServiceCaller, shell: House) -> PreviewOut:
    """The same for billing, whose caller need not be allowed to read plans."""
    return _preview(shell, caller.tenant, body)


def _preview(shell: Shell[None], tenant: str, body: PreviewIn) -> PreviewOut:
    plan, base = _plan(shell, tenant), Decimal(body.monto_total)
    return PreviewOut(plan=plan.name, base=str(base), fee=str(plan.fee(base)))


def charges(
    caller: Caller,
    shell: House,
    invoice_id: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> ChargePage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = store.page(tx, invoice_id=invoice_id, before=before, limit=limit + 1)
    items = [
        ChargeOut(
            id=r.id,
            invoice_id=r.invoice_id,
            encf=r.encf,
            plan=r.plan,
            base=str(r.base),
            fee=str(r.fee),
            charged_at=r.charged_at.isoformat(),
        )
        for r in rows[:limit]
    ]
    return ChargePage(items=items, next=seal_cursor(items[-1].id, caller.tenant) if len(rows) > limit else None)


def on_company_created(shell: Shell[None], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
    store.subscribe(tx, event.plan)


def on_accepted(shell: Shell[None], tx: Transaction, event: EcfOutcome, envelope: Envelope) -> None:
    plan = store.plan_of(tx)
    if plan is None:
        raise CompanyNotReady
    base, charge_id = Decimal(event.monto_total), uuid7()
    fee = plan.fee(base)
    if store.charge(tx, charge_id=charge_id, invoice_id=event.invoice_id, encf=event.encf, plan=plan.name, base=base, fee=fee):
        recorded = ChargeRecorded(
            charge_id=charge_id, invoice_id=event.invoice_id, encf=event.encf, plan=plan.name, base=str(base), fee=str(fee)
        )
        shell.announce(tx, recorded, subject=charge_id)


def _plan(shell: Shell[None], tenant: str) -> domain.Plan:
    with shell.transaction(tenant) as tx:
        plan = store.plan_of(tx)
    if plan is None:
        raise CompanyNotReady
    return plan


ROUTES = [
    Route("GET", "/tenant/plans/current", current, Permission.PLANS_READ, summary="The company's plan"),
    Route("POST", "/tenant/plans/preview", preview, Permission.PLANS_READ, summary="What a document would cost"),
    Route("POST", "/plans/fee", fee, Functions(frozenset({"billing"})), summary="The same preview, for billing"),
    Route("GET", "/tenant/plans/charges", charges, Permission.PLANS_READ, summary="What was charged, newest first"),
]

EVENTS: Events = {
    CompanyCreated: on_company_created,
    EcfAccepted: on_accepted,
    EcfAcceptedConditionally: on_accepted,
}
