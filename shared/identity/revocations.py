"""Sessions that ended before their access tokens did: said in Redis, believed within seconds everywhere (security N-3).

The truth is auth's table, which refresh, platform acts and whatever changes or signs something ask; a read route without Redis
believes an access token for the rest of its quarter of an hour.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

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
    _seen: "OrderedDict[str, tuple[bool, float]]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def revoke(self, session: str) -> None:
        """For as long as an access token of the session may live."""
        self.cache.put(_key(session), "1", seconds=ACCESS_SECONDS + LEEWAY_SECONDS)
        self._remember(session, revoked=True)

    def restore(self, session: str) -> None:
        """What was revoked for a while is believed again."""
        self.cache.drop(_key(session))
        self._remember(session, revoked=False)

    def is_revoked(self, session: str) -> bool:
        with self._lock:
            revoked, until = self._seen.get(session, (False, 0.0))
        if time.monotonic() < until:
            return revoked
        revoked = self.cache.get(_key(session)) is not None
        self._remember(session, revoked=revoked)
        return revoked

    def _remember(self, session: str, *, revoked: bool) -> None:
        with self._lock:
            self._seen[session] = (revoked, time.monotonic() + MEMORY_SECONDS)
            self._seen.move_to_end(session)
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)


def _key(session: str) -> str:
    return f"revoked:{session}"


def is_live(tx: Transaction, session: str) -> bool:
    """The truth, for acts that cannot wait for it: whether the session or the program's key is good now."""
    return bool(tx.rows(_LIVE, session=session))
