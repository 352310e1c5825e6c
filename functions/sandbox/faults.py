"""The outermost layer of the stand-in: what plays in a call, before DGII's own work is done, and after it."""

import asyncio
import gzip
import re
import struct
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import SO_LINGER, SOL_SOCKET
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from functions.sandbox import plays, store
from functions.sandbox.behaviours import SERVICES, Played, shaped
from functions.sandbox.windows import NUMBERS, is_down
from functions.sandbox.wire import BODY_LIMIT
from shared.db.seal import PLATFORM
from shared.ecf.types import Environment

_ENVIRONMENTS = frozenset(e.value for e in Environment)
_RNC = re.compile(rb"<(?:RNCEmisor|RncEmisor|RNCComprador)>\s*([0-9]{9,11})\s*<")
_QUIET_SECONDS = 1.0
_DELEGATION = "El RNC del certificado no está delegado para realizar transacciones para el RNC: {rnc}"
_CHECK_DOWN = (
    "One or more errors occurred. (A connection attempt failed because the connected party did not properly respond after a "
    "period of time, or established connection failed because connected host has failed to respond.)"
)


@dataclass
class Answer:
    """What the stand-in wants to say, kept until it is known how it is said."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def plain(status: int, kind: str, body: bytes, **headers: str) -> Answer:
    extra = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Answer(status, [(b"content-type", kind.encode()), *extra], body)


@dataclass
class Behaving:
    """`app` with its behaviours; `key`, when there is one, is asked of whoever prepares the stand-in."""

    app: Any
    key: str = ""
    _quiet_until: float = field(default=0.0, init=False)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the app's own: its state, its routes."""
        return getattr(self.app, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        parts = [part for part in scope["path"].lower().split("/") if part]
        if parts[:1] == ["sandbox"]:
            self._quiet_until = 0.0
            refused = self.key and _header(scope, b"authorization") != f"Apikey {self.key}"
            await (_say(send, plain(401, "application/json", b'""')) if refused else self.app(scope, receive, send))
            return
        service = _service(parts)
        if service is None or (time.monotonic() < self._quiet_until):
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        played = await run_in_threadpool(self._draw, parts[0], service, scope, body)
        await self._play(played, {**scope, "played": played}, body, send)

    def _draw(self, environment: str, service: str, scope: Scope, body: bytes) -> Played:
        now = datetime.now(UTC)
        query = {name.lower(): value for name, value in parse_qsl(scope["query_string"].decode("latin-1"))}
        with self.state.shell.database.transaction(PLATFORM) as tx:
            if not plays.any_live(tx, now):
                self._quiet_until = time.monotonic() + _QUIET_SECONDS
                return {}
            rncs = [query[name] for name in ("rncemisor", "rnc_emisor", "rnc") if query.get(name)]
            if track_id := query.get("trackid"):
                found = store.by_track_id(tx, environment, track_id)
                rncs += [found.rnc] if found else []
            rncs += [match.decode() for match in _RNC.findall(body[:65536])[:1]]
            drawn = [plays.draw(tx, one, rncs, service, now) for one in _environments(environment, query)]
        return {name: behaviour for played in drawn for name, behaviour in played.items()}

    async def _play(self, played: Played, scope: Scope, body: bytes, send: Send) -> None:
        if "slow" in played:
            await asyncio.sleep(played["slow"].latency() / 1000)
        if answer := _instead(played):
            await _say(send, answer)
            return
        if "reset_before" in played or "hang_before" in played:
            await _fall_silent(send, played, "before")
            return
        taken = _Taken()
        await self.app(scope, _given(body), taken if played else send)
        if not played:
            return
        if "reset_after" in played or "hang_after" in played:
            await _fall_silent(send, played, "after")
        elif "error_after" in played:
            await _say(send, plain(*shaped(played["error_after"].value)))
        else:
            await _say_badly(send, taken.answer, played)


class _Taken:
    """Receives what the stand-in would have said."""

    def __init__(self) -> None:
        self.answer = Answer(500, [], b"")

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answer = Answer(message["status"], list(message["headers"]), b"")
        else:
            self.answer.body += message.get("body", b"")


def _instead(played: Played) -> Answer | None:
    """What is answered before DGII's own work, if something is."""
    if "maintenance" in played and is_down(played["maintenance"].value, datetime.now(UTC)):
        return plain(503, "text/html", b"<html><body>Servicio en mantenimiento</body></html>")
    if "too_many" in played:
        return plain(429, "text/plain", b"", retry_after=played["too_many"].value)
    if "not_delegated" in played:
        return plain(403, "application/json", f'"{_DELEGATION.format(rnc=played["not_delegated"].rnc)}"'.encode())
    if "redirect" in played:
        return plain(302, "text/html", b"", location=played["redirect"].value)
    if "certificate_check_down" in played:
        return plain(400, "application/json", f'"{_CHECK_DOWN}"'.encode())
    return plain(*shaped(played["error_before"].value)) if "error_before" in played else None


async def _fall_silent(send: Send, played: Played, moment: str) -> None:
    """Nothing is said: for a while, and then the connection is cut."""
    if hanging := played.get(f"hang_{moment}"):
        await asyncio.sleep(int(hanging.value))
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the stand-in cut the connection")
    if connection := transport.get_extra_info("socket"):
        connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(0.05)


async def _say_badly(send: Send, answer: Answer, played: Played) -> None:
    """The right answer in a form that hurts its reader."""
    if "large_body" in played:
        answer.body = answer.body.ljust(int(played["large_body"].value) * 1_000_000)
    if "gzip_bomb" in played:
        answer.body = gzip.compress(answer.body.ljust(int(played["gzip_bomb"].value) * 1_000_000), compresslevel=9)
        answer.headers.append((b"content-encoding", b"gzip"))
    if "truncated" in played:
        answer.body = answer.body[: len(answer.body) // 2]
    if "slow_loris" in played:
        await _trickle(send, answer, int(played["slow_loris"].value))
    else:
        await _say(send, answer)


async def _say(send: Send, answer: Answer) -> None:
    await _start(send, answer)
    await send({"type": "http.response.body", "body": answer.body})


async def _trickle(send: Send, answer: Answer, rate: int) -> None:
    await _start(send, answer)
    for at in range(0, len(answer.body), rate):
        await send({"type": "http.response.body", "body": answer.body[at : at + rate], "more_body": True})
        await asyncio.sleep(1)
    await send({"type": "http.response.body", "body": b""})


async def _start(send: Send, answer: Answer) -> None:
    headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})


def _environments(segment: str, query: dict[str, str]) -> list[str]:
    """Whose behaviours play: the status service, whose path names no environment, has those of the one asked about, or of all."""
    if segment in _ENVIRONMENTS:
        return [segment]
    asked = NUMBERS.get(query.get("ambiente", ""))
    return [asked] if asked else sorted(_ENVIRONMENTS)


def _service(parts: list[str]) -> str | None:
    """Which of DGII's services a path belongs to; None for what has no behaviours."""
    if parts[:2] == ["api", "estatusservicios"]:
        return "estatus"
    if len(parts) < 2 or parts[0] not in _ENVIRONMENTS:
        return None
    service = parts[-1] if parts[1] == "autenticacion" else parts[1]
    return service if service in SERVICES else None


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


async def _whole(receive: Receive) -> bytes:
    chunks, size = [], 0
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if not message.get("more_body") or size > BODY_LIMIT:
            return b"".join(chunks)


def _given(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
