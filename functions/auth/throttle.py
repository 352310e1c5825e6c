"""How often one may be wrong: per account and network, so that nobody can lock somebody else out. Pure.

Ten failures of one account from one network within half an hour close that pair for the rest of it; the account stays open from
elsewhere, and from a device that has logged in before (security D-26, AUTH-08). A second factor allows five.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import TooMany

WINDOW = timedelta(minutes=30)
PASSWORDS = 10
CODES = 5
RESETS = 3
CODES_WINDOW = timedelta(minutes=5)


class TooManyFailures(TooMany):
    """`retry_after` in seconds. Said for unknown accounts too."""

    slug = "too-many-failures"


@dataclass(frozen=True)
class Failures:
    count: int
    since: datetime


def check(failures: Failures | None, now: datetime, *, most: int, window: timedelta) -> None:
    """TooManyFailures when the pair is closed."""
    if failures is not None and failures.count >= most and now - failures.since < window:
        raise TooManyFailures(retry_after=max(1, round((failures.since + window - now).total_seconds())))


def account(name: str) -> str:
    """What is stored of the account: known and unknown ones look alike."""
    return hashlib.sha256(name.strip().lower().encode("utf-8", "replace")).hexdigest()
