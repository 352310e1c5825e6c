"""How often one may be wrong: per account and network, so that nobody can lock somebody else out. Pure.

Ten failures of one account from one network within half an hour close that pair for the rest of it; the account stays open from
elsewhere, and from a device that has logged in before (security D-26, AUTH-08). A second factor allows five.
"""

import hashlib
import ipaddress
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


def network(address: str) -> str:
    """The /24 or /48 of an address; `unknown` for what is none."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return "unknown"
    prefix = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, prefix), strict=False))
