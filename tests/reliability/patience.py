"""Wait for something without waiting for ever."""

import time
from collections.abc import Iterator


class TooLong(Exception):
    """What did not happen in time."""


def until(what: str, *, seconds: float, every: float = 0.1) -> Iterator[float]:
    """Yields the seconds passed, again and again; TooLong after `seconds`."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        yield passed
        time.sleep(every)
    raise TooLong(what)
