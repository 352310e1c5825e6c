"""DGII's tokens: one a tenant, environment and certificate, kept sealed in Redis, asked for by one caller at a time."""

import base64
import binascii
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from functions.dgii.turns import Turn
from shared.cache.redis import Cache
from shared.dgii.answers import Token

PATIENCE_SECONDS = 150.0
"""Longer than an authentication may take: two exchanges and a signature."""

_LOOK_SECONDS = 0.1
_NONCE = 12


@dataclass(frozen=True)
class Sealed:
    """Redis that shows nobody a token: AES-256-GCM, bound to the name it is kept under."""

    cache: Cache
    key: bytes

    @classmethod
    def of(cls, cache: Cache, key: str) -> Self:
        """`key` in base64, 32 bytes."""
        return cls(cache, base64.b64decode(key, validate=True))

    def put(self, name: str, value: str, *, seconds: int) -> None:
        nonce = os.urandom(_NONCE)
        sealed = nonce + AESGCM(self.key).encrypt(nonce, value.encode(), name.encode())
        self.cache.put(name, base64.b64encode(sealed).decode("ascii"), seconds=seconds)

    def get(self, name: str) -> str | None:
        """None for what is not there, or was sealed with another key or for another name."""
        try:
            sealed = base64.b64decode(self.cache.get(name) or "", validate=True)
            return AESGCM(self.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode()).decode()
        except (binascii.Error, InvalidTag, ValueError):
            return None


@dataclass
class Tokens:
    """`authenticate` is given by the caller; Redis shares the result between processes, memory outlives its absence."""

    kept: Sealed
    _memory: dict[str, tuple[str, float]] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def get(self, name: str, authenticate: Callable[[], Token], *, refused: str | None = None) -> str:
        """A token for `name`, never the one that was `refused`; a new one is asked for by a single caller."""
        if held := self._held(name, refused):
            return held
        with self._lock(name):
            return self._held(name, refused) or self._asked_for(name, authenticate, refused)

    def _lock(self, name: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

    def _held(self, name: str, refused: str | None) -> str | None:
        value, until = self._memory.get(name, ("", 0.0))
        held = self.kept.get(name) or (value if time.monotonic() < until else "")
        return held if held and held != refused else None

    def _asked_for(self, name: str, authenticate: Callable[[], Token], refused: str | None) -> str:
        """While another process asks, what it gets will do; when it got nothing, the turn is free and is ours."""
        turn, until = Turn(self.kept.cache, f"{name}:asking"), time.monotonic() + PATIENCE_SECONDS
        while not turn.take() and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
            if held := self._held(name, refused):
                return held
        with turn.kept():
            return self._held(name, refused) or self._keep(name, authenticate())

    def _keep(self, name: str, token: Token) -> str:
        seconds = int(token.life / timedelta(seconds=1))
        self._memory[name] = (token.value, time.monotonic() + seconds)
        if seconds > 0:
            self.kept.put(name, token.value, seconds=seconds)
        else:
            self.kept.cache.drop(name)
        return token.value
