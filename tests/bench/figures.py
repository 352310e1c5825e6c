"""A figure: a ratio, what it was measured against, and the figure to reach."""

import operator
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`bound` is ">=" or "<=" and tells which side of `target` is good."""

    name: str
    ratio: float
    bound: str
    target: float
    detail: str

    def __str__(self) -> str:
        reached = {">=": operator.ge, "<=": operator.le}[self.bound](self.ratio, self.target)
        mark = "reached" if reached else "MISSED "
        return f"{mark}  {self.name:44} {self.ratio:8.2f} {self.bound} {self.target:<6g} {self.detail}"


def cpu_seconds(act: Callable[[], object], *, times: int, warm: int = 20) -> float:
    """CPU seconds of one call, the median of five batches."""
    for _ in range(warm):
        act()
    batches = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(times // 5):
            act()
        batches.append((time.process_time() - began) / (times // 5))
    return statistics.median(batches)


def wall_seconds(act: Callable[[], object], *, times: int, warm: int = 10) -> float:
    """Wall seconds of one call, the median of all."""
    for _ in range(warm):
        act()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
