"""When an environment of DGII does not answer: who still tries, and when that is worth telling."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

OPENS_AFTER = 10
OPEN_SECONDS = 30.0
TOLD_SECONDS = 30.0


class Turn(Enum):
    """What calls showed of an environment, for those who tell others."""

    DOWN = "down"
    UP = "up"


@dataclass
class _Side:
    failures: int = 0
    until: float = 0.0
    told_up: float | None = None
    turn: Turn | None = None


@dataclass
class Breaker:
    """Ten failures in a row at one environment: for half a minute nobody calls, and then one at a time tries again."""

    clock: Callable[[], float] = time.monotonic
    _sides: dict[str, _Side] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admits(self, environment: str) -> bool:
        with self._lock:
            side, now = self._side(environment), self.clock()
            if now < side.until:
                return False
            if side.failures >= OPENS_AFTER:
                side.until = now + OPEN_SECONDS  # this caller is the probe
            return True

    def saw(self, environment: str, *, failed: bool) -> None:
        with self._lock:
            side, now = self._side(environment), self.clock()
            if failed:
                side.failures += 1
                if side.failures >= OPENS_AFTER:
                    side.until = now + OPEN_SECONDS
                    side.turn = Turn.DOWN
                return
            # An outage may be known from another process: said again now and then, and at once after one of our own.
            if side.failures >= OPENS_AFTER or side.told_up is None or now - side.told_up >= TOLD_SECONDS:
                side.turn, side.told_up = Turn.UP, now
            side.failures, side.until = 0, 0.0

    def take_turn(self, environment: str) -> Turn | None:
        """What is to be told since it was last asked."""
        with self._lock:
            side = self._side(environment)
            turn, side.turn = side.turn, None
            return turn

    def _side(self, environment: str) -> _Side:
        return self._sides.setdefault(environment, _Side())
