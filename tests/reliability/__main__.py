"""`./task reliability`: kill processes at every failpoint while ERPs emit, then count what went wrong; one line of counters.

The full form then disturbs what the platform stands on. Exit 0 only when every counter is zero for honest companies, every
mutant was caught and every disturbance was survived.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

from rich.console import Console

from tests.reliability import failpoints, mutants, soak
from tests.reliability.behind import look
from tests.reliability.checker import Counters, check
from tests.reliability.disturbances import disturb
from tests.reliability.erp import Erp, Recorder, a_document
from tests.reliability.failpoints import FAILPOINTS
from tests.reliability.mutants import MUTANTS, Mutant
from tests.reliability.patience import TooLong, until
from tests.reliability.platform import Company, Platform, running
from tests.reliability.storm import storm

SETTLED_SECONDS = 60
"""REL-01: everything is final that long after the last kill."""

PACE_SECONDS = 0.4
"""Between two documents of one client: the harness wants kills, not a queue."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="./task reliability --", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="deterministic kills at each failpoint (default: 50)")
    parser.add_argument(
        "--short", action="store_true", help="the form of CI, about two minutes: two kills at each failpoint, nothing else"
    )
    parser.add_argument("--soak", type=float, default=300, help="seconds of chance kills and a faulty DGII (default: 300, 0: none)")
    parser.add_argument("--data", type=Path, help="keep everything there (default: a folder that is removed)")
    options = parser.parse_args()
    folder = options.data or Path(tempfile.mkdtemp(prefix="getupnet-reliability-"))
    try:
        with running(folder.resolve()) as platform:
            console = Console(stderr=True, highlight=False)
            clean = _run(console, platform, 2 if options.short else options.kills)
            if options.soak and not options.short:
                clean &= _soak(console, platform, options.soak)
    finally:
        if options.data is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if clean and (options.short or _disturb()) else 1


def _disturb() -> bool:
    disturbances = disturb()
    print(f"disturbances={disturbances.tried} disturbances_failed={len(disturbances.failed)}", *disturbances.failed)
    return disturbances.tried > 0 and not disturbances.failed


def _soak(console: Console, platform: Platform, seconds: float) -> bool:
    recorder, before = Recorder(platform.folder / "soak.jsonl"), len(failpoints.kills(platform.folder))
    companies = [platform.open_company() for _ in range(3)]
    with console.status(f"Everything dies by chance, DGII fails, for {seconds:.0f} s"):
        played = soak.soak(platform, recorder, companies, seconds)
    counters, settled = _settle(console, platform, recorder, companies)
    kills = len(failpoints.kills(platform.folder)) - before
    found = soak.judge(look(platform), companies, kills=kills, played=played)
    print(f"{found} {counters} settled_seconds={settled:.0f}")
    return counters.clean and found.clean


def _run(console: Console, platform: Platform, kills: int) -> bool:
    recorder = Recorder(platform.folder / "history.jsonl")
    with console.status("Opening companies"):
        honest = [platform.open_company() for _ in range(2)]
        bound = {mutant: platform.open_company() for mutant in MUTANTS}
    counters, settled = _kill(console, platform, recorder, honest, kills)
    with console.status("A storm of redeliveries"):
        storms = storm(platform, [c.tenant for c in honest], facts=kills * 20, copies=10)
    caught = _mutate(console, platform, recorder, honest, bound)
    again = check(recorder.operations, look(platform), [c.tenant for c in honest])
    refused = platform.refused_deliveries()
    print(
        f"kills={len(failpoints.kills(platform.folder))} {again} refused_deliveries={refused} settled_seconds={settled:.0f} "
        f"redelivered={storms.copies} redelivered_refused={storms.refused} redelivered_effects={storms.effects} "
        f"mutants={len(MUTANTS)} mutants_caught={len(caught)}"
    )
    for mutant in MUTANTS:
        if mutant not in caught:
            console.print(f"[red]✗[/] nobody noticed the mutant without {mutant.guard}")
    return counters.clean and again.clean and storms.clean and not refused and len(caught) == len(MUTANTS)


def _kill(
    console: Console, platform: Platform, recorder: Recorder, companies: Sequence[Company], kills: int
) -> tuple[Counters, float]:
    """Every failpoint in turn under load from all companies; the counters once everything is final, and how long that took."""
    over = Event()

    def load(company: Company) -> None:
        erp, number = Erp(platform.url, company, recorder), 0
        while not over.is_set():
            erp.emit(a_document(number), patience=0 if number % 7 == 6 else 120)
            number += 1
            over.wait(PACE_SECONDS)

    with ThreadPoolExecutor(2 * len(companies)) as pool:
        loads = [pool.submit(load, company) for company in companies for _ in range(2)]
        try:
            for failpoint in FAILPOINTS:
                failpoints.arm(platform.folder, failpoint.name, kills)
                with console.status(f"{failpoint.name}: {failpoint.place}"):
                    for _ in until(f"{kills} kills at {failpoint.name}", seconds=30 + 10 * kills):
                        if not failpoints.armed(platform.folder) or any(work.done() for work in loads):
                            break
                failpoints.disarm(platform.folder)
        finally:
            over.set()
        for work in loads:
            work.result()
    return _settle(console, platform, recorder, companies)


def _settle(console: Console, platform: Platform, recorder: Recorder, companies: Sequence[Company]) -> tuple[Counters, float]:
    began = time.monotonic()
    tenants = [company.tenant for company in companies]
    with console.status("Everything becomes final"):
        try:
            for _ in until("final", seconds=SETTLED_SECONDS, every=1):
                counters = check(recorder.operations, look(platform), tenants)
                if counters.clean:
                    break
        except TooLong:
            console.print(f"[red]✗[/] after {SETTLED_SECONDS} s: {counters}")
    return counters, time.monotonic() - began


def _mutate(
    console: Console, platform: Platform, recorder: Recorder, honest: Sequence[Company], bound: dict[Mutant, Company]
) -> list[Mutant]:
    """Each mutant's company beside the honest ones, and a kill where its guard is needed; the mutants that were noticed."""
    mutants.choose(platform.folder, {mutant.name: company.tenant for mutant, company in bound.items()})
    for function in {mutant.function for mutant in MUTANTS}:
        platform.restart(function)

    def load(mutant: Mutant, company: Company) -> None:
        erp = Erp(platform.url, company, recorder)
        erp.emit(a_document(0))
        for failpoint in mutant.failpoints:
            failpoints.arm(platform.folder, failpoint, 1, tenant=company.tenant)
        for _ in range(3):
            erp.emit(a_document(0), patience=20 if mutant.retries else 0)

    with console.status("Mutants"), ThreadPoolExecutor(len(bound) + len(honest)) as pool:
        for number, company in enumerate(honest):
            pool.submit(Erp(platform.url, company, recorder).emit, a_document(number))
        for work in [pool.submit(load, mutant, company) for mutant, company in bound.items()]:
            work.result()
    caught = list[Mutant]()
    with console.status("Mutants show"), suppress(TooLong):
        for _ in until("caught", seconds=SETTLED_SECONDS, every=1):
            facts = look(platform)
            caught = [
                mutant for mutant, company in bound.items() if _shows(mutant, check(recorder.operations, facts, [company.tenant]))
            ]
            if len(caught) == len(bound) and check(recorder.operations, facts, [c.tenant for c in honest]).clean:
                break
    return caught


def _shows(mutant: Mutant, counters: Counters) -> bool:
    return any(getattr(counters, name) for name in mutant.moves)


if __name__ == "__main__":
    sys.exit(main())
