"""The seal that binds a transaction to one tenant: `tenant|expiry|hmac`, checked by PostgreSQL (security D-2).

The database verifies it in `tenancy.current_tenant()`; only the session factory and the migrations role know the key.
"""

import base64
import hashlib
import hmac
import re
import time

PLATFORM = "platform"
"""The reserved tenant of platform acts."""

_TENANT = re.compile(r"[a-z0-9-]{1,36}")
_LIFE_SECONDS = 60
_BLOCK = 64


def is_tenant(text: str) -> bool:
    """Whether a text can be the name of a tenant."""
    return _TENANT.fullmatch(text) is not None


class Seal:
    """Makes sealed contexts. Key: 32 to 64 bytes, the same as in `tenancy.seal_key`."""

    def __init__(self, key: bytes) -> None:
        if not 32 <= len(key) <= _BLOCK:
            raise ValueError("the seal key has 32 to 64 bytes")
        self._key = key

    @classmethod
    def from_base64(cls, text: str) -> "Seal":
        return cls(base64.b64decode(text, validate=True))

    def context(self, tenant: str, *, now: float | None = None) -> str:
        """The value of the local setting `app.ctx` for one transaction; safe inside a quoted SQL literal."""
        if not is_tenant(tenant):
            raise ValueError(f"not a tenant: {tenant!r}")
        expires = int(time.time() if now is None else now) + _LIFE_SECONDS
        message = f"{tenant}|{expires}"
        return f"{message}|{hmac.new(self._key, message.encode(), hashlib.sha256).hexdigest()}"

    def pads(self) -> tuple[bytes, bytes]:
        """HMAC's inner and outer pads: what the database needs, as it has sha256() but no hmac()."""
        block = self._key.ljust(_BLOCK, b"\0")
        return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)
