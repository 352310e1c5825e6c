"""Platform people's door: companies and what becomes of them, figures; DGII's verdicts, to be counted."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Query

from functions.admin import domain, store
from functions.admin.domain import Act, Company
from functions.admin.schemas import (
    CompanyChange,
    CompanyCount,
    CompanyIn,
    CompanyOut,
    CompanyPage,
    CompanyRow,
    Metrics,
    Reason,
    Verdicts,
    Waiting,
    Warned,
)
from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.ecf.clock import fiscal_day
from shared.errors import FieldError, NotFound
from shared.events.catalogue import (
    CompanyCreated,
    EcfAccepted,
    EcfAcceptedConditionally,
    EcfOutcome,
    EcfOutcomeUnknown,
    EcfRejected,
)
from shared.events.companies import CompanyChanged, CompanyResumed, CompanySealed, CompanySuspended
from shared.events.envelope import Envelope
from shared.http.events import Events
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

House = Annotated[Shell[None], Depends(shell_of)]
PRINTED = ("razon_social", "nombre_comercial", "direccion", "municipio", "provincia", "telefono", "correo")
CHANGEABLE = (*PRINTED, "envio_diferido")


def create(body: CompanyIn, caller: Caller, shell: House) -> CompanyOut:
    warnings = domain.rnc_warnings(body.rnc, confirmed=body.confirm_rnc)
    if body.linked_to is not None:
        with shell.transaction(PLATFORM) as tx:
            domain.check_link(body.environment, body.rnc, store.find(tx, body.linked_to))
    company_id, owner = uuid7(), body.owner.model_dump()
    row: dict[str, Any] = body.model_dump(exclude={"owner", "confirm_rnc", "linked_to"}) | {
        "owner_email": owner["email"].lower(),
        "owner_name": owner["name"],
    }
    # The new company's own context: from its first fact on, everything about it is in its own log.
    with shell.transaction(company_id) as tx:
        store.insert(tx, row | {"id": company_id, "created_by": caller.user, "linked_to": body.linked_to})
        shell.announce(tx, CompanyCreated(**row), subject=company_id)
        company = store.find(tx, company_id)
    assert company is not None
    return _out(company, domain.CONSUMERS, warnings)


def show(company_id: str, caller: Caller, shell: House) -> CompanyOut:
    return _shown(shell, _find(shell, company_id))


def listing(
    caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> CompanyPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(PLATFORM) as tx:
        companies = store.page(tx, before=before, limit=limit + 1)
    following = seal_cursor(companies[limit - 1].id, caller.tenant) if len(companies) > limit else None
    return CompanyPage(items=[_row(c) for c in companies[:limit]], next=following)


def change(company_id: str, body: CompanyChange, caller: Caller, shell: House) -> CompanyOut:
    """What documents print and may say from now on; those that exist stay as they are."""
    with shell.transaction(_find(shell, company_id).id) as tx:
        company = _held(tx, company_id)
        domain.must_be_open(company.estado)
        before = {name: getattr(company, name) for name in CHANGEABLE}
        fields = before | body.model_dump(exclude_unset=True)
        if fields != before:
            version = store.change(tx, company_id, fields)
            since = fields["envio_diferido"]
            told = fields | {"envio_diferido": since.isoformat() if since else None}
            shell.announce(tx, CompanyChanged(rnc=company.rnc, **told, by=caller.user), subject=company_id, sequence=version)
            company = _held(tx, company_id)
    return _shown(shell, company)


def suspend(company_id: str, body: Reason, caller: Caller, shell: House) -> CompanyOut:
    return _act(shell, Act.SUSPEND, company_id, body.reason, caller.user)


def resume(company_id: str, body: Reason, caller: Caller, shell: House) -> CompanyOut:
    return _act(shell, Act.RESUME, company_id, body.reason, caller.user)


def seal(company_id: str, body: Reason, caller: Caller, shell: House) -> CompanyOut:
    """For good: there is no way back, and the keys of the company may be destroyed."""
    return _act(shell, Act.SEAL, company_id, body.reason, caller.user)


_FACTS = {Act.SUSPEND: CompanySuspended, Act.RESUME: CompanyResumed, Act.SEAL: CompanySealed}


def _act(shell: Shell[None], act: Act, company_id: str, reason: str, by: str) -> CompanyOut:
    """Once: a company that is there already stays as it was, and nothing is announced."""
    with shell.transaction(_find(shell, company_id).id) as tx:
        company = _held(tx, company_id)
        estado = domain.after(company.estado, act)
        if estado is not None:
            version = store.move(tx, company_id, estado, reason=reason, by=by)
            shell.announce(tx, _FACTS[act](reason=reason, by=by), subject=company_id, sequence=version)
            company = _held(tx, company_id)
    return _shown(shell, company)


def _find(shell: Shell[None], company_id: str) -> Company:
    with shell.transaction(PLATFORM) as tx:
        company = store.find(tx, company_id)
    if company is None:
        raise NotFound
    return company


def _held(tx: Transaction, company_id: str) -> Company:
    company = store.hold(tx, company_id)
    if company is None:
        raise NotFound
    return company


def _shown(shell: Shell[None], company: Company) -> CompanyOut:
    with shell.transaction(company.id) as tx:
        seen = store.seen_by(tx, company.id)
    return _out(company, domain.waiting_for(seen), [])


def _row(company: Company) -> CompanyRow:
    return CompanyRow(
        id=company.id,
        rnc=company.rnc,
        environment=company.environment,
        razon_social=company.razon_social,
        estado=company.estado.value,
        created_at=company.created_at.isoformat(),
    )


def _out(company: Company, waiting: tuple[str, ...], warnings: list[FieldError]) -> CompanyOut:
    return CompanyOut(
        **_row(company).model_dump() | {name: getattr(company, name) for name in CHANGEABLE},
        linked_to=company.linked_to,
        estado_reason=company.reason,
        estado_by=company.by,
        estado_since=company.since.isoformat() if company.since else None,
        ready=not waiting,
        waiting_for=list(waiting),
        warnings=[Warned(pointer=w.pointer, code=w.code, detail=w.detail) for w in warnings],
    )


def metrics(caller: Caller, shell: House) -> Metrics:
    today = fiscal_day(datetime.now(UTC))
    with shell.transaction(PLATFORM) as tx:
        companies = store.companies_by_state(tx)
        last_day, last_month = store.verdicts(tx, today, days=1), store.verdicts(tx, today, days=30)
        waiting = store.backlog(tx)
    return Metrics(
        day=today.isoformat(),
        companies=[CompanyCount(**row._mapping) for row in companies],
        today=Verdicts(**last_day),
        last_30_days=Verdicts(**last_month),
        backlog=[Waiting(function=row.name, due=row.due, dead=row.dead, letters=row.letters) for row in waiting],
    )


def on_verdict(verdict: str, shell: Shell[None], tx: Transaction, event: EcfOutcome, envelope: Envelope) -> None:
    store.count(tx, fiscal_day(datetime.fromisoformat(event.observed_at)), verdict)


ROUTES = [
    Route("POST", "/admin/companies", create, Permission.COMPANIES_WRITE, status=201, summary="Create a company"),
    Route("GET", "/admin/companies", listing, Permission.COMPANIES_READ, summary="List companies, newest first"),
    Route("GET", "/admin/companies/{company_id}", show, Permission.COMPANIES_READ, summary="One company, and whether it is ready"),
    Route(
        "PATCH", "/admin/companies/{company_id}", change, Permission.COMPANIES_WRITE, summary="What its documents print and may say"
    ),
    Route("POST", "/admin/companies/{company_id}/suspend", suspend, Permission.COMPANIES_CLOSE, summary="No emission, no log-in"),
    Route("POST", "/admin/companies/{company_id}/resume", resume, Permission.COMPANIES_CLOSE, summary="End a suspension"),
    Route("POST", "/admin/companies/{company_id}/seal", seal, Permission.COMPANIES_CLOSE, summary="Close it for good"),
    Route("GET", "/admin/metrics", metrics, Permission.METRICS_READ, summary="Companies, verdicts, what waits"),
]

EVENTS: Events = {
    EcfAccepted: partial(on_verdict, "aceptado"),
    EcfAcceptedConditionally: partial(on_verdict, "aceptado_condicional"),
    EcfRejected: partial(on_verdict, "rechazado"),
    EcfOutcomeUnknown: partial(on_verdict, "desconocido"),
}
