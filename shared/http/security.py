"""Headers that every answer carries, and which web pages of other origins may read it: none but those of the allow list."""

from collections.abc import Iterable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
"""A door gives data, never a page: nothing in an answer may be run, framed or guessed at (security WEB-04)."""
_NO_STORE = (b"cache-control", b"no-store")
_VARY = (b"vary", b"Origin")
PREFLIGHT_SECONDS = 600
_METHODS = b"GET, POST, PUT, PATCH, DELETE"
_READABLE = b"X-Trace-ID, Retry-After, RateLimit-Limit, RateLimit-Remaining, Content-Disposition, Idempotency-Replayed"
_SENT = b"Authorization, Content-Type, Idempotency-Key, X-Tenant-ID, X-Trace-ID, X-CSRF-Token"


class Guarded:
    """Outermost, so that no answer leaves without: also those of the framework, and of errors nobody foresaw.

    A header that the route has set itself stays as it is. `origins` are whole origins (`https://portal.example`).
    """

    def __init__(self, app: ASGIApp, origins: Iterable[str] = ()) -> None:
        self._app = app
        self._origins = frozenset(origin.encode("ascii") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = dict(scope["headers"])
        origin = sent.get(b"origin") if self._origins else None
        allowed = _allowing(origin) if origin in self._origins else ()
        if allowed and scope["method"] == "OPTIONS" and b"access-control-request-method" in sent:
            await _preflight(allowed, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._complete(message.get("headers", ()), allowed)
            await send(message)

        await self._app(scope, receive, guarded)

    def _complete(
        self, headers: Iterable[tuple[bytes, bytes]], allowed: Sequence[tuple[bytes, bytes]]
    ) -> list[tuple[bytes, bytes]]:
        made = list(headers)
        present = {name.lower() for name, _ in made}
        made += [pair for pair in (*ALWAYS, _NO_STORE) if pair[0] not in present]
        if self._origins:
            made.append(_VARY)
        return made + list(allowed)


def _allowing(origin: bytes | None) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"access-control-allow-origin", origin or b""),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", _READABLE),
    )


async def _preflight(allowed: Sequence[tuple[bytes, bytes]], send: Send) -> None:
    headers = [
        *allowed,
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _SENT),
        (b"access-control-max-age", str(PREFLIGHT_SECONDS).encode("ascii")),
        *ALWAYS,
        _NO_STORE,
        _VARY,
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def origins_of(text: str) -> tuple[str, ...]:
    """The allow list of a setting, parted by spaces; ValueError for what is no whole origin of a secure page.

    No wildcard, no path, no `null`; plain http for this machine only.
    """
    found = tuple(text.split())
    for origin in found:
        scheme, separator, host = origin.partition("://")
        local = host.partition(":")[0] in ("localhost", "127.0.0.1")
        plain = host and not set(host) - set("abcdefghijklmnopqrstuvwxyz0123456789.-:")
        if not (separator and plain and (scheme == "https" or (scheme == "http" and local))):
            raise ValueError(f"not an origin: {origin!r}")
    return found
