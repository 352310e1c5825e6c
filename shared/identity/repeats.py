"""What is said once a minute, however often it happens: a flood of the same must not become a flood of facts."""

import hashlib
from dataclasses import dataclass, field

from shared.cache.memory import Memory
from shared.cache.redis import Cache

SECONDS = 60
_REMEMBERED = 10_000


@dataclass
class Repeats:
    """One a process, Redis for all of them together. Without Redis each process says it once a minute."""

    cache: Cache
    _said: Memory[bool] = field(default_factory=lambda: Memory(_REMEMBERED))

    def is_new(self, tenant: str, *what: str) -> bool:
        """True for the first within a minute; the tenant is the first part of the key that says so."""
        key = repeat_key(tenant, *what)
        return self._said.add(key, True, seconds=SECONDS) and self.cache.only_one(key, seconds=SECONDS)


def repeat_key(tenant: str, *what: str) -> str:
    """Parts are framed by their lengths, so that no two lists of them are the same key."""
    framed = "".join(f"{len(part)}:{part}" for part in what)
    return f"{tenant}:said:{hashlib.sha256(framed.encode('utf-8', 'replace')).hexdigest()}"
