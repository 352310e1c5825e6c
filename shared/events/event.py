"""What every fact is: an immutable payload with a type, its one emitter, and a listener or a reason why there is none."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

PREFIX = "do.getupnet"


class Event(BaseModel):
    """`emitter` is the only function that may announce it; `unheard` says why nobody consumes it, when nobody does."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    type: ClassVar[str]
    emitter: ClassVar[str]
    unheard: ClassVar[str | None] = None
