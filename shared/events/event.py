"""What every fact is: an immutable payload with a type, who may announce it, and a listener or a reason why there is none."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

PREFIX = "do.getupnet"
EVERY_DOOR = "*"
"""Stands in an emitter's place for what any function with a door for people may have to say."""


class Event(BaseModel):
    """`emitter` is the only function that may announce it, or EVERY_DOOR; `unheard` says why nobody consumes it, if so."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    type: ClassVar[str]
    emitter: ClassVar[str]
    unheard: ClassVar[str | None] = None

    @classmethod
    def may_come_from(cls, function: str) -> bool:
        return cls.emitter in (function, EVERY_DOOR)
