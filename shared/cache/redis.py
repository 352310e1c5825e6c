"""Redis: speed, never truth. Losing it loses nothing; a caller that cannot reach it goes on without."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis import Redis


class Cache:
    """Short texts with a life; every failure reads as absence."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _redis(self) -> "Redis":
        from redis import Redis  # 180 ms; the first use pays

        return Redis.from_url(self._url, socket_timeout=1.0, socket_connect_timeout=1.0, decode_responses=True)

    def get(self, key: str) -> str | None:
        """The value, or None when it is absent or Redis is."""
        from redis.exceptions import RedisError

        try:
            value = self._redis.get(key)
        except RedisError:
            return None
        return str(value) if value is not None else None

    def put(self, key: str, value: str, *, seconds: int) -> None:
        """Keep `value` for `seconds`, if Redis is there."""
        from redis.exceptions import RedisError

        try:
            self._redis.set(key, value, ex=seconds)
        except RedisError:
            return

    def drop(self, key: str) -> None:
        """Forget `key`, if Redis is there."""
        from redis.exceptions import RedisError

        try:
            self._redis.delete(key)
        except RedisError:
            return

    def only_one(self, key: str, *, seconds: int) -> bool:
        """True for the first caller within `seconds`; True for everybody when Redis is away."""
        from redis.exceptions import RedisError

        try:
            return bool(self._redis.set(key, "1", nx=True, ex=seconds))
        except RedisError:
            return True
