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

from shared.cache.redis import Cache
from shared.dgii.answers import Token

_ASKING_SECONDS = 20


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
        held = self._held(name)
        if held and held != refused:
            return held
        with self._lock(name):
            held = self._held(name)
            if held and held != refused:
                return held
            if not self.kept.cache.only_one(f"{name}:asking", seconds=_ASKING_SECONDS):
                other = self._wait(name, refused)
                if other:
                    return other
            try:
                return self._keep(name, authenticate())
            finally:
                self.kept.cache.drop(f"{name}:asking")

    def _lock(self, name: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

    def _held(self, name: str) -> str | None:
        value, until = self._memory.get(name, ("", 0.0))
        shared = self.kept.get(name)
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
            self.kept.put(name, token.value, seconds=seconds)
        else:
            self.kept.cache.drop(name)
        return token.value
