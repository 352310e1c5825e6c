"""The wire as DGII speaks it: paths without case, multipart, XML or JSON by Accept, refusals in its own shapes."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.sandbox.behaviours import Played, altered
from shared.dgii.multipart import XmlPart, read_xml_part

BODY_LIMIT = 17 * 1024 * 1024

Json = Mapping[str, object] | Sequence[object]


class AnyCasePaths:
    """Compare paths as IIS does: lower case, doubled slashes collapsed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = re.sub("/{2,}", "/", scope["path"]).lower()
            scope = {**scope, "path": path.rstrip("/") or "/"}
        await self._app(scope, receive, send)


class DgiiRefused(Exception):
    """An answer that is no verdict: `body` is a bare string or an object, as each service of DGII has it."""

    def __init__(self, status: int, body: str | dict[str, object]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


async def say_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, DgiiRefused)
    return JSONResponse(error.body, status_code=error.status) if error.body else Response(status_code=error.status)


async def whole_body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise DgiiRefused(413, "")
        chunks.append(chunk)
    return b"".join(chunks)


Body = Annotated[bytes, Depends(whole_body)]


def xml_part(request: Request, body: bytes) -> XmlPart:
    """The part `xml`; without it, or without Content-Length, DGII finds the multipart empty."""
    part = None
    if "content-length" in request.headers:
        part = read_xml_part(request.headers.get("content-type", ""), body, named_only=True)
    if part is None:
        raise DgiiRefused(400, "Multipart cannot be empty")
    return part


def query(request: Request) -> dict[str, str]:
    """Query parameters by lower-case name; the first of each counts."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(request.url.query, keep_blank_values=True):
        found.setdefault(name.lower(), value.strip())
    return found


def played(request: Request) -> Played:
    """The behaviours that play in this call."""
    found: Played = request.scope.get("played", {})
    return found


def reply(request: Request, root: str, content: Json, *, status: int = 200) -> Response:
    """JSON, or XML under `root` when the caller accepts XML and not JSON; as the behaviours of the call have it."""
    if isinstance(content, Mapping):
        content = altered(content, played(request))
    accept = request.headers.get("accept", "").lower()
    if "xml" in accept and "json" not in accept:
        body = f'<?xml version="1.0" encoding="utf-8"?>{_element(root, content)}'
        return Response(body, status, media_type="application/xml; charset=utf-8")
    return JSONResponse(content, status)


def _element(name: str, value: object) -> str:
    if value is None:
        return f"<{name} />"
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(str(k), v) for k, v in value.items())}</{name}>"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"<{name}>{''.join(_element(name.removesuffix('s'), v) for v in value)}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"


def page(title: str, rows: Sequence[tuple[str, str]]) -> HTMLResponse:
    """A public page of a few labelled values."""
    lines = "".join(f"<tr><th>{html.escape(label)}</th><td>{html.escape(value)}</td></tr>" for label, value in rows)
    return HTMLResponse(
        f'<!doctype html><html lang="es"><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>'
        f"<body><h1>{html.escape(title)}</h1><table>{lines}</table></body></html>"
    )
