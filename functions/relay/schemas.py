"""The wire of relay."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DeadLetterOut(Shape):
    """`destination` is who did not take it, `code` its last status, `reason` what the broker kept of the answer (base64)."""

    id: str
    company: str
    event_source: str
    event_id: str
    type: str
    destination: str
    code: int | None
    reason: str | None
    received_at: str
    replayed_at: str | None


class DeadLetterPage(Shape):
    items: list[DeadLetterOut]
    next: str | None


class DeadWorkOut(Shape):
    company: str
    function: str
    kind: str
    key: str
    attempts: int
    last_error: str | None
    finished_at: str | None


class DeadWorkList(Shape):
    items: list[DeadWorkOut]


class DeadWorkKey(Shape):
    company: str
    function: str
    kind: str
    key: str


class WokenOut(Shape):
    resent: int
