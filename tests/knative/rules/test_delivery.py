"""Who gets an event, how often, and what the dead letter says."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knative.rules.delivery import BeyondBroker, Due, InProcessBroker, Profile, Reply, dead_letter, decide, judge, matches, pause
from knative.rules.ingress import accept
from knative.rules.manifests import Delivery, Trigger

GOLDEN = Path(__file__).parents[4] / "shared/knative/golden/knative-go-oracle.json"
KAFKA, MT = Profile.KAFKA, Profile.MT
DELIVERY = Delivery(2, "exponential", 1.0, 5.0, "relay", "/dead-letters")
TRIGGER = Trigger("t", ({"exact": {"type": "do.x"}},), "billing", "/events", DELIVERY)
EVENT = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "do.x", "ce-tenantid": "t1"}
DUE = Due(accept(EVENT, b"{}"), TRIGGER)


def golden_filters() -> list[Any]:
    if not GOLDEN.exists():
        return [pytest.param({}, {}, marks=pytest.mark.skip(reason="golden data of ../shared/knative is not here"))]
    golden = json.loads(GOLDEN.read_text())
    supported = [
        case
        for case in golden["filters"]
        if case.get("filters")
        and case["webhook"] == "accept"
        and "cesql" not in json.dumps(case["filters"])
        and "NoFilter" not in case["results"].values()
    ]
    return [pytest.param(case, golden["events"], id=case["name"]) for case in supported]


@pytest.mark.parametrize(("case", "events"), golden_filters())
def test_a_filter_passes_what_knative_passes(case: dict[str, Any], events: dict[str, Any]) -> None:
    for name, result in case["results"].items():
        event = accept(events[name]["headers"], events[name]["body"].encode())
        assert matches(case["filters"], event) == (result == "PassFilter"), name


@pytest.mark.parametrize(
    ("profile", "policy", "waits"),
    [
        (KAFKA, "exponential", [2, 4, 8, 16]),
        (KAFKA, "linear", [1, 2, 3, 4]),
        (MT, "exponential", [1, 2, 4, 8]),
        (MT, "linear", [0, 1, 2, 3]),
    ],
)
def test_the_waits_before_each_retry_are_those_of_the_broker(profile: Profile, policy: str, waits: list[float]) -> None:
    assert [pause(profile, replace(DELIVERY, policy=policy), n) for n in (1, 2, 3, 4)] == waits


@pytest.mark.parametrize(
    ("status", "body", "kafka", "mt"),
    [
        (200, b"", "delivered", "delivered"),
        (204, b"", "delivered", "delivered"),
        (200, b"null", "dead", "retry"),
        (302, b"", "dead", "dead"),
        (400, b"", "dead", "dead"),
        (404, b"", "retry", "retry"),
        (408, b"", "retry", "retry"),
        (409, b"", "retry", "retry"),
        (422, b"", "dead", "dead"),
        (429, b"", "retry", "retry"),
        (500, b"", "retry", "retry"),
        (599, b"", "retry", "retry"),
        (0, b"timeout", "retry", "retry"),
    ],
)
def test_an_answer_means_what_it_means_to_the_broker(status: int, body: bytes, kafka: str, mt: str) -> None:
    reply = Reply(status, {}, body)
    assert (judge(KAFKA, DUE, reply), judge(MT, DUE, reply)) == (kafka, mt)


@pytest.mark.parametrize("profile", Profile)
def test_attempts_are_one_more_than_retries(profile: Profile) -> None:
    due: Due | None = DUE
    outcomes = []
    while due:
        outcome, due, _ = decide(profile, due, Reply(503, {}, b"later"))
        outcomes.append(outcome)
    assert outcomes == ["retry", "retry", "dead", "retry", "retry", "dropped"]


def test_an_event_as_reply_is_refused_loudly() -> None:
    with pytest.raises(BeyondBroker, match="replies are not supported"):
        judge(KAFKA, DUE, Reply(200, {"Ce-Specversion": "1.0"}, b"{}"))


def test_a_body_that_kills_a_real_dispatcher_is_refused_loudly() -> None:
    assert judge(MT, DUE, Reply(500, {}, b"x" * 768)) == "retry"
    with pytest.raises(BeyondBroker, match="769 bytes"):
        judge(MT, DUE, Reply(500, {}, b"x" * 769))
    assert judge(KAFKA, DUE, Reply(500, {}, b"x" * 769)) == "retry"


def error(profile: Profile, reply: Reply) -> dict[str, str]:
    found = dead_letter(profile, DUE, reply).error
    assert found is not None
    assert found.pop("knativeerrordest") == "http://billing.getupnet-app.svc.cluster.local/events"
    return found


def test_a_dead_letter_says_where_and_why_as_each_broker_does() -> None:
    no = base64.b64encode(b"no").decode()
    assert error(KAFKA, Reply(422, {"Kne-Reason": "poison"}, b"no")) == {
        "knativeerrorcode": "422",
        "knativeerrordata": no,
        "reason": "poison",
    }
    assert error(MT, Reply(422, {"Kne-Reason": "poison"}, b"no")) == {"knativeerrorcode": "422", "knativeerrordata": no}
    assert error(KAFKA, Reply(0, {}, b"refused")) == {}
    assert error(MT, Reply(0, {}, b"refused"))["knativeerrorcode"] == "500"
    assert base64.b64decode(error(MT, Reply(0, {}, b"refused"))["knativeerrordata"]) == b"dispatch error: refused"
    assert error(MT, Reply(200, {}, b"null"))["knativeerrorcode"] == "502"
    assert len(base64.b64decode(error(KAFKA, Reply(500, {}, b"x" * 2000))["knativeerrordata"])) == 1024


def test_a_dead_letter_keeps_the_event_and_asks_for_no_reply() -> None:
    buried = dead_letter(KAFKA, DUE, Reply(422, {}, b""))
    assert buried.destination == ("relay", "/dead-letters")
    assert DUE.headers()["prefer"] == "reply"
    headers = buried.headers()
    assert "prefer" not in headers
    assert {name: headers[name] for name in EVENT} == EVENT


class Functions:
    """Answers by function; remembers every call; may post while it is called."""

    def __init__(self, answers: dict[str, list[int]]) -> None:
        self.answers, self.calls = answers, list[tuple[str, str, str]]()
        self.broker: InProcessBroker | None = None

    def __call__(self, function: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.calls.append((function, path, headers["ce-id"]))
        if self.broker and body == b"announce":
            self.broker.post({**EVENT, "ce-id": "2"}, b"{}")
        left = self.answers.get(function, [])
        return left.pop(0) if left else 204, {}, b""


def test_in_one_process_the_same_decisions_run_without_waiting() -> None:
    functions = Functions({"billing": [503, 503, 204]})
    broker = InProcessBroker([TRIGGER], functions)
    assert broker.post(EVENT, b"{}") == 202
    history = broker.settle()
    assert [(a.attempt, a.status, a.outcome) for a in history] == [(1, 503, "retry"), (2, 503, "retry"), (3, 204, "delivered")]
    assert {(a.event_id, a.source, a.type, a.tenant, a.trigger, a.function) for a in history} == {
        ("1", "/s", "do.x", "t1", "t", "billing")
    }
    assert broker.settle() == []


def test_in_one_process_what_subscribers_announce_is_delivered_too() -> None:
    functions = Functions({})
    functions.broker = broker = InProcessBroker([TRIGGER], functions)
    broker.post(EVENT, b"announce")
    assert [attempt.event_id for attempt in broker.settle()] == ["1", "2"]


def test_in_one_process_poison_goes_to_the_dead_letter_sink() -> None:
    functions = Functions({"billing": [422]})
    broker = InProcessBroker([TRIGGER], functions)
    broker.post(EVENT, b"{}")
    assert [attempt.outcome for attempt in broker.settle()] == ["dead", "delivered"]
    assert functions.calls == [("billing", "/events", "1"), ("relay", "/dead-letters", "1")]


def test_in_one_process_a_broken_event_is_a_400_and_reaches_nobody() -> None:
    broker = InProcessBroker([TRIGGER], Functions({}))
    assert broker.post({"content-type": "application/json"}, b"{}") == 400
    assert broker.post({**EVENT, "ce-type": "other"}, b"{}") == 202
    assert broker.settle() == []
