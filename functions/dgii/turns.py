"""Whose turn it is to ask, over all processes: one mark in Redis that only its owner renews or takes away."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.cache.redis import Cache

LEASE_SECONDS = 15
RENEWED_SECONDS = 5.0

_TAKE = "return {redis.call('set', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) and 1 or 0}"
_RENEW = "return {redis.call('get', KEYS[1]) == ARGV[1] and redis.call('expire', KEYS[1], ARGV[2]) or 0}"
_LEAVE = "return {redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1]) or 0}"


@dataclass(frozen=True)
class Turn:
    """One caller's turn at `name`: as long as it takes, and over soon after its process died."""

    cache: Cache
    name: str
    mark: int = field(default_factory=lambda: secrets.randbits(60))

    def take(self) -> bool:
        """False while another has it; True for everybody while Redis is away."""
        return self.cache.run(_TAKE, [self.name], [self.mark, LEASE_SECONDS]) != [0]

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renewed from a thread of its own until the block is through, and then free at once."""
        through = threading.Event()
        threading.Thread(target=self._renew, args=(through,), name="turn", daemon=True).start()
        try:
            yield
        finally:
            through.set()
            self.cache.run(_LEAVE, [self.name], [self.mark])

    def _renew(self, through: threading.Event) -> None:
        while not through.wait(RENEWED_SECONDS):
            self.cache.run(_RENEW, [self.name], [self.mark, LEASE_SECONDS])
