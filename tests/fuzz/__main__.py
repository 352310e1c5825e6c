"""`python -m tests.fuzz [function …] [--cases N] [--seed N]`: requests that nobody wrote against what OpenAPI promises.

Each function on a database and a Redis of its own, with every check; exit 1 when one breaks its word.
"""

import argparse
import logging
import os
import secrets
import sys
import time

from redis import Redis

from shared.http.openapi import functions
from tests.fuzz.subject import company, subject
from tests.house import House
from tests.servers import servers


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("functions", nargs="*", default=functions())
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    broken = False
    with servers() as running, House(running.url_of, redis_url=running.valkey.url) as house:
        for function in options.functions:
            broken |= _report(house, function, Redis.from_url(running.valkey.url), options)
    return 1 if broken else 0


def _report(house: House, function: str, redis: "Redis", options: argparse.Namespace) -> bool:
    began = time.monotonic()
    tried = subject(house, function, redis, company(house)).try_out(seed=options.seed, cases=options.cases)
    seeds = f"{tried.seeds[0]}..{tried.seeds[-1]}"
    taken = time.monotonic() - began
    print(f"{function:8} {tried.cases:6} cases {len(tried.breaches):3} broken promises, seeds {seeds}, {taken:.0f} s", flush=True)
    for name, how in tried.breaches.items():
        print(f"  {name}\n    {how.replace(os.linesep, os.linesep + '    ')}", flush=True)
    return bool(tried.breaches)


if __name__ == "__main__":
    sys.exit(main())
