"""REL-07: deliveries that nobody can take are refused for good, and the others wait no longer for it."""

import itertools
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from shared.db.ids import uuid7
from shared.events.catalogue import ChargeRecorded, CompanyCreated
from shared.events.envelope import Envelope
from tests.data.facts import example, signed
from tests.house import House
from tests.reliability.program import Program, running

FULL = "FULL_FIGURES" in os.environ
ROUNDS = 20 if FULL else 2
EVENTS = 50 if FULL else 15
"""Of each half of a round."""

POISON_PAUSE_SECONDS = 0.05
MOST_RATIO = 1.2


@dataclass
class Answers:
    """Seconds of the good deliveries, `quiet` and `poisoned`, and their statuses; `refused` are those of poison."""

    quiet: list[float] = field(default_factory=list)
    poisoned: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)

    @property
    def p95_ratio(self) -> float:
        return p95(self.poisoned) / p95(self.quiet)


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


def poisons(house: House) -> list[Envelope]:
    """A body of another shape, a type nobody knows, another company's name, another's signature, and a fact not asked for."""
    key = house.keys["admin"]
    good = signed(key, example(CompanyCreated), tenant=uuid7())
    shapeless = replace(good, id=uuid7(), data='{"rnc": 7}')
    return [
        replace(shapeless, sig=key.sign(shapeless.message())),
        replace(good, id=uuid7(), type="do.getupnet.x.y.v1"),
        replace(good, id=uuid7(), tenant=uuid7()),
        replace(good, id=uuid7(), sig=house.keys["plans"].sign(good.message())),
        signed(house.keys["plans"], example(ChargeRecorded), tenant=uuid7()),
    ]


def deliver(http: httpx.Client, program: Program, envelope: Envelope) -> int:
    headers, body = envelope.to_http()
    return http.post(f"{program.url}/events", headers=headers, content=body).status_code


@contextmanager
def poison_arriving(house: House, program: Program, refused: Counter[int]) -> Iterator[None]:
    """One after the other, until the block ends."""
    over, bad = threading.Event(), itertools.cycle(poisons(house))

    def arrive() -> None:
        with httpx.Client(timeout=30, trust_env=False) as http:
            for envelope in bad:
                refused[deliver(http, program, envelope)] += 1
                if over.wait(POISON_PAUSE_SECONDS):
                    return

    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(arrive)
        try:
            yield
        finally:
            over.set()
        work.result()


def measured(house: House, program: Program, statuses: Counter[int]) -> list[float]:
    """Good deliveries one after the other, each of a company of its own."""
    found = []
    with httpx.Client(timeout=30, trust_env=False) as http:
        for _ in range(EVENTS):
            tenant = uuid7()
            envelope = signed(house.keys["admin"], example(CompanyCreated), tenant=tenant, subject=tenant)
            began = time.perf_counter()
            statuses[deliver(http, program, envelope)] += 1
            found.append(time.perf_counter() - began)
    return found


def beside_poison(house: House, folder: Path) -> Answers:
    """Halves of rounds by turns, so that what else the machine does falls on both."""
    made = Answers()
    with running(house, "plans", folder) as program:
        measured(house, program, Counter())
        with httpx.Client(timeout=30, trust_env=False) as http:
            made.refused.update(deliver(http, program, envelope) for envelope in poisons(house))
        for _ in range(ROUNDS):
            made.quiet += measured(house, program, made.statuses)
            with poison_arriving(house, program, made.refused):
                made.poisoned += measured(house, program, made.statuses)
    return made


def test_rel_07_poison_is_refused_for_good_and_the_others_wait_no_longer(
    house: House, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    answers = beside_poison(house, tmp_path)
    record_property("p95 beside poison of its own without", round(answers.p95_ratio, 2))
    record_property("poison", answers.refused.total())
    assert set(answers.refused) == {422}, "which no broker tries again"
    assert answers.refused.total() > len(poisons(house)), "some came beside the others"
    assert answers.statuses == {204: 2 * ROUNDS * EVENTS}
    assert answers.p95_ratio <= MOST_RATIO or not FULL
