"""When to look again: first where DGII is usually through, as its own answers showed, then ever more slowly.

DGII does not say when it was through, only whether it is. So the place of the first look is found by that alone: a look that came
in time moves it a little forward, one that came too early four times as much back, and it settles where four of five documents are
through. At the very median every second document would want a second look, half as many again as an oracle's one.

Whoever is not through at the second look either is one of the slow ones, so the looks after it lie far apart.
"""

from dataclasses import dataclass
from datetime import timedelta

USUAL = timedelta(milliseconds=250)
_SOONEST = timedelta(milliseconds=100)
_LONGEST = timedelta(minutes=10)
_SOONER, _LATER = 0.98, 1.08
_MOST_STEPS = 2
_SLOW = 3
_KEPT_SECONDS = 5.0
_FIRST_QUERIES = (timedelta(seconds=5), timedelta(seconds=25))
_LONGEST_QUARANTINE = 4
_LEAST_QUERY = timedelta(milliseconds=50)


@dataclass(frozen=True)
class Waits:
    """`quarantine` is how long a document whose answer was lost is only asked for; `first_look` is the pace of its type."""

    quarantine: timedelta
    first_look: timedelta = USUAL


def next_look(elapsed: timedelta, early_looks: int) -> timedelta:
    """After a look that was too early: as long again as it has taken so far, from the second on thrice; ten minutes at most."""
    return min(max(elapsed * (_SLOW if early_looks > 1 else 1), _SOONEST), _LONGEST)


def quarantine_of(posts: int, quarantine: timedelta) -> timedelta:
    """How long a document that was sent so often is only asked for: what DGII chokes on is sent ever more rarely."""
    return quarantine * min(1 << max(posts - 1, 0), _LONGEST_QUARANTINE)


def next_query(misses: int, quarantine: timedelta) -> timedelta:
    """Two early looks, then three a quarantine (protocol: 5, 10, 15 minutes)."""
    third = max(quarantine / 3, _LEAST_QUERY)
    return min(_FIRST_QUERIES[misses], third) if misses < len(_FIRST_QUERIES) else third


@dataclass
class Pace:
    """The first look at documents of one environment and type."""

    first_look: timedelta = USUAL
    _kept_at: float = 0.0
    _changed: bool = False

    def learn(self, early_looks: int, elapsed: timedelta) -> None:
        """From one verdict: how many looks came too early for it (each one of a row says it more clearly), and when it was seen.

        A look that came late for other reasons and found the verdict there says nothing.
        """
        if not early_looks and elapsed > 2 * self.first_look:
            return
        factor = _LATER ** min(early_looks, _MOST_STEPS) if early_looks else _SOONER
        self.first_look = min(max(self.first_look * factor, _SOONEST), _LONGEST)
        self._changed = True

    def to_keep(self, now: float) -> timedelta | None:
        """What is to be kept for other processes, now and then; `now` is monotonic."""
        if not self._changed or now - self._kept_at < _KEPT_SECONDS:
            return None
        self._changed, self._kept_at = False, now
        return self.first_look
