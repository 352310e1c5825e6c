"""Redis: speed, never truth. Losing it loses nothing; a caller that cannot reach it goes on without, and does not wait for it."""

import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from redis import Redis
    from redis.commands.core import Script

T = TypeVar("T")
log = logging.getLogger(__name__)
REST_SECONDS = 2.0
"""After a failure Redis is left alone that long, so that its absence costs a request nothing."""


class Cache:
    """Short texts with a life; every failure reads as absence."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._rests_until = 0.0
        self._scripts: dict[str, Script] = {}

    @cached_property
    def _redis(self) -> "Redis":
        from redis import Redis  # 180 ms; the first use pays
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        return Redis.from_url(
            self._url, socket_timeout=0.5, socket_connect_timeout=0.5, decode_responses=True, retry=Retry(NoBackoff(), 0)
        )

    def get(self, key: str) -> str | None:
        """The value, or None when it is absent or Redis is."""
        value = self._ask(lambda redis: redis.get(key))
        return str(value) if value is not None else None

    def put(self, key: str, value: str, *, seconds: int) -> None:
        """Keep `value` for `seconds`, if Redis is there."""
        self._ask(lambda redis: redis.set(key, value, ex=seconds))

    def drop(self, key: str) -> None:
        """Forget `key`, if Redis is there."""
        self._ask(lambda redis: redis.delete(key))

    def only_one(self, key: str, *, seconds: int) -> bool:
        """True for the first caller within `seconds`; True for everybody when Redis is away."""
        return bool(self._ask(lambda redis: bool(redis.set(key, "1", nx=True, ex=seconds)), absent=True))

    def run(self, script: str, keys: list[str], arguments: list[int]) -> list[int] | None:
        """A Lua script that answers whole numbers, in one step for all processes; None when Redis is away."""
        answer = self._ask(lambda redis: self._known(redis, script)(keys=keys, args=arguments))
        return [int(one) for one in answer] if answer is not None else None

    def _known(self, redis: "Redis", script: str) -> "Script":
        if script not in self._scripts:
            self._scripts[script] = redis.register_script(script)
        return self._scripts[script]

    def _ask(self, question: "Callable[[Redis], T]", absent: Any = None) -> Any:
        from redis.exceptions import NoPermissionError, RedisError

        if time.monotonic() < self._rests_until:
            return absent
        try:
            return question(self._redis)
        except NoPermissionError:
            log.exception("Redis forbids what was asked")
            return absent
        except RedisError:
            self._rests_until = time.monotonic() + REST_SECONDS
            return absent
