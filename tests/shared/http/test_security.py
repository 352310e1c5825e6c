"""WEB-03 and WEB-04: every answer of every function is guarded, and only pages of the allow list may read it."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from shared.http.app import create_app
from shared.http.routes import Public, Route
from shared.http.security import ALWAYS, PREFLIGHT_SECONDS, Guarded, origins_of
from tests.contracts.policy import NAMES, Operation, policy
from tests.house import House

PORTAL = "https://portal.example.com"
FOREIGN = [
    "null",
    "https://evil.com",
    "https://portal.example.com.evil.com",
    "http://portal.example.com",
    "https://portal.example.com:8443",
    "https://old.portal.example.com",
    "https://PORTAL.example.com",
    "",
]


def fail() -> None:
    raise RuntimeError("nobody foresaw it")


ROUTES = [
    Route("GET", "/fine", lambda: {"a": 1}, Public("a test")),
    Route("GET", "/fail", fail, Public("a test")),
]


@pytest.fixture(scope="module")
def portal(house: House) -> Iterator[TestClient]:
    settings = house.settings("plans").model_copy(update={"k_sink": None, "portal_origins": PORTAL})
    with TestClient(create_app("plans", settings, routes=ROUTES), raise_server_exceptions=False) as client:
        yield client


def unguarded(answer: Any) -> list[str]:
    wanted = [*((n.decode(), v.decode()) for n, v in ALWAYS), ("cache-control", None)]
    return [name for name, value in wanted if name not in answer.headers or value not in (None, answer.headers[name])]


def worst(client: TestClient, function: str) -> Iterator[Any]:
    """An answer of every line of the policy, and of what is in no line."""
    lines = [o for o in policy() if o.function == function]
    for operation in [*lines, Operation(function, "GET", "/nowhere", ""), Operation(function, "BREW", "/healthz", "")]:
        yield client.request(operation.method, operation.at({}))
    for path in ("/healthz", "/readyz", "/metrics"):
        yield client.get(path)
    yield client.post("/events", content=b"{")


@pytest.mark.parametrize("function", NAMES)
def test_every_answer_of_every_function_is_guarded(house: House, function: str) -> None:
    answers = list(worst(house.client(function), function))
    assert not [(a.request.method, a.request.url.path, a.status_code, unguarded(a)) for a in answers if unguarded(a)]
    assert not [a for a in answers if "no-store" not in a.headers["cache-control"]]
    assert not [a for a in answers if "access-control-allow-origin" in a.headers]


@pytest.mark.parametrize("path", ["/fine", "/fail", "/nowhere"])
def test_an_error_nobody_foresaw_is_guarded_too(portal: TestClient, path: str) -> None:
    answer = portal.get(path)
    assert not unguarded(answer)
    hsts = dict(part.strip().partition("=")[::2] for part in answer.headers["strict-transport-security"].split(";"))
    assert int(hsts["max-age"]) >= 365 * 86400


def test_an_answer_without_the_guard_is_seen(house: House) -> None:
    """The mutant."""
    app = create_app("plans", house.settings("plans").model_copy(update={"k_sink": None}), routes=ROUTES)
    app.user_middleware = [m for m in app.user_middleware if m.cls is not Guarded]
    assert len(unguarded(TestClient(app).get("/fine"))) == len(ALWAYS) + 1


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_page_of_another_origin_may_read_nothing(portal: TestClient, method: str, origin: str) -> None:
    answer = portal.request(method, "/fine", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("path", ["/fine", "/fail", "/nowhere"])
def test_the_portal_may_read_answers_and_refusals(portal: TestClient, path: str) -> None:
    headers = portal.get(path, headers={"Origin": PORTAL}).headers
    assert (headers["access-control-allow-origin"], headers["access-control-allow-credentials"]) == (PORTAL, "true")


def test_a_preflight_is_believed_for_ten_minutes_at_most(portal: TestClient) -> None:
    sent = {"Origin": PORTAL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answer = portal.options("/fine", headers=sent)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, PORTAL)
    assert int(answer.headers["access-control-max-age"]) == PREFLIGHT_SECONDS <= 600
    assert "*" not in {value for name, value in answer.headers.items() if name.startswith("access-control-")}
    assert not unguarded(answer)


@pytest.mark.parametrize("text", ["*", "null", "https://*.example.com", "http://portal.example.com", "https://a.com/", "a.com"])
def test_an_allow_list_that_would_let_everybody_in_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        origins_of(text)
    assert origins_of(f"{PORTAL} http://localhost:5173") == (PORTAL, "http://localhost:5173")


def test_the_guard_costs_nothing_that_matters() -> None:
    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})

    async def nowhere(message: Message) -> None:
        return None

    def seconds(app: Any, times: int = 5_000) -> float:
        async def run() -> float:
            scope = {"type": "http", "method": "GET", "headers": [(b"origin", b"https://evil.com")]}
            began = time.process_time()
            for _ in range(times):
                await app(scope, None, nowhere)
            return (time.process_time() - began) / times

        return asyncio.run(run())

    cost = min(seconds(Guarded(bare, [PORTAL])) for _ in range(3)) - min(seconds(bare) for _ in range(3))
    assert cost < 50e-6
