"""The HTTP face: one public port by routes.yaml, and a loopback port for each Service, for the broker and for control."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import httpx

from knative.embedded.state import NAMESPACE
from knative.local.serving import Function, Refused
from knative.rules.delivery import Profile, Reply
from knative.rules.ingress import EventRefused, refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Door = Callable[[Scope, Receive, Send], Awaitable[None]]

_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade".split()
)
_MAX_EVENT = 1024 * 1024
_NOT_FOUND = {"type": "urn:getupnet:not-found", "title": "No encontrado", "status": 404}
_NOT_FOUND["detail"] = "Nada responde en esta dirección; revise la ruta."


def by_port(doors: Mapping[int, Door]) -> Door:
    """One app for all listening sockets: the port that took the connection chooses the door."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await doors[scope["server"][1]](scope, receive, send)

    return app


def front(routes: tuple[tuple[str, str], ...], functions: Mapping[str, Function]) -> Door:
    """The public door: longest prefix of whole path segments, else 404. Nothing but the routed can be reached."""
    doors = [(prefix, proxy(functions[name])) for prefix, name in routes]
    problem = json.dumps(_NOT_FOUND, ensure_ascii=False).encode()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for prefix, door in doors:
            if scope["path"] == prefix or scope["path"].startswith(prefix + "/"):
                return await door(scope, receive, send)
        return await answer(send, 404, problem, "application/problem+json")

    return app


def proxy(function: Function) -> Door:
    """Everything that reaches this door goes to one function; its answer comes back as it is produced."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        started = False
        try:
            async with function.exchange(await _forwarded(scope, receive)) as (response, _):
                headers = [(k.lower(), v) for k, v in response.headers.raw if k.lower() not in _HOP_BY_HOP]
                await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
                started = True
                async for chunk in response.aiter_raw():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body"})
        except Refused as refusal:
            if started:
                raise
            await answer(send, refusal.status, refusal.reason.encode())

    return app


async def _forwarded(scope: Scope, receive: Receive) -> httpx.Request:
    seen = dict(scope["headers"])
    client = scope["client"][0].encode("ascii")
    added = {
        b"x-forwarded-for": b", ".join(filter(None, (seen.get(b"x-forwarded-for"), client))),
        b"x-forwarded-proto": seen.get(b"x-forwarded-proto", scope["scheme"].encode("ascii")),
        b"x-forwarded-host": seen.get(b"x-forwarded-host", seen.get(b"host", b"")),
    }
    headers = [(k, v) for k, v in scope["headers"] if k not in _HOP_BY_HOP and k not in added]
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    body = await read(receive)
    return httpx.Request(
        scope["method"], "http://function" + target.decode("ascii"), headers=[*headers, *added.items()], content=body
    )


async def deliver(functions: Mapping[str, Function], name: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """The broker's way to a subscriber; a refusal of the queue is an answer, as it is in Knative."""
    host = f"{name}.{NAMESPACE}.svc.cluster.local"
    request = httpx.Request("POST", f"http://function{path}", headers={**headers, "host": host}, content=body)
    try:
        async with functions[name].exchange(request) as (response, cold):
            return Reply(response.status_code, dict(response.headers), await response.aread(), cold)
    except Refused as refusal:
        return Reply(refusal.status, {}, refusal.reason.encode())


def ingress(post: Callable[[Mapping[str, str], bytes], Awaitable[None]], profile: Profile) -> Door:
    """The broker's door (R1-R3, R6)."""
    mt = profile is Profile.MT
    allow = {"allow": "POST, OPTIONS"} if mt else {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if refused := refusal(scope["method"], scope["path"], f"{NAMESPACE}/default", mt=mt):
            return await answer(send, refused[0], b"", extra=refused[1])
        body = await read(receive)
        if len(body) > _MAX_EVENT and not mt:
            return await answer(send, 503, b"the record is over 1 MiB")
        try:
            await post({k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}, body)
        except EventRefused as reason:
            return await answer(send, 400, str(reason).encode(), extra=allow)
        return await answer(send, 202, b"", extra=allow)

    return app


async def read(receive: Receive) -> bytes:
    """The whole request body."""
    chunks = bytearray()
    while True:
        message = await receive()
        chunks += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(chunks)


async def answer(send: Send, status: int, body: bytes, media: str = "text/plain", extra: Mapping[str, str] | None = None) -> None:
    """One complete response."""
    headers = {"content-type": media, "content-length": str(len(body)), **(extra or {})}
    raw = [(k.encode("ascii"), v.encode("latin-1")) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
