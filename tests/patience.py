"""Wait for what another thread or process does, and not for ever."""

import time
from collections.abc import Callable


def until(true: Callable[[], bool], *, seconds: float = 10) -> None:
    """Return as soon as it is true; an AssertionError when it is not within `seconds`."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)
