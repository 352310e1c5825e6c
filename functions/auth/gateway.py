"""What auth does that is slow or secret: hash passwords behind a semaphore, sign tokens."""

import secrets
import threading

from shared.errors import Unavailable
from shared.events.keys import FunctionKey
from shared.identity.tokens import UserClaims, issue_user_token

AT_ONCE = 2
WAITING = 16
LONGEST_PASSWORD = 256


class Hasher:
    """Argon2id, time 4, 64 MiB, parallelism 2; two at once, sixteen waiting, the rest told to come back (security D-25)."""

    def __init__(self) -> None:
        self._slots = threading.Semaphore(AT_ONCE)
        self._queue = threading.BoundedSemaphore(AT_ONCE + WAITING)

    def hash(self, password: str) -> str:
        import argon2  # 30 ms, and only two routes need it

        with self._turn():
            return argon2.PasswordHasher(time_cost=4, memory_cost=65536, parallelism=2).hash(password)

    def matches(self, password: str, stored: str | None) -> bool:
        """Costs the same for a user that does not exist."""
        import argon2

        hasher = argon2.PasswordHasher(time_cost=4, memory_cost=65536, parallelism=2)
        with self._turn():
            try:
                return hasher.verify(stored or _NOBODY, password[:LONGEST_PASSWORD]) and stored is not None
            except argon2.exceptions.VerificationError:
                return False

    def _turn(self) -> "_Turn":
        return _Turn(self._slots, self._queue)


class _Turn:
    def __init__(self, slots: threading.Semaphore, queue: threading.BoundedSemaphore) -> None:
        self._slots, self._queue = slots, queue

    def __enter__(self) -> None:
        if not self._queue.acquire(blocking=False):
            raise Unavailable(retry_after=2)
        self._slots.acquire()

    def __exit__(self, *_: object) -> None:
        self._slots.release()
        self._queue.release()


# A hash of nothing anybody types, with the same cost: what an unknown user is compared with.
_NOBODY = "$argon2id$v=19$m=65536,t=4,p=2$c29tZXNhbHRzb21lc2FsdA$Zm9yIG5vYm9keSBmb3Igbm9ib2R5IGZvciBub2JvZHk"


class Keyring:
    """The hasher, and the key that signs user tokens (`kid:seed`)."""

    def __init__(self, signing_key: str, hasher: Hasher) -> None:
        kid, _, seed = signing_key.partition(":")
        self._key = FunctionKey(kid, seed)
        self.hasher = hasher

    def token(self, claims: UserClaims) -> str:
        return issue_user_token(claims, self._key)

    @staticmethod
    def invitation() -> str:
        """A token of 256 bits, shown once."""
        return secrets.token_urlsafe(32)
