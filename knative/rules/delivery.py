"""The broker's decisions, without I/O: which trigger wants an event, when to try again, what a dead letter says."""

import base64
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from knative.embedded.state import NAMESPACE
from knative.rules.ingress import Event, EventRefused, accept
from knative.rules.manifests import Delivery, Trigger

_TOLD = ("id", "source", "type", "subject", "tenantid")
RETRIED = frozenset({404, 408, 409, 429})
"""With everything from 500 up (R30)."""


class Profile(StrEnum):
    """Which broker to behave like. MT is meant as `dev` runs it: with `async-handler`, so producers never wait."""

    KAFKA = "kafka"
    MT = "mt"


class BeyondBroker(Exception):
    """A subscriber did what the stand-in refuses to imitate: an event as reply, or a body that kills a dispatcher (R38)."""


@dataclass(frozen=True)
class Reply:
    """A subscriber's answer; status 0 is a network error or time-out, its reason in `body`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cold: bool = False


@dataclass(frozen=True)
class Attempt:
    """One line of history. Outcome: delivered, retry, dead (goes to the dead letter sink next), dropped (the sink failed)."""

    event_id: str
    source: str
    type: str
    subject: str
    tenant: str
    trigger: str
    function: str
    attempt: int
    status: int
    ms: int
    cold: bool
    outcome: str


@dataclass(frozen=True)
class Due:
    """One event on its way to one trigger's subscriber or, when `error` is set, to its dead letter sink."""

    event: Event
    trigger: Trigger
    attempt: int = 1
    error: dict[str, str] | None = None

    @property
    def destination(self) -> tuple[str, str]:
        """Function and path."""
        end = self.trigger.delivery
        return (self.trigger.function, self.trigger.path) if self.error is None else (end.sink, end.sink_path)

    def headers(self) -> dict[str, str]:
        """Of the delivery's request (R13, R36, R37)."""
        extra = {"prefer": "reply"} if self.error is None else {f"ce-{k}": v for k, v in self.error.items()}
        return {**self.event.headers, **extra, "kn-namespace": NAMESPACE}

    def record(self, reply: Reply, ms: int, outcome: str) -> Attempt:
        """The history line of this attempt."""
        event_id, source, type_, subject, tenant = (self.event.attribute(name) for name in _TOLD)
        function, trigger = self.destination[0], self.trigger.name
        return Attempt(
            event_id, source, type_, subject, tenant, trigger, function, self.attempt, reply.status, ms, reply.cold, outcome
        )


def matches(filters: Sequence[Mapping[str, Any]], event: Event) -> bool:
    """Whether every filter passes (R20-R23; empty ones never get here)."""
    return all(_passes(entry, event) for entry in filters)


def _passes(entry: Mapping[str, Any], event: Event) -> bool:
    ((dialect, inner),) = entry.items()
    match dialect:
        case "all":
            return all(_passes(child, event) for child in inner)
        case "any":
            return any(_passes(child, event) for child in inner)
        case "not":
            return not _passes(inner, event)
        case "exact":
            return all(event.attribute(name) == wanted for name, wanted in inner.items())
        case "prefix":
            return all(event.attribute(name).startswith(wanted) for name, wanted in inner.items())
        case "suffix":
            return all(event.attribute(name).endswith(wanted) for name, wanted in inner.items())
    raise ValueError(f"no such dialect: {dialect}")


def pause(profile: Profile, delivery: Delivery, retry: int) -> float:
    """Seconds before the n-th retry (R31): no jitter, no cap."""
    shift = 0 if profile is Profile.KAFKA else 1
    if delivery.policy == "linear":
        return delivery.delay * (retry - shift)
    return float(delivery.delay * 2 ** (retry - shift))


def judge(profile: Profile, due: Due, reply: Reply) -> str:
    """`delivered`, `retry`, `dead` or `dropped` (R30, R35, R37, R41); raises BeyondBroker."""
    last = "dead" if due.error is None else "dropped"
    again = "retry" if due.attempt <= due.trigger.delivery.retry else last
    if 200 <= reply.status < 300:
        low = {name.lower(): value for name, value in reply.headers.items()}
        if "ce-specversion" in low or low.get("content-type", "").startswith("application/cloudevents"):
            raise BeyondBroker(f"{due.destination[0]} answered {due.trigger.name} with an event: replies are not supported")
        if not reply.body:
            return "delivered"
        return again if profile is Profile.MT else last
    if profile is Profile.MT and len(reply.body) > 768:
        size = f"an error body of {len(reply.body)} bytes"
        raise BeyondBroker(f"{due.destination[0]} answered {due.trigger.name} with {size}: over 768 crash the dispatcher")
    return again if reply.status == 0 or reply.status >= 500 or reply.status in RETRIED else last


def dead_letter(profile: Profile, due: Due, reply: Reply) -> Due:
    """The event's way to the dead letter sink (R36)."""
    function, path = due.destination
    error = {"knativeerrordest": f"http://{function}.{NAMESPACE}.svc.cluster.local{path}"}
    bad_gateway = 200 <= reply.status < 300 and profile is Profile.MT
    if reply.status == 0 and profile is Profile.MT:
        reply = replace(reply, status=500, body=b"dispatch error: " + reply.body)
    if reply.status:
        error["knativeerrorcode"] = "502" if bad_gateway else str(reply.status)
        error["knativeerrordata"] = base64.b64encode(reply.body[:1024]).decode("ascii")
    if profile is Profile.KAFKA:
        error |= {k.lower()[4:]: v for k, v in reply.headers.items() if k.lower().startswith("kne-")}
    return replace(due, attempt=1, error={name: value for name, value in error.items() if value})


def decide(profile: Profile, due: Due, reply: Reply) -> tuple[str, Due | None, float]:
    """The outcome of an attempt, what follows (none: it is over) and after how many seconds; raises BeyondBroker."""
    outcome = judge(profile, due, reply)
    if outcome == "retry":
        return outcome, replace(due, attempt=due.attempt + 1), pause(profile, due.trigger.delivery, due.attempt)
    return outcome, dead_letter(profile, due, reply) if outcome == "dead" else None, 0


class InProcessBroker:
    """The same decisions in one process and without waiting, for tests: what is posted is delivered when it is settled."""

    def __init__(
        self,
        triggers: Sequence[Trigger],
        call: Callable[[str, str, dict[str, str], bytes], tuple[int, Mapping[str, str], bytes]],
        profile: Profile = Profile.KAFKA,
    ) -> None:
        self._triggers, self._call, self._profile = triggers, call, profile
        self._queue: deque[Due] = deque()

    def post(self, headers: Mapping[str, str], body: bytes) -> int:
        """A producer's POST to K_SINK: 202 or 400."""
        try:
            event = accept(headers, body)
        except EventRefused:
            return 400
        self._queue.extend(Due(event, trigger) for trigger in self._triggers if matches(trigger.filters, event))
        return 202

    def settle(self) -> list[Attempt]:
        """Deliver, retry and bury until nothing is left, including what subscribers post meanwhile; the new history."""
        history: list[Attempt] = []
        while self._queue:
            due = self._queue.popleft()
            began = time.perf_counter()
            reply = Reply(*self._call(*due.destination, due.headers(), due.event.body))
            outcome, following, _ = decide(self._profile, due, reply)
            history.append(due.record(reply, round((time.perf_counter() - began) * 1000), outcome))
            if following:
                self._queue.append(following)
        return history
