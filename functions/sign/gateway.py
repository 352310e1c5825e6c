"""sign's outside: the secrets store. A parsed key lives at most fifteen minutes in memory and is never written anywhere."""

import json
import threading
import time

from shared.cloud.secrets import get_secret
from shared.cloud.session import Aws
from shared.ecf.key import Key

LIFE_SECONDS = 900
MOST_KEYS = 200


class Keys:
    """Parsed keys by the name of their secret."""

    def __init__(self, aws: Aws, *, verify_output: bool) -> None:
        self._aws = aws
        self._held: dict[str, tuple[float, Key]] = {}
        self._lock = threading.Lock()
        self.verify_output = verify_output

    def get(self, secret_name: str) -> Key:
        """The key, from memory or from Secrets Manager (CloudUnavailable)."""
        now = time.monotonic()
        with self._lock:
            held = self._held.get(secret_name)
            if held and now - held[0] < LIFE_SECONDS:
                return held[1]
        secret = json.loads(get_secret(self._aws, secret_name))
        key = Key.from_pem(secret["private_key_pem"].encode(), secret["certificate_pem"].encode())
        with self._lock:
            fresh = {name: pair for name, pair in self._held.items() if now - pair[0] < LIFE_SECONDS}
            self._held = dict(list(fresh.items())[-(MOST_KEYS - 1) :])
            self._held[secret_name] = (now, key)
        return key
