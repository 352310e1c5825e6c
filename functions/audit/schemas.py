"""The wire of audit."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class VerifyOut(Shape):
    """`pending` facts are recorded and not sealed yet (a batch is sealed within a minute)."""

    intact: bool
    records: int
    head: str
    broken_at: int | None
    pending: int


class RecordOut(Shape):
    seq: int
    record: dict[str, Any]
    hash_prev: str
    hash_curr: str
    sealed_at: str


class RecordPage(Shape):
    items: list[RecordOut]
    next: str | None
