"""What a document costs the whole platform with few and with many invoices stored: two platforms, measured in turn."""

import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from knative.local.standin import Standin
from tests.bench.figures import Figure
from tests.bench.filling import fill, rows_read, sizes
from tests.bench.platform import relay_after, tree_cpu_seconds
from tests.places import ROOT
from tests.reliability.erp import Erp, Recorder, a_document
from tests.reliability.patience import until
from tests.reliability.platform import Platform

FULL = os.environ.get("FULL_FIGURES") == "1"
COMPANIES, ROUNDS = 4, 5
EMISSIONS = 2000 if FULL else 200
FEW, MANY = 1000, 200_000 if FULL else 20_000
PATTERN = 100
_UNFINISHED = """
SELECT (SELECT count(*) FROM flow.outbox WHERE sent_at IS NULL) + (SELECT count(*) FROM flow.outbox WHERE NOT sealed)
  + (SELECT count(*) FROM flow.work WHERE state = 'pending' AND kind NOT IN ('expiry', 'forecast', 'services'))
"""


@dataclass(frozen=True)
class Spent:
    """On a document, on average: seconds of all processes, and seconds until all were printed, charged and sealed."""

    cpu: float
    wall: float


class Stocked:
    """A platform of four companies with `stored` invoices, in this process and its children."""

    def __init__(self, folder: Path, stored: int) -> None:
        self._standin = Standin(ROOT, folder / "data", command=relay_after(sweep=10, seal=1)).__enter__()
        self._platform = Platform(folder, self._standin)
        recorder = Recorder(folder / "operations")
        companies = [self._platform.open_company() for _ in range(COMPANIES)]
        self._erps = [Erp(self._standin.url, company, recorder) for company in companies]
        self.emit(COMPANIES)
        before = sizes(self._platform.ask)
        self.emit(PATTERN)
        fill(self._platform.ask, before, stored=stored)
        self._read_before = rows_read(self._platform.ask)

    def close(self) -> None:
        self._standin.__exit__(None, None, None)

    def emit(self, documents: int) -> Spent:
        """Emit them, each company its share one after the other, and wait for all that follows."""
        cpu, began = tree_cpu_seconds(os.getpid()), time.monotonic()
        with ThreadPoolExecutor(COMPANIES) as pool:
            list(pool.map(partial(_emit, documents=documents // COMPANIES), self._erps))
        self._settle()
        return Spent((tree_cpu_seconds(os.getpid()) - cpu) / documents, (time.monotonic() - began) / documents)

    def rows_read(self) -> Counter[str]:
        """Rows that PostgreSQL has read since the filling, by table and way."""
        return rows_read(self._platform.ask) - self._read_before

    def _settle(self) -> None:
        quiet = 0
        for _ in until("all that follows an emission is done", seconds=600, every=0.25):
            busy = self._standin.status()["undelivered"] or self._platform.ask(_UNFINISHED)[0][0]
            # What leaves one place may not have come to the next when that was looked at.
            quiet = 0 if busy else quiet + 1
            if quiet == 2:
                return


def _emit(erp: Erp, documents: int) -> None:
    for number in range(documents):
        if not erp.emit(a_document(number)).acknowledged:
            sys.exit(f"document {number} of {erp.company.tenant} was not acknowledged")


_here: list[Stocked] = []
"""The platform of this process, when it is a child that has one."""


def _open(folder: Path, stored: int) -> None:
    _here.append(Stocked(folder, stored))


def _round(documents: int) -> Spent:
    _here[0].emit(COMPANIES)  # what went to sleep in the other's turn is up again
    return _here[0].emit(documents)


def _end() -> Counter[str]:
    rows = _here[0].rows_read()
    _here[0].close()
    return rows


@contextmanager
def _child() -> Iterator[ProcessPoolExecutor]:
    """A process for one platform, so that its tree is nobody else's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        yield child


def figures() -> list[Figure]:
    with ExitStack() as stack:
        children = [stack.enter_context(_child()) for _ in (FEW, MANY)]
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))) for _ in children]
        stores = zip(children, folders, (FEW, MANY), strict=True)
        opened = [child.submit(_open, folder, stored) for child, folder, stored in stores]
        for opening in opened:
            opening.result()
        spent: dict[ProcessPoolExecutor, list[Spent]] = {child: [] for child in children}
        for number in range(ROUNDS):
            for child in children[:: -1 if number % 2 else 1]:
                spent[child].append(child.submit(_round, EMISSIONS // ROUNDS).result())
        few_read, many_read = (child.submit(_end).result() for child in children)
    few, many = spent.values()
    against = f"{MANY} invoices stored against {FEW}, {EMISSIONS} emissions each"
    return [
        _growth("CPU", [one.cpu for one in few], [one.cpu for one in many], against),
        _growth("time", [one.wall for one in few], [one.wall for one in many], _most_grown(few_read, many_read)),
    ]


def _growth(what: str, few: list[float], many: list[float], detail: str) -> Figure:
    one, other = statistics.median(few), statistics.median(many)
    said = f"{other * 1000:.0f} ms against {one * 1000:.0f} ({1 / other:.1f}/s against {1 / one:.1f}); {detail}"
    return Figure(f"{what} of a document as the store grows", other / one, "<=", 1.15, said)


def _most_grown(few: Mapping[str, int], many: Mapping[str, int]) -> str:
    """Where PostgreSQL reads most more rows for the same documents."""
    where, documents = max(many, key=lambda name: many[name] - few.get(name, 0)), EMISSIONS + ROUNDS * COMPANIES
    return f"most rows more: {where}, {many[where] / documents:.0f} a document against {few.get(where, 0) / documents:.0f}"
