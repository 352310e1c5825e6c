"""A route says who may call it: a permission, named functions, or the public (with the reason why)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from shared.errors import TooLarge
from shared.flow.sealing import refuse_when_behind
from shared.http.json_body import JsonRoute
from shared.http.peer import address_of, network
from shared.http.shell import Shell
from shared.identity.limits import Class
from shared.identity.peers import PeerRefused, Signed, is_signed
from shared.identity.permissions import Permission, Scope
from shared.identity.principal import WAITS_FOR_SEAL, Principal, cross_check, principal_of
from shared.identity.revocations import is_live
from shared.identity.tokens import ServiceClaims, TokenRefused, verify_service_token
from shared.telemetry.logs import tenant_of_this_task


@dataclass(frozen=True)
class Public:
    """Anybody may call; `reason` is read by people who review the table. `counted`: by network, for doors the world reaches."""

    reason: str
    counted: bool = False


@dataclass(frozen=True)
class Functions:
    """Only these functions of ours may call, each with its service token."""

    names: frozenset[str]


BODY_LIMIT = 2 * 1024 * 1024
JSON = "application/json"


@dataclass(frozen=True)
class Route:
    """One line of a function's table.

    `media` is what its answer is made of, JSON unless said. A `body_limit` of its own is for a route that streams its body to
    disk.
    """

    method: str
    path: str
    endpoint: Callable[..., Any]
    access: Permission | Public | Functions
    status: int = 200
    summary: str = ""
    openapi: dict[str, Any] | None = None
    body_limit: int = BODY_LIMIT
    media: str = JSON


def shell_in(request: Request) -> Shell[Any]:
    """The shell of the function that was asked."""
    shell: Shell[Any] = request.app.state.shell
    return shell


async def shell_of(request: Request) -> Shell[Any]:
    """The same for `Depends`: what is not async would go to the pool of threads and back for it."""
    return shell_in(request)


async def raw_body(request: Request) -> bytes:
    """The whole body, or TooLarge as soon as it passes the limit."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise TooLarge(limit=BODY_LIMIT)
        chunks.append(chunk)
    return b"".join(chunks)


@dataclass(frozen=True)
class Asker:
    """Who proved to be behind the request, for the facts that are told of it."""

    name: str
    tenant: str


def asker_of(request: Request) -> Asker | None:
    """None while nobody has proved anything."""
    asker: Asker | None = getattr(request.state, "asker", None)
    return asker


def bearer_of(request: Request) -> Principal:
    """The person or program behind the token; TenantMismatch when X-Tenant-ID does not say the same."""
    principal = principal_of(request.headers, shell_in(request).user_keys)
    _proved(request, Asker(principal.user, principal.tenant))
    return principal


def _proved(request: Request, asker: Asker) -> None:
    request.state.asker = asker
    tenant_of_this_task.set(asker.tenant)
    cross_check(asker.tenant, request.headers.getlist("x-tenant-id"))


async def current_principal(request: Request) -> Principal:
    """The person, ERP or peer behind the request; verified once a request."""
    shell = shell_in(request)
    if not is_signed(request.headers.get("authorization", "")):
        return bearer_of(request)
    if shell.peers is None:
        raise PeerRefused
    principal = await run_in_threadpool(shell.peers.admit, await _signed(request))
    _proved(request, Asker(principal.user, principal.tenant))
    return principal


async def _signed(request: Request) -> Signed:
    """The request with its whole body, which must say its length: what is signed is read before it is worked."""
    length = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers or not length.isascii() or not length.isdigit():
        raise PeerRefused
    if int(length) > BODY_LIMIT:
        raise TooLarge(limit=BODY_LIMIT)
    path = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    query = request.scope["query_string"]
    target = (path + b"?" + query if query else path).decode("latin-1")
    return Signed(request.method, target, request.headers.items(), await request.body())


async def current_caller(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> ServiceClaims:
    """The function of ours behind the request."""
    shell = shell_in(request)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise TokenRefused
    claims = verify_service_token(token.strip(), shell.function_keys, audience=shell.name, body=body)
    _proved(request, Asker(f"function:{claims.caller}", claims.tenant))
    return claims


Body = Annotated[bytes, Depends(raw_body)]
Caller = Annotated[Principal, Depends(current_principal)]
ServiceCaller = Annotated[ServiceClaims, Depends(current_caller)]


def router(routes: list[Route]) -> APIRouter:
    """The table as a FastAPI router; every line brings its access check."""
    made = APIRouter(route_class=JsonRoute)
    for route in routes:
        made.add_api_route(
            route.path,
            route.endpoint,
            methods=[route.method],
            status_code=route.status,
            summary=route.summary or None,
            dependencies=[Depends(check) for check in _checks(route.access)],
            response_class=JSONResponse if route.media == JSON else type("Answer", (Response,), {"media_type": route.media}),
            openapi_extra=_document(route),
        )
    return made


def _checks(access: Permission | Public | Functions) -> list[Callable[..., Any]]:
    if isinstance(access, Public):

        def known_by_network(request: Request, response: Response) -> None:
            shell = shell_in(request)
            _count(shell, network(address_of(request, hops=shell.hops)), Class.PUBLIC, response)

        return [known_by_network] if access.counted else []
    if isinstance(access, Functions):

        async def only_functions(caller: ServiceCaller) -> None:
            if caller.caller not in access.names:
                raise TokenRefused

        return [only_functions]

    def permitted(caller: Caller, request: Request, response: Response) -> None:
        # Not async: it may ask Redis and the database, so it runs in the pool of threads.
        shell = shell_in(request)
        caller.require(access)
        if shell.revocations.is_revoked(caller.session):
            raise TokenRefused
        _ask_the_truth(shell, caller, access)
        _count(shell, caller.tenant, _class_of(request.method, access), response)

    return [permitted]


def _ask_the_truth(shell: Shell[Any], caller: Principal, access: Permission) -> None:
    """What changes or signs something, and all that is done for the platform, asks the database whether the session is good now,
    and fails when it cannot be asked (security RED-03)."""
    if caller.scope != Scope.PLATFORM and access.value.endswith(".read"):
        return
    with shell.database.transaction(caller.tenant) as tx:
        if not is_live(tx, caller.session):
            raise TokenRefused
        if access in WAITS_FOR_SEAL:
            refuse_when_behind(tx)


def _class_of(method: str, access: Permission) -> Class:
    if access is Permission.ECF_EMIT:
        return Class.EMIT
    return Class.READ if method in ("GET", "HEAD") else Class.WRITE


def _count(shell: Shell[Any], who: str, kind: Class, response: Response) -> None:
    room = shell.limiter.take(who, kind)
    response.headers["RateLimit-Limit"], response.headers["RateLimit-Remaining"] = str(room.limit), str(room.remaining)


def _document(route: Route) -> dict[str, Any]:
    spoken = dict(route.openapi or {})
    if not isinstance(route.access, Public):
        spoken["security"] = [{"bearer": []}]
    if isinstance(route.access, Permission):
        spoken["x-permission"] = route.access.value
    return spoken
