"""Platform people's door: companies."""

from typing import Annotated, Any

from fastapi import Depends, Query

from functions.admin import domain, store
from functions.admin.schemas import CompanyIn, CompanyOut, CompanyPage, CompanyRow
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import NotFound
from shared.events.catalogue import CompanyCreated
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

House = Annotated[Shell[None], Depends(shell_of)]


def create(body: CompanyIn, caller: Caller, shell: House) -> CompanyOut:
    company_id = uuid7()
    owner = body.owner.model_dump()
    row: dict[str, Any] = body.model_dump(exclude={"owner"}) | {
        "owner_email": owner["email"].lower(),
        "owner_name": owner["name"],
    }
    # The new company's own context: from its first fact on, everything about it is in its own log.
    with shell.transaction(company_id) as tx:
        store.insert(tx, row | {"id": company_id, "created_by": caller.user})
        shell.announce(tx, CompanyCreated(**row), subject=company_id)
        company = store.find(tx, company_id)
    assert company is not None
    return _out(company, domain.CONSUMERS)


def show(company_id: str, caller: Caller, shell: House) -> CompanyOut:
    with shell.transaction(PLATFORM) as tx:
        company = store.find(tx, company_id)
    if company is None:
        raise NotFound
    with shell.transaction(company.id) as tx:
        seen = store.seen_by(tx, company.id)
    return _out(company, domain.waiting_for(seen))


def listing(
    caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> CompanyPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(PLATFORM) as tx:
        companies = store.page(tx, before=before, limit=limit + 1)
    following = seal_cursor(companies[limit - 1].id, caller.tenant) if len(companies) > limit else None
    return CompanyPage(items=[_row(c) for c in companies[:limit]], next=following)


def _row(company: domain.Company) -> CompanyRow:
    return CompanyRow(
        id=company.id,
        rnc=company.rnc,
        environment=company.environment,
        razon_social=company.razon_social,
        status=company.status,
        created_at=company.created_at.isoformat(),
    )


def _out(company: domain.Company, waiting: tuple[str, ...]) -> CompanyOut:
    return CompanyOut(**_row(company).model_dump(), ready=not waiting, waiting_for=list(waiting))


ROUTES = [
    Route("POST", "/admin/companies", create, Permission.COMPANIES_WRITE, status=201, summary="Create a company"),
    Route("GET", "/admin/companies", listing, Permission.COMPANIES_READ, summary="List companies, newest first"),
    Route("GET", "/admin/companies/{company_id}", show, Permission.COMPANIES_READ, summary="One company, and whether it is ready"),
]
