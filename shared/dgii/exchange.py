"""One exchange with DGII under all its limits: time, size after unpacking, no redirects, certificates verified."""

import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from shared.dgii import answers
from shared.dgii.failures import AnswerLost, AuthorityUnavailable
from shared.errors import Unavailable

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
TOTAL_SECONDS = 60.0
ANSWER_LIMIT = 1024 * 1024
LONGEST_WAIT = 3600
"""Nobody stays away longer because of one answer."""

USER_AGENT = "Mozilla/5.0 (compatible; GetUpNet/0.1.0)"
"""DGII's site refuses clients that do not look like a browser, and its services may."""

_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
_CONNECTIONS = 64
_IDLE_SECONDS = 20.0


def http_client() -> "httpx.Client":
    """A client with the limits of every call: no redirects, no proxies from the environment, certificates verified."""
    import httpcore
    import httpx  # 100 ms; the first call to DGII pays it, not the readiness probe

    from shared.dgii.deadline import Deadlined

    transport = httpx.HTTPTransport(trust_env=False)
    # httpx has no door for a network backend of one's own, and without one a header that trickles has no deadline.
    transport._pool = httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(trust_env=False),
        max_connections=_CONNECTIONS,
        keepalive_expiry=_IDLE_SECONDS,
        network_backend=Deadlined(),
    )
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    retry_after: int | None

    @property
    def text(self) -> str:
        return answers.written(self.body)

    @property
    def value(self) -> answers.Value:
        return answers.read(self.body)


@dataclass(frozen=True)
class Call:
    """What is asked. `file`: name, bytes and type of the part `xml`; `limit` is what an answer may hold, unpacked."""

    method: str
    url: str
    authorization: str = ""
    query: Mapping[str, str] | None = None
    file: tuple[str, bytes, str] | None = None
    accept: str = "application/json"
    limit: int = ANSWER_LIMIT


def exchange(http: "httpx.Client", call: Call, *, lost: type[Unavailable] = AnswerLost) -> Answer:
    """One exchange. `lost` is what a missing answer means: only a document that may have arrived is worth asking for."""
    import httpx  # as above

    from shared.dgii.deadline import deadline

    headers = {"Accept": call.accept, "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
    headers |= {"Authorization": call.authorization} if call.authorization else {}
    # The whole part is in memory, so httpx sends Content-Length: without it DGII finds the multipart empty.
    files = {"xml": call.file} if call.file else None
    until = time.monotonic() + TOTAL_SECONDS
    try:
        with (
            deadline(TOTAL_SECONDS),
            http.stream(call.method, call.url, params=call.query, headers=headers, files=files) as response,
        ):
            chunks, size = [], 0
            for chunk in _unpacked(response.iter_raw(), response.headers.get("Content-Encoding", ""), call.limit):
                size += len(chunk)
                if size > call.limit or time.monotonic() > until:
                    raise lost(reason="too large or too slow")
                chunks.append(chunk)
            return Answer(response.status_code, b"".join(chunks), _retry_after(response.headers))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise AuthorityUnavailable(reason=type(error).__name__) from error
    except (httpx.TransportError, zlib.error) as error:
        raise lost(reason=type(error).__name__) from error


def _unpacked(chunks: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """The body in its own bytes, a little over `limit` of them at most: a bomb is stopped before it has unpacked."""
    if encoding.lower() in ("", "identity"):
        yield from chunks
        return
    window = _WINDOWS.get(encoding.lower())
    if window is None:
        raise zlib.error(f"Content-Encoding {encoding}")
    stream = zlib.decompressobj(window)
    for chunk in chunks:
        if stream.eof:  # what follows the end is nobody's
            return
        yield stream.decompress(chunk, limit + 1)
    if not stream.eof:
        raise zlib.error("the body ends early")


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Whole seconds, from a number or a date (RFC 9110 10.2.3), at least one and not too many; None without either."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        seconds = int(said) if len(said) < 10 else LONGEST_WAIT
    elif (until := _moment(said)) is not None:
        # Against the clock that wrote it.
        seconds = round((until - (_moment(headers.get("Date", "")) or datetime.now(UTC))) / timedelta(seconds=1))
    else:
        return None
    return max(1, min(seconds, LONGEST_WAIT))


def _moment(said: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
