"""Sessions that ended before their access tokens did: said in Redis, believed within seconds everywhere (security N-3).

The truth is auth's table, which refresh, platform acts and whatever changes or signs something ask; a read route without Redis
believes an access token for the rest of its quarter of an hour.
"""

from dataclasses import dataclass, field

from shared.cache.memory import Memory
from shared.cache.redis import Cache
from shared.db.engine import Transaction
from shared.identity.tokens import ACCESS_SECONDS, LEEWAY_SECONDS

MEMORY_SECONDS = 2.0
_LIVE = "SELECT 1 FROM flow.live_sessions WHERE id::text = :session"
_REMEMBERED = 10_000


@dataclass
class Revocations:
    """One a process; an answer is remembered for two seconds."""

    cache: Cache
    _seen: Memory[bool] = field(default_factory=lambda: Memory(_REMEMBERED))

    def revoke(self, session: str) -> None:
        """For as long as an access token of the session may live."""
        self.cache.put(_key(session), "1", seconds=ACCESS_SECONDS + LEEWAY_SECONDS)
        self._seen.put(session, True, seconds=MEMORY_SECONDS)

    def restore(self, session: str) -> None:
        """What was revoked for a while is believed again."""
        self.cache.drop(_key(session))
        self._seen.put(session, False, seconds=MEMORY_SECONDS)

    def is_revoked(self, session: str) -> bool:
        revoked = self._seen.get(session)
        if revoked is None:
            revoked = self.cache.get(_key(session)) is not None
            self._seen.put(session, revoked, seconds=MEMORY_SECONDS)
        return revoked


def _key(session: str) -> str:
    return f"revoked:{session}"


def is_live(tx: Transaction, session: str) -> bool:
    """The truth, for acts that cannot wait for it: whether the session or the program's key is good now."""
    return bool(tx.rows(_LIVE, session=session))
