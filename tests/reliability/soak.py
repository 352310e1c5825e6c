"""REL-02: every failpoint kills with a chance, DGII is slow and fails in all its ways, and ERPs go on emitting."""

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx

from functions.sandbox.behaviours import Behaviour
from tests.reliability import failpoints
from tests.reliability.checker import Facts
from tests.reliability.erp import Erp, Recorder, a_document
from tests.reliability.platform import Company, Platform

CHANCE = 0.1
REQUESTS = 2000
CLIENTS = 2
"""Of each company."""


@dataclass(frozen=True)
class Trouble:
    """A behaviour of the stand-in of DGII. It plays by chance, and for the first time in call number `first` of each company, so
    that a short soak meets it, and not in the shadow of another."""

    name: str
    service: str
    value: str
    probability: float
    first: int

    def __str__(self) -> str:
        return f"{self.name}:{self.service}:{self.value}"

    def seed(self, start: int) -> int:
        """The next one from `start` with which it plays so."""
        expected = [call == self.first for call in range(self.first + 1)]
        return next(seed for seed in itertools.count(start) if self._draws(seed) == expected)

    def _draws(self, seed: int) -> list[bool]:
        fresh = Behaviour("*", self.service, self.name, self.value, None, None, self.probability, seed, 0, 0, datetime.now(UTC))
        return [replace(fresh, calls=call).draws() for call in range(self.first + 1)]


TROUBLES = (
    Trouble("slow", "*", "100-500", 1.0, first=0),
    Trouble("error_before", "reception", "500", 0.06, first=3),
    Trouble("error_after", "reception", "500", 0.08, first=0),
    Trouble("error_after", "recepcion", "200-html", 0.04, first=1),
    Trouble("error_after", "recepcionfc", "502-html", 0.04, first=0),
    Trouble("hang_after", "reception", "60", 0.06, first=4),
    Trouble("error_before", "consultas", "502-html", 0.04, first=0),
)


@dataclass(frozen=True)
class Soak:
    """`kills` by chance. `twice`: e-NCF that reached DGII more than once, of `sent`. `idle`: troubles that never played."""

    kills: int
    sent: int
    twice: int
    idle: tuple[str, ...]

    @property
    def clean(self) -> bool:
        return self.kills > 0 and self.sent > 0 and self.twice <= 0.005 * self.sent and not self.idle

    def __str__(self) -> str:
        idle = " ".join((f"idle_troubles={len(self.idle)}", *self.idle))
        return f"soak_kills={self.kills} sent={self.sent} sent_twice={self.twice} {idle}"


def soak(platform: Platform, recorder: Recorder, companies: Sequence[Company], seconds: float) -> Counter[str]:
    """Emit until so many requests or seconds; then nobody dies any more and DGII is well. How often each trouble played."""
    began = time.monotonic()
    _trouble(platform, companies)
    failpoints.chance(platform.folder, CHANCE)

    def load(company: Company) -> None:
        erp, number = Erp(platform.url, company, recorder), 0
        while time.monotonic() - began < seconds and len(recorder.operations) < REQUESTS:
            erp.emit(a_document(number))
            number += 1

    try:
        with ThreadPoolExecutor(CLIENTS * len(companies)) as pool:
            for work in [pool.submit(load, company) for company in companies for _ in range(CLIENTS)]:
                work.result()
        return _played(platform, companies)
    finally:
        failpoints.chance(platform.folder, 0)
        _calm(platform, companies)


def judge(facts: Facts, companies: Sequence[Company], *, kills: int, played: Counter[str]) -> Soak:
    arrived = Counter((r.rnc, r.encf) for r in facts.received if r.rnc in {company.rnc for company in companies})
    idle = tuple(name for name in map(str, TROUBLES) if not played[name])
    return Soak(kills, len(arrived), sum(times > 1 for times in arrived.values()), idle)


def _played(platform: Platform, companies: Sequence[Company]) -> Counter[str]:
    url, ours = platform.url_of("sandbox") + "/sandbox/behaviours", {company.rnc for company in companies}
    answer = httpx.get(url, params={"environment": "testecf"}, timeout=60, trust_env=False).raise_for_status()
    played = Counter[str]()
    for behaviour in answer.json():
        if behaviour["rnc"] in ours:
            played["{name}:{service}:{value}".format_map(behaviour)] += behaviour["plays"]
    return played


def _trouble(platform: Platform, companies: Sequence[Company]) -> None:
    for number, company in enumerate(companies):
        for trouble in TROUBLES:
            told = {"name": trouble.name, "service": trouble.service, "value": trouble.value, "probability": trouble.probability}
            _tell(platform, "/sandbox/behaviours", company, told | {"seed": trouble.seed(number * 100_000)})


def _calm(platform: Platform, companies: Sequence[Company]) -> None:
    for company in companies:
        _tell(platform, "/sandbox/behaviours/reset", company, {})


def _tell(platform: Platform, path: str, company: Company, what: dict[str, object]) -> None:
    body = {"environment": "testecf", "rnc": company.rnc} | what
    httpx.post(platform.url_of("sandbox") + path, json=body, timeout=60, trust_env=False).raise_for_status()
