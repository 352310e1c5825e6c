"""A log-in's family of refresh tokens: one chain of generations, eight hours at the most, dead when an old one returns. Pure.

| presented                              | what happens                                                   |
|----------------------------------------|----------------------------------------------------------------|
| the newest generation                  | it is used up, the next one is handed out                      |
| its direct predecessor, within 10 s    | the newest is handed out again: an answer was lost, or twenty asked at once |
| anything older, or later               | somebody has a copy: the whole family is dead                  |
| any, after logout, revocation or 8 h   | refused                                                        |
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.errors import NotAuthenticated

LIFE = timedelta(hours=8)
IDLE = timedelta(minutes=15)
"""How long a platform session may rest; a company's may rest its whole life."""
GRACE = timedelta(seconds=10)


class SessionOver(NotAuthenticated):
    """The same answer for a token that is unknown, used, revoked or past."""

    slug = "session-over"


class Outcome(StrEnum):
    ROTATED = "rotated"
    REPEATED = "repeated"
    REUSED = "reused"
    OVER = "over"


@dataclass(frozen=True)
class Family:
    """`generation` is the newest that was handed out, `rotated_at` when; `authenticated_at` is the last proof of presence,
    `seen_at` when all this was read. All of them by the database's clock.
    """

    id: str
    user: str
    company: str
    generation: int
    rotated_at: datetime
    expires_at: datetime
    authenticated_at: datetime
    methods: tuple[str, ...]
    seen_at: datetime
    idle: bool
    """Whether it dies of rest."""
    revoked: bool = False


def present(family: Family, generation: int) -> Outcome:
    """What a presented generation means; nothing is changed here."""
    now = family.seen_at
    if family.revoked or now >= family.expires_at:
        return Outcome.OVER
    if generation == family.generation:
        return Outcome.OVER if family.idle and now - family.rotated_at > IDLE else Outcome.ROTATED
    if generation == family.generation - 1 and now - family.rotated_at <= GRACE:
        return Outcome.REPEATED
    return Outcome.REUSED
