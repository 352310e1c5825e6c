"""What the broker accepts and what subscribers get, against what Knative's own code answered."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knative.rules.ingress import Event, EventRefused, accept, hop, refusal

GOLDEN = Path(__file__).parents[4] / "shared/knative/golden/knative-go-oracle.json"
NEEDS_GOLDEN = pytest.mark.skipif(not GOLDEN.exists(), reason="golden data of ../shared/knative is not here")
EVENT = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t", "content-type": "application/json"}


def cases() -> list[Any]:
    if not GOLDEN.exists():
        return []
    return [pytest.param(case, id=case["name"]) for case in json.loads(GOLDEN.read_text())["normalize"]]


@NEEDS_GOLDEN
def test_the_golden_requests_are_all_there() -> None:
    assert len(cases()) == 114


@NEEDS_GOLDEN
@pytest.mark.parametrize("case", cases())
def test_a_request_is_refused_or_forwarded_as_knative_does(case: dict[str, Any]) -> None:
    request = case["request"]
    if case["status"] == 400:
        with pytest.raises(EventRefused):
            accept(request["headers"], request["body"].encode())
        return
    event = accept(request["headers"], request["body"].encode())
    assert (event.headers, event.body.decode()) == (case["delivered"]["headers"], case["delivered"]["body"])


def test_only_tracing_and_knative_headers_travel_with_an_event() -> None:
    sent = {**EVENT, "X-Request-Id": "r", "Knative-Foo": "k", "X-B3-Traceid": "b", "Authorization": "secret", "Cookie": "c"}
    event = accept(sent, b"{}")
    assert set(event.headers) == {*EVENT, "x-request-id", "knative-foo", "x-b3-traceid"}


def test_attributes_are_read_as_filters_name_them() -> None:
    event = accept({**EVENT, "content-type": "application/json; charset=utf-8", "ce-dataschema": "urn:a:b"}, b"")
    names = ("type", "datacontenttype", "datamediatype", "schemaurl", "subject")
    assert [event.attribute(name) for name in names] == ["t", "application/json; charset=utf-8", "application/json", "urn:a:b", ""]


BROKER = "getupnet-app/default"


@pytest.mark.parametrize(
    ("method", "path", "mt", "status"),
    [
        ("POST", "/getupnet-app/default", True, None),
        ("POST", "/getupnet-app/default/", False, None),
        ("POST", "/", True, 404),
        ("POST", "/a/b/c", True, 400),
        ("POST", "/a/b/c", False, 404),
        ("POST", "/getupnet-app/other", True, 404),
        ("GET", "/getupnet-app/default", True, 405),
        ("OPTIONS", "/getupnet-app/default", True, 200),
        ("OPTIONS", "/getupnet-app/default", False, 405),
    ],
)
def test_paths_and_methods_are_judged_before_the_event(method: str, path: str, mt: bool, status: int | None) -> None:
    refused = refusal(method, path, BROKER, mt=mt)
    assert (refused[0] if refused else None) == status


def test_the_mt_ingress_counts_hops_and_notes_the_arrival() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    first = hop(Event(EVENT, b""), now)
    assert first.headers["ce-knativebrokerttl"] == "255"
    assert first.headers["ce-knativearrivaltime"] == "2026-01-02T03:04:05.000006Z"
    assert hop(first, now).headers["ce-knativebrokerttl"] == "254"
    with pytest.raises(EventRefused, match="hops"):
        hop(Event({**EVENT, "ce-knativebrokerttl": "1"}, b""), now)
