"""DGII's seeds that were signed: none is signed twice, by any process (DG-12)."""

import hashlib
import threading
from collections import deque
from dataclasses import dataclass, field

from shared.cache.redis import Cache
from shared.dgii.failures import SeedUnusable

_DAY = 86_400
_LAST = 256


@dataclass(frozen=True)
class Seeds:
    """Remembered for a day in Redis, and the last ones here, which counts while Redis is away."""

    cache: Cache
    _here: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def use(self, seed: bytes) -> None:
        """SeedUnusable for one that comes again: it was not made for us."""
        digest = hashlib.sha256(seed).hexdigest()
        with self._lock:
            known = digest in self._here
            self._here.append(digest)
        if known or not self.cache.only_one(f"platform:dgii:seed:{digest}", seconds=_DAY):
            raise SeedUnusable(reason="reused")
