"""DGII's tokens: one a tenant, environment and certificate, kept in Redis, asked for by one caller at a time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from shared.cache.redis import Cache
from shared.dgii.answers import Token

_ASKING_SECONDS = 20


@dataclass
class Tokens:
    """`authenticate` is given by the caller; Redis shares the result between processes, memory outlives its absence."""

    cache: Cache
    _memory: dict[str, tuple[str, float]] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def get(self, name: str, authenticate: Callable[[], Token], *, refused: str | None = None) -> str:
        """A token for `name`, never the one that was `refused`; a new one is asked for by a single caller."""
        held = self._held(name)
        if held and held != refused:
            return held
        with self._lock(name):
            held = self._held(name)
            if held and held != refused:
                return held
            if not self.cache.only_one(f"{name}:asking", seconds=_ASKING_SECONDS):
                other = self._wait(name, refused)
                if other:
                    return other
            try:
                return self._keep(name, authenticate())
            finally:
                self.cache.drop(f"{name}:asking")

    def _lock(self, name: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

    def _held(self, name: str) -> str | None:
        value, until = self._memory.get(name, ("", 0.0))
        shared = self.cache.get(name)
        return shared or (value if time.monotonic() < until else None)

    def _wait(self, name: str, refused: str | None) -> str | None:
        """Another process is asking: take what it gets, as long as it may take."""
        until = time.monotonic() + _ASKING_SECONDS
        while time.monotonic() < until:
            time.sleep(0.1)
            held = self._held(name)
            if held and held != refused:
                return held
        return None

    def _keep(self, name: str, token: Token) -> str:
        seconds = int(token.life / timedelta(seconds=1))
        self._memory[name] = (token.value, time.monotonic() + seconds)
        if seconds > 0:
            self.cache.put(name, token.value, seconds=seconds)
        else:
            self.cache.drop(name)
        return token.value
