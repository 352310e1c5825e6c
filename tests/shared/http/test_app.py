"""The shell around every function: problems, traces, metrics, health, and no way to send too much."""

import re
from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import Form, Request
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from shared.db.ids import uuid7
from shared.errors import AppError, Conflict, FieldError, InvalidInput, NotFound
from shared.events.catalogue import ChargeRecorded
from shared.http.routes import Body, Public, Route, shell_in
from shared.identity.permissions import Permission
from shared.telemetry.traces import current_trace_id
from tests.data.facts import example
from tests.house import House
from tests.shared.http.rooms import room

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    n: int = 1


def refuse(kind: str) -> None:
    known: dict[str, Exception] = {
        "ours": NotFound(),
        "fields": InvalidInput(FieldError("/a/b", "a-code", "Una frase.")),
        "wait": Conflict(retry_after=7),
        "500": RuntimeError("secret: postgresql://user:pw@host/db"),
        **{str(n): HTTPException(n, "secret") for n in (400, 404, 413, 415, 422, 418)},
    }
    raise known[kind]


def shape(body: Shape) -> dict[str, str]:
    return {"name": body.name}


def form(name: Annotated[str, Form()]) -> dict[str, int]:
    return {"size": len(name)}


def raw(body: Body) -> dict[str, int]:
    return {"size": len(body)}


async def wide(request: Request) -> dict[str, int]:
    return {"size": sum([len(chunk) async for chunk in request.stream()])}


def trace() -> dict[str, str | None]:
    return {"trace": current_trace_id()}


def announce(request: Request) -> dict[str, str]:
    shell, tenant = shell_in(request), uuid7()
    with shell.transaction(tenant) as tx:
        shell.announce(tx, example(ChargeRecorded), subject="s")
    with shell.transaction(tenant) as tx:
        return {"traceparent": tx.rows("SELECT traceparent FROM flow.outbox")[0].traceparent}


OPEN = Public("a test")
ROUTES = [
    Route("GET", "/refuse/{kind}", refuse, OPEN),
    Route("POST", "/shape", shape, OPEN),
    Route("POST", "/guarded", shape, Permission.PLANS_READ),
    Route("POST", "/form", form, OPEN),
    Route("POST", "/raw", raw, OPEN),
    Route("POST", "/wide", wide, OPEN, body_limit=4 * 1024 * 1024),
    Route("GET", "/trace", trace, OPEN),
    Route("POST", "/announce", announce, OPEN),
]


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with room(house, routes=ROUTES) as made:
        yield made


def problem(answer: object, status: int, slug: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text  # type: ignore[attr-defined]
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    body: dict[str, object] = answer.json()  # type: ignore[attr-defined]
    assert (body["type"], body["status"]) == (f"urn:getupnet:{slug}", status)
    assert body["title"]
    assert body["detail"]
    assert "{" not in str(body["detail"]), "a fact was not filled in"
    assert "secret" not in answer.text  # type: ignore[attr-defined]
    assert body["instance"] == answer.headers["x-trace-id"]  # type: ignore[attr-defined]
    assert re.fullmatch("[0-9a-f]{32}", str(body["instance"]))
    return body


@pytest.mark.parametrize(
    ("kind", "status", "slug"),
    [
        ("ours", 404, "not-found"),
        ("400", 400, "malformed"),
        ("404", 404, "not-found"),
        ("413", 413, "too-large"),
        ("415", 415, "wrong-media"),
        ("422", 422, "invalid-input"),
        ("418", 500, "internal"),
        ("500", 500, "internal"),
    ],
)
def test_every_error_is_a_problem_with_its_trace_and_nothing_from_inside(
    client: TestClient, kind: str, status: int, slug: str
) -> None:
    problem(client.get(f"/refuse/{kind}"), status, slug)


def test_field_errors_and_waiting_times_are_told(client: TestClient) -> None:
    body = problem(client.get("/refuse/fields"), 422, "invalid-input")
    assert body["errors"] == [{"pointer": "/a/b", "code": "a-code", "detail": "Una frase."}]
    assert client.get("/refuse/wait").headers["retry-after"] == "7"


def test_what_does_not_exist_and_what_is_not_allowed_are_told_apart(client: TestClient) -> None:
    problem(client.get("/nowhere"), 404, "not-found")
    problem(client.get("/trace/"), 404, "not-found")
    assert "POST" in client.get("/shape").headers["allow"]
    problem(client.get("/shape"), 405, "method-not-allowed")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"{}", "/name"),
        (b'{"name": 1}', "/name"),
        (b'{"name": "x", "n": "y"}', "/n"),
        (b'{"name": "x", "a/b~c": 1}', "/a~1b~0c"),
        (b'{"name": "x", "\\ud800": 1}', "/\ufffd"),
    ],
)
def test_a_body_of_another_shape_is_told_by_pointer(client: TestClient, body: bytes, pointer: str) -> None:
    answer = client.post("/shape", content=body, headers={"content-type": "application/json"})
    errors = problem(answer, 422, "invalid-input")["errors"]
    assert isinstance(errors, list)
    if "\ufffd" not in pointer:
        assert [e["pointer"] for e in errors] == [pointer]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"name": NaN}', b"null"])
