"""One request for each operation of a function, of those that schemathesis made up: the one that got furthest."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from schemathesis.engine import events
from schemathesis.engine.recorder import Interaction

from tests.fuzz.contract import requests_of
from tests.fuzz.subject import Subject

PHASES = ("examples", "fuzzing", "stateful")
EXAMPLES = 20
"""What is made up for an operation in each phase."""


@dataclass(frozen=True)
class Sample:
    """`target` is path and query as asked; `status` what came back."""

    operation: str
    method: str
    target: str
    body: bytes
    media_type: str
    status: int

    @property
    def depth(self) -> int:
        """How far it got: 0 was turned away at the door, 1 was refused by what the route does, 2 was done."""
        return 2 if self.status < 400 else int(self.status not in (401, 403, 405, 406, 415, 429))


def samples(subject: Subject, *, seed: int) -> list[Sample]:
    """At most one an operation."""
    best: dict[str, Sample] = {}
    for event in requests_of(subject.document, subject.address, subject.callers, seed=seed, examples=EXAMPLES, phases=PHASES):
        if isinstance(event, events.ScenarioFinished | events.FuzzScenarioFinished):
            for case_id, interaction in event.recorder.interactions.items():
                found = _sample(event.recorder.cases[case_id].value.operation.label, interaction)
                if found and (found.operation not in best or found.depth > best[found.operation].depth):
                    best[found.operation] = found
    return [best[operation] for operation in sorted(best)]


def _sample(operation: str, interaction: Interaction) -> Sample | None:
    asked, answer = interaction.request, interaction.response
    if answer is None or asked.method != operation.partition(" ")[0]:
        return None
    address = urlsplit(asked.uri)
    target = f"{address.path}?{address.query}" if address.query else address.path
    media_type = asked.headers.get("Content-Type", [""])[0]
    return Sample(operation, asked.method, target, asked.body or b"", media_type, answer.status_code)
