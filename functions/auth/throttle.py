"""How often one may be wrong: per account and network, so that nobody can lock somebody else out. Pure.

Ten failures of one account from one network within half an hour close that pair for the rest of it; the account stays open from
elsewhere, and from a device that has logged in before, which is counted for itself (security D-26, AUTH-08). Once an account has
failed a hundred times in all, a network that never got in may fail three times only, and the audit is told. A second factor allows
five.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import TooMany

WINDOW = timedelta(minutes=30)
PASSWORDS = 10
ATTACKED = 100
"""Failures of one account, wherever they come from, that are no forgetful owner any more."""
PASSWORDS_ATTACKED = 3
EVERYWHERE = "*"
"""Stands in a network's place where all are counted together."""
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


def passwords(everywhere: Failures | None, now: datetime, *, device: bool) -> int:
    """How many wrong passwords one counter allows now; a device of the account's own is not slowed down by strangers."""
    attacked = everywhere is not None and everywhere.count > ATTACKED and now - everywhere.since < WINDOW
    return PASSWORDS_ATTACKED if attacked and not device else PASSWORDS


def account(name: str) -> str:
    """What is stored of the account: known and unknown ones look alike."""
    return hashlib.sha256(name.strip().lower().encode("utf-8", "replace")).hexdigest()