def test_a_body_that_is_no_json_object_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/shape", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    problem(answer, answer.status_code, answer.json()["type"].removeprefix("urn:getupnet:"))


@pytest.mark.parametrize("body", [b'{"name": "x", "name": "y"}', b'{"name": "x", "n\\u0061me": "x"}'])
def test_inp_02_a_field_that_is_there_twice_is_refused_on_every_route(client: TestClient, body: bytes) -> None:
    answer = client.post("/shape", content=body, headers={"content-type": "application/json"})
    (fault,) = problem(answer, 422, "invalid-input")["errors"]  # type: ignore[misc]
    assert (fault["code"], "«name»" in fault["detail"]) == ("field-repeated", True)


def test_inp_02_a_route_that_reads_its_body_itself_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.http.routes.JsonRoute", APIRoute)
    with room(house, routes=ROUTES) as lax:
        assert lax.post("/shape", json={"name": "x"}).status_code == 200
        assert lax.post("/shape", content=b'{"name": "x", "name": "y"}', headers={"content-type": "application/json"}).is_success


@pytest.mark.parametrize("path", ["/shape", "/raw", "/form", "/guarded"])
@pytest.mark.parametrize("declared", [True, False])
def test_too_much_is_refused_wherever_it_is_sent(client: TestClient, path: str, declared: bool) -> None:
    kind = "application/x-www-form-urlencoded" if path == "/form" else "application/json"
    sent = b'"' + b"x" * (3 * 1024 * 1024) + b'"'
    content = sent if declared else (sent[n : n + 65536] for n in range(0, len(sent), 65536))
    answer = client.post(path, content=content, headers={"content-type": kind})
    problem(answer, 413, "too-large")


def test_a_route_that_streams_may_take_more_and_says_how_much(client: TestClient) -> None:
    assert client.post("/wide", content=b"x" * (3 * 1024 * 1024)).json() == {"size": 3 * 1024 * 1024}
    refused = problem(client.post("/wide", content=b"x" * (5 * 1024 * 1024)), 413, "too-large")
    assert str(4 * 1024 * 1024) in str(refused["detail"])


def test_a_trace_id_is_taken_over_and_echoed(client: TestClient) -> None:
    answer = client.get("/trace", headers={"X-Trace-ID": TRACE})
    assert answer.json()["trace"] == answer.headers["x-trace-id"] == TRACE
    for odd in ("x", "0" * 32, TRACE.upper(), TRACE + "0"):
        answer = client.get("/trace", headers={"X-Trace-ID": odd})
        assert answer.headers["x-trace-id"] not in {odd, TRACE}
    assert client.get("/refuse/500", headers={"X-Trace-ID": TRACE}).json()["instance"] == TRACE


def test_a_traceparent_goes_on_into_what_is_announced(client: TestClient) -> None:
    answer = client.post("/announce", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    assert answer.json()["traceparent"].startswith(f"00-{TRACE}-")


def test_health_needs_nothing_and_metrics_count_by_route(client: TestClient) -> None:
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    client.get("/refuse/ours")
    client.get("/nowhere/at/all")
    client.request("BREW", "/trace")
    metrics = client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    text = metrics.text
    assert 'getupnet_request_seconds_count{method="GET",route="/refuse/{kind}",status="404"}' in text
    assert 'route="unmatched",status="404"' in text
    assert "at/all" not in text
    assert "BREW" not in text, "a label whose values a stranger chooses"


def test_no_documentation_is_served(client: TestClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        problem(client.get(path), 404, "not-found")


def test_an_error_without_its_facts_still_answers() -> None:
    assert AppError().facts == {}
