"""The autoscaler's arithmetic (R63) and Knative's own periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Timing:
    """Seconds: autoscaler tick, scale-to-zero grace, quiet time of a drain, readiness poll."""

    tick: float = 2
    grace: float = 30
    quiet: float = 30
    poll: float = 0.05


KNATIVE = Timing()
"""The periods of a cluster as it is installed."""


def desired(samples: Sequence[tuple[float, float]], now: float, window: float, target: float, ready: int) -> int:
    """Replicas wanted for the concurrency seen over the window, or over its last tenth when that doubles it (panic).

    `samples` are (time, requests under way or waiting); `target` is requests a replica, utilisation included.
    """
    wanted = []
    for span in (window, window / 10):
        seen = [busy for at, busy in samples if now - at <= span] or [0.0]
        wanted.append(ceil(sum(seen) / len(seen) / target))
    stable, panic = wanted
    return max(stable, panic) if panic >= 2 * max(1, ready) else stable
