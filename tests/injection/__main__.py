"""`python -m tests.injection [function …] [--operation TEXT]`: sqlmap against every operation (security TEN-07).

Each function on a database and a Redis of its own; a hole of our own is tried first, so that a blind judge is noticed. Exit 1
when anything is injectable.
"""

import argparse
import logging
import sys
import time

from redis import Redis

from shared.http.openapi import functions
from tests.fuzz.subject import company, subject
from tests.house import House
from tests.injection.doorway import doorway
from tests.injection.hole import HOLE, hole
from tests.injection.samples import Sample, samples
from tests.injection.sqlmap import Judged, has_values, judge
from tests.servers import servers


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.injection", description=__doc__)
    parser.add_argument("functions", nargs="*", default=functions())
    parser.add_argument("--operation", default="", help="only operations with this text in their name")
    options = parser.parse_args()
    logging.disable()
    with servers() as running, House(running.url_of, redis_url=running.valkey.url) as house:
        with hole(house) as address:
            seen = _try(address, HOLE).found != []
        holes = [one for function in options.functions for one in _holes(house, function, running.valkey.url, options)]
    print(f"injectable={len(holes)} own_hole_seen={seen}")
    return 1 if holes or not seen else 0


def _holes(house: House, function: str, redis_url: str, options: argparse.Namespace) -> list[str]:
    tried, found = subject(house, function, Redis.from_url(redis_url), company(house)), []
    with doorway(tried.address, tried.callers) as address:
        for sample in samples(tried, seed=1):
            if options.operation in sample.operation and has_values(sample) and _try(address, sample).found:
                found.append(f"{function}: {sample.operation}")
    print(f"{function}: {tried.callers.asked} requests", flush=True)
    return found


def _try(address: str, sample: Sample) -> Judged:
    """What sqlmap says; nothing less than a verdict counts as none."""
    began = time.monotonic()
    judged = judge(address, sample)
    taken = time.monotonic() - began
    print(f"{sample.operation} ({sample.status}): {judged.values} values, {taken:.0f} s {'; '.join(judged.found)}", flush=True)
    return judged


if __name__ == "__main__":
    sys.exit(main())
