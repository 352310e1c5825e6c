"""The keys that sign people's tokens, changed without refusing one: known first, then used, then forgotten. Pure.

| step | what changes                       | when it is safe                                                        |
|------|------------------------------------|------------------------------------------------------------------------|
| add  | every reader knows one key more    | always, while fewer than three are known                               |
| use  | auth signs with it                 | when every function runs with the new set                              |
| drop | the readers forget the old one     | when its last token has ended: 15 minutes and the leeway after `use`   |
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.errors import Conflict
from shared.identity.tokens import ACCESS_SECONDS, LEEWAY_SECONDS

MOST = 3
REST = timedelta(seconds=ACCESS_SECONDS + LEEWAY_SECONDS)
"""How long a token may be believed after its key has signed for the last time."""


class KeyStepRefused(Conflict):
    """The step would refuse somebody's token; `reason` says why."""

    slug = "conflict"


def kid_of(now: datetime) -> str:
    """Keys are called by the minute they were drawn in."""
    return now.strftime("%Y%m%dT%H%MZ")


def add(known: Mapping[str, str], kid: str, public: str) -> dict[str, str]:
    """The set with one key more."""
    if len(known) >= MOST:
        raise KeyStepRefused(reason=f"{MOST} keys are known already: drop one first")
    if kid in known:
        raise KeyStepRefused(reason=f"there is a key {kid} already")
    return {**known, kid: public}


def must_know(known: Mapping[str, str], kid: str, public: str) -> None:
    """KeyStepRefused unless readers with this set believe what the key signs."""
    if known.get(kid) != public:
        raise KeyStepRefused(reason=f"{kid} is not among the known keys, or is another key there: nobody would believe its tokens")


def drop(known: Mapping[str, str], kid: str, *, signing: str, stopped: datetime, now: datetime) -> dict[str, str]:
    """The set without `kid`, which signed for the last time at `stopped`."""
    if kid == signing:
        raise KeyStepRefused(reason=f"{kid} signs today")
    if kid not in known:
        raise KeyStepRefused(reason=f"there is no key {kid}")
    if now - stopped < REST:
        raise KeyStepRefused(reason=f"tokens of {kid} may live until {(stopped + REST).isoformat(timespec='seconds')}")
    return {name: public for name, public in known.items() if name != kid}
