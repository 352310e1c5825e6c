"""One function of a house as what is tried: its address, its document, and who asks for a company that has what may be asked."""

from dataclasses import dataclass
from typing import Any

from redis import Redis

from shared.http.openapi import document
from tests.functions.billing.bodies import FACTURA
from tests.fuzz.callers import Callers
from tests.fuzz.contract import PHASES, Tried, try_out
from tests.house import House


@dataclass(frozen=True)
class Subject:
    address: str
    document: dict[str, Any]
    callers: Callers

    def try_out(self, *, seed: int, cases: int, phases: tuple[str, ...] = PHASES) -> Tried:
        return try_out(self.document, self.address, self.callers, seed=seed, cases=cases, phases=phases)


def company(house: House) -> str:
    """A tenant with a certificate, ranges and a document, made through the doors."""
    tenant = house.company()
    assert house.emit(tenant, FACTURA).status_code == 201
    house.settle()
    return tenant


def subject(house: House, function: str, redis: "Redis", tenant: str) -> Subject:
    routes = house.client(function).app.state.routes  # type: ignore[attr-defined]
    return Subject(house.address(function), document(function), Callers(house, function, tenant, routes, redis))
