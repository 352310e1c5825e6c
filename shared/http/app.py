"""The ASGI shell every function wears: problems, health, metrics, traces, its table of routes, its doors."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.cache.redis import Cache
from shared.cloud.session import Aws
from shared.db.engine import Database
from shared.db.seal import Seal
from shared.errors import AppError, Unavailable
from shared.events.keys import FunctionKey, PublicKeys
from shared.flow.outbox import Announcer
from shared.flow.publish import Publisher
from shared.flow.work import Work
from shared.http import problems
from shared.http.events import Events, event_router
from shared.http.routes import BODY_LIMIT, Route, router
from shared.http.security import Guarded, origins_of
from shared.http.shell import Shell
from shared.http.work import Jobs
from shared.identity.limits import Limiter
from shared.identity.peers import Peers
from shared.identity.repeats import Repeats
from shared.identity.revocations import Revocations
from shared.settings import DatabaseSettings, PeerSettings
from shared.telemetry import logs, metrics, traces

log = logging.getLogger(__name__)

Alongside = Callable[[Shell[Any]], AbstractContextManager[None]]


def create_app(
    name: str,
    settings: DatabaseSettings,
    *,
    routes: Sequence[Route] = (),
    events: Events | None = None,
    jobs: Jobs | None = None,
    outside: object = None,
    alongside: Alongside | None = None,
) -> FastAPI:
    """One function. `outside` is its gateway; `alongside` runs from start to stop; keys are taken from the settings."""
    logs.configure(name, settings.log_level)
    traces.configure(name)
    shell = _shell(name, settings, outside)
    app = FastAPI(title=f"GetUpNet {name}", version="1", lifespan=_lifespan(alongside), openapi_url=None, redirect_slashes=False)
    app.state.shell, app.state.routes = shell, tuple(routes)
    problems.install(app)
    app.add_middleware(Limited, limits={(r.method, r.path): r.body_limit for r in routes})
    app.add_middleware(Tracing)
    app.add_middleware(Guarded, origins=origins_of(getattr(settings, "portal_origins", "")))
    app.include_router(router(list(routes)))
    if events is not None or jobs:
        app.include_router(event_router(events or {}, jobs or {}))
    for path in ("/healthz", "/readyz"):
        app.add_api_route(path, _alive, include_in_schema=False)
    app.add_api_route("/metrics", _metrics, include_in_schema=False)
    return app


def _shell(name: str, settings: DatabaseSettings, outside: object) -> Shell[Any]:
    def secret(field: str) -> str:
        value = getattr(settings, field, None)
        return value.get_secret_value() if value is not None else ""

    database = Database(
        settings.database_url.get_secret_value(),
        Seal.from_base64(settings.tenant_seal_key.get_secret_value()),
        pool_size=settings.database_pool_size,
    )
    cache = Cache(secret("redis_url"))
    return Shell(
        name=name,
        threads=settings.threads,
        database=database,
        publisher=Publisher(settings.k_sink, database),
        announcer=Announcer(FunctionKey(name, secret("function_key"))),
        work=Work(name),
        user_keys=PublicKeys(getattr(settings, "user_keys", "{}")),
        function_keys=PublicKeys(getattr(settings, "function_keys", "{}")),
        limiter=Limiter(cache),
        revocations=Revocations(cache),
        refusals=Repeats(cache),
        peers=Peers(Aws.of(settings), database) if isinstance(settings, PeerSettings) else None,
        hops=getattr(settings, "forwarded_hops", 1),
        outside=outside,
    )


def _lifespan(alongside: Alongside | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        shell: Shell[Any] = app.state.shell
        # pg8000 in the default pool of 40 threads collapses; the manifest's containerConcurrency is this same figure.
        anyio.to_thread.current_default_thread_limiter().total_tokens = shell.threads
        with alongside(shell) if alongside else nullcontext():
            yield
        shell.close()

    return lifespan


async def _alive(request: Request) -> dict[str, str]:
    return {"function": request.app.state.shell.name}


async def _metrics() -> Response:
    body, kind = metrics.exposition()
    return Response(body, media_type=kind)


class Limited:
    """No body over the limit is read, whoever sends it and however the route takes it. The event door counts for itself.

    `limits` are those of routes by method and path; a path with parameters has the usual one.
    """

    def __init__(self, app: ASGIApp, limits: Mapping[tuple[str, str], int]) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, limit = 0, self._limits.get((scope.get("method", ""), scope.get("path", "")), BODY_LIMIT)

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                # The framework turns any other exception of a body into 400.
                raise problems.BodyTooLarge(limit)
            return message

        limited = scope["type"] == "http" and scope["path"] != "/events"
        await self._app(scope, counted if limited else receive, send)


class Tracing:
    """One span a request, its trace id echoed as X-Trace-ID, its time counted by route."""

    _METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    _UNTRACED = frozenset({"/healthz", "/readyz", "/metrics", "/events"})

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._UNTRACED:
            await self._app(scope, receive, send)
            return
        headers, began, status = Headers(scope=scope), time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Trace-ID"] = traces.current_trace_id() or ""
            await send(message)

        parent = headers.get("traceparent") or traces.traceparent_of(headers.get("x-trace-id"))
        with traces.span(
            f"{scope['app'].state.shell.name} {scope['method']}", traceparent=parent, attributes={"path": scope["path"]}
        ):
            try:
                await self._app(scope, receive, answer)
            except asyncio.CancelledError:
                # The process has to end now: whoever asks again finds another one.
                if status:
                    raise
                await problems.problem(Unavailable(retry_after=1))(scope, receive, answer)
            except Exception:
                log.exception("unexpected error")
                if status:
                    raise
                await problems.problem(AppError())(scope, receive, answer)
            finally:
                method = scope["method"] if scope["method"] in self._METHODS else "other"
                route = getattr(scope.get("route"), "path", "unmatched")
                metrics.REQUESTS.labels(method, route, str(status)).observe(time.perf_counter() - began)
