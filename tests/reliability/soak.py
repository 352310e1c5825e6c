"""REL-02: every failpoint kills with a chance, DGII is slow and fails in all its ways, and ERPs go on emitting."""

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from tests.reliability import failpoints
from tests.reliability.checker import Facts
from tests.reliability.erp import Erp, Recorder, a_document
from tests.reliability.platform import Company, Platform

CHANCE = 0.1
REQUESTS = 2000
CLIENTS = 2
"""Of each company."""
TROUBLES = (
    ("slow", "*", "100-500", 1.0),
    ("error_before", "reception", "500", 0.06),
    ("error_after", "reception", "500", 0.08),
    ("hang_after", "reception", "60", 0.06),
    ("error_before", "consultas", "502-html", 0.04),
)
"""Behaviour, service, value and probability at the stand-in of DGII."""


@dataclass(frozen=True)
class Soak:
    """`twice`: e-NCF that reached DGII more than once, of `sent`."""

    sent: int
    twice: int

    @property
    def clean(self) -> bool:
        return self.sent > 0 and self.twice <= 0.005 * self.sent


def soak(platform: Platform, recorder: Recorder, companies: Sequence[Company], seconds: float) -> None:
    """Emit until so many requests or seconds; then nobody dies any more and DGII is well."""
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
    finally:
        failpoints.chance(platform.folder, 0)
        _calm(platform, companies)


def judge(facts: Facts, companies: Sequence[Company]) -> Soak:
    arrived = Counter((r.rnc, r.encf) for r in facts.received if r.rnc in {company.rnc for company in companies})
    return Soak(len(arrived), sum(times > 1 for times in arrived.values()))


def _trouble(platform: Platform, companies: Sequence[Company]) -> None:
    for company in companies:
        for seed, (name, service, value, probability) in enumerate(TROUBLES, 1):
            told = {"name": name, "service": service, "value": value, "probability": probability, "seed": seed}
            _tell(platform, "/sandbox/behaviours", company, told)


def _calm(platform: Platform, companies: Sequence[Company]) -> None:
    for company in companies:
        _tell(platform, "/sandbox/behaviours/reset", company, {})


def _tell(platform: Platform, path: str, company: Company, what: dict[str, object]) -> None:
    body = {"environment": "testecf", "rnc": company.rnc} | what
    httpx.post(platform.url_of("sandbox") + path, json=body, timeout=60, trust_env=False).raise_for_status()
