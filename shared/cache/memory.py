"""What one process remembers for a while: bounded, the oldest forgotten first, safe between threads."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass
class Memory(Generic[V]):
    """At most `most` values by key; each is gone after its own seconds. `clock` counts seconds and never goes back."""

    most: int
    clock: Callable[[], float] = time.monotonic
    _held: "OrderedDict[object, tuple[V, float]]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: object) -> V | None:
        """None for what was never here, or is no more."""
        with self._lock:
            return self._current(key)

    def put(self, key: object, value: V, *, seconds: float) -> None:
        with self._lock:
            self._keep(key, value, seconds)

    def add(self, key: object, value: V, *, seconds: float) -> bool:
        """Whether there was none; one that is there stays."""
        with self._lock:
            if self._current(key) is not None:
                return False
            self._keep(key, value, seconds)
            return True

    def clear(self) -> None:
        with self._lock:
            self._held.clear()

    def __len__(self) -> int:
        return len(self._held)

    def _current(self, key: object) -> V | None:
        held = self._held.get(key)
        return held[0] if held and self.clock() < held[1] else None

    def _keep(self, key: object, value: V, seconds: float) -> None:
        self._held[key] = (value, self.clock() + seconds)
        self._held.move_to_end(key)
        while len(self._held) > self.most:
            self._held.popitem(last=False)
