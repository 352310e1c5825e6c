"""What auth does that is slow or secret: hash passwords behind a semaphore, sign tokens, seal what is read again."""

import base64
import hmac
import re
import secrets
import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

from functions.auth.signing_keys import KeyStepRefused
from shared.cloud import envelope
from shared.cloud.session import Aws
from shared.errors import Unavailable
from shared.events.keys import FunctionKey
from shared.identity.peers import place
from shared.identity.tokens import ACCESS_SECONDS, UserClaims, issue_user_token

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

AT_ONCE = 2
WAITING = 16
_REFRESH = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(0|[1-9][0-9]{0,8})\.[A-Za-z0-9_-]{43}")
_DEVICE = re.compile(r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}")
_FACTOR = b"auth.second_factors|secret|1|"


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
                return hasher.verify(stored or _NOBODY, password) and stored is not None
            except argon2.exceptions.VerificationError:
                return False

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's: it is made anew at the next log-in (AUTH-13)."""
        import argon2

        return argon2.PasswordHasher(time_cost=4, memory_cost=65536, parallelism=2).check_needs_rehash(stored)

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
    """The hasher; the key that signs user tokens (`kid:seed`); the key (32 bytes, base64) of what only auth reads again; AWS,
    whose KMS seals what other functions read."""

    def __init__(self, signing_key: str, credential_key: str, hasher: Hasher, aws: Aws) -> None:
        kid, _, seed = signing_key.partition(":")
        self._key = FunctionKey(kid, seed)
        self._secret = base64.b64decode(credential_key, validate=True)
        self.hasher = hasher
        self._aws = aws

    def must_be_known(self, known: Collection[str]) -> None:
        """KeyStepRefused when readers know no key of this name: auth does not start with it."""
        if self._key.function not in known:
            raise KeyStepRefused(reason=f"{self._key.function} signs and is not among the known keys")

    def token(self, claims: UserClaims, *, seconds: int = ACCESS_SECONDS) -> str:
        return issue_user_token(claims, self._key, seconds=seconds)

    @staticmethod
    def draw() -> str:
        """A secret of 256 bits, shown once."""
        return secrets.token_urlsafe(32)

    def refresh_token(self, session: str, generation: int) -> str:
        """One generation of a family: always the same text, so that a lost answer can be given again."""
        return f"{session}.{generation}.{self._mac('refresh', f'{session}.{generation}')}"

    def read_refresh_token(self, token: str) -> tuple[str, int] | None:
        """Session and generation of a token that we made; None for any other text."""
        if not _REFRESH.fullmatch(token):
            return None
        session, generation, mac = token.split(".")
        genuine = hmac.compare_digest(mac, self._mac("refresh", f"{session}.{generation}"))
        return (session, int(generation)) if genuine else None

    def device_token(self, account: str, device: str | None = None) -> str:
        """What a device that got into `account` (a hash) shows the next time; a new one unless it has a name already."""
        name = device or secrets.token_urlsafe(16)
        return f"{name}.{self._mac('device', f'{account}.{name}')}"

    def read_device_token(self, account: str, token: str) -> str | None:
        """The device's name, if it has been in this account before."""
        if not _DEVICE.fullmatch(token):
            return None
        name = token.partition(".")[0]
        return name if hmac.compare_digest(token, self.device_token(account, name)) else None

    def csrf_token(self, session: str) -> str:
        """What a portal sends back beside its cookie."""
        return self._mac("csrf", session)

    def seal(self, user: str, secret: str) -> bytes:
        """AES-256-GCM under a key of this purpose; bound to the person, so that rows cannot be exchanged (security D-13)."""
        nonce = secrets.token_bytes(12)
        return nonce + self._aead().encrypt(nonce, secret.encode(), _FACTOR + user.encode())

    def unseal(self, user: str, sealed: bytes) -> str:
        return self._aead().decrypt(sealed[:12], sealed[12:], _FACTOR + user.encode()).decode()

    def seal_for_peers(self, company: str, key_id: str, secret: str) -> bytes:
        """Under the company's KMS key: the doors that take signed requests open it."""
        return envelope.seal(self._aws, secret.encode(), place(company, key_id))

    def _mac(self, purpose: str, text: str) -> str:
        key = hmac.digest(self._secret, purpose.encode(), "sha256")
        return base64.urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).rstrip(b"=").decode()

    def _aead(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # not needed to be ready

        return AESGCM(hmac.digest(self._secret, b"second factor", "sha256"))
