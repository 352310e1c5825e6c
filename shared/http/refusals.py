"""A 403 to somebody the door knows is a fact that audit keeps (security D-3): told here, for every route of every function."""

import logging
from typing import Any

from fastapi import Request

from shared.db.seal import is_tenant
from shared.errors import AppError, NotAllowed
from shared.events.access import AccessRefused
from shared.events.event import Event
from shared.http.routes import asker_of, shell_in
from shared.http.shell import Shell
from shared.identity.principal import TenantMismatch

log = logging.getLogger(__name__)


def tell(request: Request, refusal: NotAllowed) -> None:
    """Announce the refusal in the log of the asker's own tenant, once a minute for the same one, route and code.

    Whoever cannot be named is not told of, nor is anything by a function that announces nothing (sign, which people do not reach).
    """
    asker, shell = asker_of(request), shell_in(request)
    if asker is None or not shell.announcer.key.seed:
        return
    route = f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"
    told = AccessRefused(route=route, code=refusal.slug, named=_named(request, refusal))
    record(shell, asker.tenant, asker.name, told, route, refusal.slug)


def record(shell: Shell[Any], tenant: str, asker: str, told: Event, *same: str) -> None:
    """Announce a refusal in the tenant's log, once a minute for the `same` one. A database that is away changes nothing about the
    answer."""
    if not shell.refusals.is_new(tenant, asker, *same):
        return
    try:
        with shell.transaction(tenant) as tx:
            shell.announce(tx, told, subject=asker)
    except AppError:
        log.warning("a refusal could not be recorded", extra={"reason": told.type})


def _named(request: Request, refusal: NotAllowed) -> str | None:
    """The other tenant of a mismatch, when it reads like one: nothing else that a caller wrote enters the log."""
    if not isinstance(refusal, TenantMismatch):
        return None
    return next((name for name in request.headers.getlist("x-tenant-id") if is_tenant(name)), None)
