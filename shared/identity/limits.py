"""How much one tenant may ask at once: GCRA in Redis for all processes together, in memory when Redis is away (security D-24).

The generic cell rate algorithm keeps one number a key, the theoretical arrival time of the next request: no window has an edge
at which twice the limit passes.
"""

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import Enum

from shared.cache.redis import Cache
from shared.errors import TooMany

_SCRIPT = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local every, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = tonumber(redis.call('GET', KEYS[1]) or now)
if due < now then due = now end
local room = math.floor((now + every * burst - due) / every)
if room < 1 then return {0, 0, due - every * (burst - 1) - now} end
redis.call('SET', KEYS[1], string.format('%d', due + every), 'PX', math.ceil((due + every - now) / 1000) + 1000)
return {1, room - 1, 0}
"""
_MICRO = 1_000_000
_REMEMBERED = 10_000


class RateLimited(TooMany):
    """`retry_after` in seconds."""

    slug = "rate-limited"


class Class(Enum):
    """What is counted together: requests a second, and how many at once after a rest."""

    READ = (100, 200)
    WRITE = (50, 100)
    EMIT = (200, 400)
    PUBLIC = (20, 60)
    """Whoever has no token yet, by network."""

    @property
    def every(self) -> int:
        """Microseconds between two requests at the steady rate."""
        return _MICRO // self.value[0]

    @property
    def burst(self) -> int:
        return int(self.value[1])


@dataclass(frozen=True)
class Room:
    """What is left: `remaining` requests now, of `limit` after a rest."""

    limit: int
    remaining: int


@dataclass
class Limiter:
    """One a process. Without Redis each process counts for itself, so the limit is that of one process."""

    cache: Cache
    _due: "OrderedDict[str, int]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, who: str, kind: Class) -> Room:
        """Count one request of `who` (a tenant, or a network); RateLimited when there is no room."""
        key = f"{who}:limit:{kind.name.lower()}"
        answer = self.cache.run(_SCRIPT, [key], [kind.every, kind.burst]) or self._alone(key, kind)
        allowed, remaining, wait = answer
        if not allowed:
            raise RateLimited(retry_after=max(1, math.ceil(wait / _MICRO)), limit=kind.burst)
        return Room(kind.burst, remaining)

    def _alone(self, key: str, kind: Class) -> list[int]:
        now = time.monotonic_ns() // 1000
        with self._lock:
            due = max(self._due.pop(key, now), now)
            room = (now + kind.every * kind.burst - due) // kind.every
            self._due[key] = due + kind.every if room >= 1 else due
            while len(self._due) > _REMEMBERED:
                self._due.popitem(last=False)
        return [1, room - 1, 0] if room >= 1 else [0, 0, due - kind.every * (kind.burst - 1) - now]
