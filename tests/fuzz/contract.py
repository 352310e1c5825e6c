"""What a function's OpenAPI document promises, tried out by schemathesis on the function itself (security INP-06)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from requests.auth import AuthBase
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure, ServerError
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
)
"""All but `positive_data_acceptance`: what the shape allows, the law may refuse; and `object_level_authorization`, which
needs two callers and is TEN-03's (tests/contracts/test_matrix_ids.py)."""
REFUSED = {"enabled": True, "expected-statuses": [400, 401, 403, 404, 405, 409, 413, 415, 422, 429]}
PHASES = ("examples", "coverage", "fuzzing", "stateful")

LATER = {
    "POST /admin/dead-letters/{letter_id}/replay",  # there is no broker
    "POST /sign/certificate/validate",  # a key that nobody has stored yet
    "POST /sign/xml",
}
"""Operations whose 503 is the right answer here; anywhere else it is a server error."""

NO_HTTP = b"Invalid HTTP request received."
"""What uvicorn says by itself."""
ANY_TEXT = {"POST /tenant/emit/batch"}
"""Operations that take any text and judge it line by line: no body of theirs breaks its schema."""


@schemathesis.serializer("application/x-ndjson")
def _ndjson(context: schemathesis.SerializationContext, value: Any) -> bytes:
    """What is generated for a text, as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@dataclass
class Tried:
    """How many requests were made with which seeds, and each kind of breach once with how to repeat it."""

    cases: int = 0
    seeds: list[int] = field(default_factory=list)
    breaches: dict[str, str] = field(default_factory=dict)


def try_out(
    document: dict[str, Any], address: str, callers: AuthBase, *, seed: int, cases: int, phases: tuple[str, ...] = PHASES
) -> Tried:
    """At least so many requests to the function that listens at `address`; each round takes the next seed."""
    operations = sum(len(methods) for methods in document["paths"].values())
    tried = Tried()
    while tried.cases < cases:
        tried.seeds.append(seed + len(tried.seeds))
        examples = max(1, (cases - tried.cases) // operations // len(phases))
        before = tried.cases
        for event in requests_of(document, address, callers, seed=tried.seeds[-1], examples=examples, phases=phases):
            _note(tried, event)
        if tried.cases == before:
            raise AssertionError(f"nothing was asked: {tried.breaches}")
    return tried


def requests_of(
    document: dict[str, Any], address: str, callers: AuthBase, *, seed: int, examples: int, phases: tuple[str, ...]
) -> Iterator[events.EngineEvent]:
    """What schemathesis does in so many requests, each with what was asked and answered."""
    config = SchemathesisConfig.from_dict(
        {
            "base-url": address,
            "seed": seed,
            "continue-on-failure": True,
            "suppress-health-check": ["all"],
            "generation": {"max-examples": examples, "no-shrink": True, "database": "none"},
            "checks": {"enabled": False} | {name: {"enabled": True} for name in CHECKS} | {"negative_data_rejection": REFUSED},
            "phases": {"enabled": False} | {name: {"enabled": True} for name in phases},
            "request-timeout": 60,
        }
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.auth.set_from_requests(callers)
    yield from from_schema(schema).execute()


def _note(tried: Tried, event: events.EngineEvent) -> None:
    if isinstance(event, events.NonFatalError):
        tried.breaches[f"{event.label}: {type(event.value).__name__}"] = str(event.value)
    elif isinstance(event, events.FatalError):
        tried.breaches["the engine stopped"] = repr(event.exception)
    elif isinstance(event, events.ScenarioFinished | events.FuzzScenarioFinished):
        tried.cases += len(event.recorder.interactions)
        for case_id, checks in event.recorder.checks.items():
            if _unread(event.recorder, case_id):
                continue
            operation = event.recorder.cases[case_id].value.operation.label
            for check in checks:
                if check.failure_info is not None and not _is_right(operation, check.failure_info.failure):
                    failure = check.failure_info.failure
                    how = f"{failure.message}\n{check.failure_info.code_sample}"
                    tried.breaches.setdefault(f"{operation}: {failure.title}", how)


def _unread(recorder: ScenarioRecorder, case_id: str) -> bool:
    """Whether the server could not read it as HTTP (a header of odd bytes), so that no function was asked."""
    interaction = recorder.interactions.get(case_id)
    return interaction is not None and interaction.response is not None and interaction.response.content == NO_HTTP


def _is_right(operation: str, failure: Failure) -> bool:
    """Whether what was found is the right answer of this operation all the same."""
    if isinstance(failure, ServerError):
        return failure.status_code == 503 and operation in LATER
    return isinstance(failure, AcceptedNegativeData) and operation in ANY_TEXT
