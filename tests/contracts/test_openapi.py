"""What OpenAPI promises is kept (security INP-06): the short form of `task fuzz`, and functions that break their word."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel
from redis import Redis

from knative.embedded.valkey import Valkey
from shared.errors import PaymentRequired
from shared.http.app import create_app
from shared.http.openapi import described, functions
from shared.http.routes import Public, Route
from shared.identity.permissions import Permission
from tests.conftest import _copy, _url
from tests.fuzz.callers import Callers
from tests.fuzz.contract import PHASES, Tried, try_out
from tests.fuzz.subject import company, subject
from tests.house import House

SEED = 20261124
FULL = os.environ.get("FULL_FIGURES") == "1"


@dataclass(frozen=True)
class Place:
    house: House
    redis: "Redis"
    tenant: str


@pytest.fixture(scope="module")
def place(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A house of its own, as what nobody wrote may do anything to it, with a Redis that counts."""
    valkey = Valkey(tmp_path_factory.mktemp("valkey") / "data").start()
    for name in _copy(template):
        with House(lambda role, name=name: _url(name, role), redis_url=valkey.url) as house:  # type: ignore[misc]
            yield Place(house, Redis.from_url(valkey.url), company(house))
    valkey.stop()


@pytest.mark.parametrize("function", functions())
def test_a_function_keeps_what_its_document_promises(place: Place, function: str) -> None:
    tried = subject(place.house, function, place.redis, place.tenant).try_out(
        seed=SEED, cases=2000 if FULL else 15, phases=PHASES if FULL else ("fuzzing",)
    )
    assert tried.breaches == {}, f"seeds {tried.seeds}"


class Counted(BaseModel):
    n: int


def well() -> Counted:
    return Counted(n=1)


def breaks() -> Counted:
    raise RuntimeError


def other_shape() -> Any:
    from fastapi.responses import JSONResponse

    return JSONResponse({"n": "one"})


def unsaid() -> Counted:
    raise PaymentRequired


def tried_alone(place: Place, endpoint: Callable[..., Any], access: Any = Permission.PLANS_READ) -> Tried:
    """One route of that endpoint, said to want `Permission.PLANS_READ` and to answer Counted."""
    settings = place.house.settings("plans").model_copy(update={"k_sink": None})
    endpoint.__annotations__["return"] = Counted
    said = [Route("GET", "/tried", endpoint, Permission.PLANS_READ)]
    address = place.house.serve(create_app("plans", settings, routes=[Route("GET", "/tried", endpoint, access)]))
    callers = Callers(place.house, "plans", place.tenant, said, place.redis)
    return try_out(described("plans", said), address, callers, seed=SEED, cases=5, phases=("fuzzing",))


@pytest.mark.parametrize(
    ("endpoint", "access", "seen"),
    [
        (well, Permission.PLANS_READ, None),
        (breaks, Permission.PLANS_READ, "Server error"),
        (unsaid, Permission.PLANS_READ, "Undocumented status code"),
        (other_shape, Permission.PLANS_READ, "Response violates schema"),
        (well, Public("forgotten"), "API accepts requests without authentication"),
    ],
)
def test_a_function_that_breaks_its_word_is_seen(place: Place, endpoint: Any, access: Any, seen: str | None) -> None:
    found = tried_alone(place, endpoint, access).breaches
    assert (f"GET /tried: {seen}" in found) if seen else not found, found
