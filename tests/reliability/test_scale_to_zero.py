"""REL-03: a process is told to end with twenty requests in hand; it answers them, or nothing of them is left half done."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url

from shared.db.ids import uuid7
from tests.functions.billing.bodies import FACTURA
from tests.house import House
from tests.reliability.program import ENTRY, Program, running
from tests.reliability.proxy import Proxy

IN_FLIGHT = 20
DRAINED_SECONDS = 25
SIGNER_SECONDS = 0.5
"""Four at once are worked: the last of twenty is answered after five times this."""

_HASTY = "import sys, uvicorn; from shared.http import serve; run = uvicorn.run\n" + (
    "uvicorn.run = lambda app, **options: run(app, **options | {'timeout_graceful_shutdown': 0}); serve.main(sys.argv[1])"
)


@dataclass
class Seen:
    """By key: the answers that came, and when the process was no longer ready and gone, in seconds after it was told to end."""

    keys: list[str]
    answers: dict[str, httpx.Response] = field(default_factory=dict)
    in_flight: int = 0
    unready: float = 0.0
    ended: float = 0.0

    @property
    def acknowledged(self) -> dict[str, str]:
        return {key: answer.json()["encf"] for key, answer in self.answers.items() if answer.is_success}

    @property
    def errors(self) -> list[int]:
        return [answer.status_code for answer in self.answers.values() if answer.is_server_error]


def ended_under_load(
    house: House, tenant: str, program: Program, told: signal.Signals = signal.SIGTERM, *, requests: int = IN_FLIGHT
) -> Seen:
    seen, together, bearer = Seen([uuid7() for _ in range(requests)]), threading.Barrier(requests + 1), house.token(tenant)

    def emit(key: str) -> None:
        with httpx.Client(base_url=program.url, timeout=60, trust_env=False) as http:
            http.get("/readyz")
            together.wait(30)
            with suppress(httpx.TransportError):
                seen.answers[key] = http.post("/tenant/emit/ecf", json=FACTURA, headers=bearer | {"Idempotency-Key": key})

    clients = [threading.Thread(target=emit, args=(key,)) for key in seen.keys]
    for client in clients:
        client.start()
    together.wait(30)
    time.sleep(SIGNER_SECONDS / 2)
    seen.in_flight, began = requests - len(seen.answers), time.monotonic()
    assert program.pid is not None
    os.kill(program.pid, told)
    while _ready(program):
        time.sleep(0.01)
    seen.unready = time.monotonic() - began
    for client in clients:
        client.join()
    while program.pid is not None:
        time.sleep(0.01)
    seen.ended = time.monotonic() - began
    return seen


def _ready(program: Program) -> bool:
    try:
        return httpx.get(f"{program.url}/readyz", timeout=1, trust_env=False).is_success
    except httpx.TransportError:
        return False


def held(house: House, tenant: str) -> dict[str, tuple[str, int]]:
    with house.database("billing").transaction(tenant) as tx:
        rows = tx.rows(
            "SELECT k.key, i.encf, i.secuencia FROM billing.invoices i "
            "JOIN billing.idempotency k ON k.tenant_id = i.tenant_id AND k.invoice_id = i.id WHERE i.tenant_id = :tenant",
            tenant=tenant,
        )
    return {row.key: (row.encf, row.secuencia) for row in rows}


def nothing_lost_when_asked_again(house: House, tenant: str, seen: Seen) -> None:
    """Every key, asked again elsewhere, has one number; what was acknowledged stands; no number is missing."""
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.idempotency SET lease_until = now() WHERE tenant_id = :tenant AND state = 'open'", tenant=tenant)
    again = {key: house.emit(tenant, FACTURA, key=key) for key in seen.keys}
    assert {answer.status_code for answer in again.values()} == {201}
    rows = held(house, tenant)
    assert {key: rows[key][0] for key in seen.acknowledged} == seen.acknowledged, "lost"
    assert sorted(number for _, number in rows.values()) == list(range(1, len(seen.keys) + 1)), "a gap or a double"


@pytest.fixture
def signer(house: House) -> Proxy:
    port = make_url(house.address("sign")).port
    assert port is not None
    made = Proxy(port)
    made.latency = SIGNER_SECONDS
    return made


@contextmanager
def slow(house: House, signer: Proxy, folder: Path, entry: Sequence[str] = ENTRY) -> Iterator[Program]:
    """billing as a process, whose signer takes its time."""
    with signer, running(house, "billing", folder, entry=entry, sign_url=f"http://127.0.0.1:{signer.port}") as program:
        yield program


def test_rel_03_a_process_that_is_told_to_end_answers_what_it_has(house: House, signer: Proxy, tmp_path: Path) -> None:
    tenant = house.company()
    with slow(house, signer, tmp_path) as program:
        seen = ended_under_load(house, tenant, program)
    assert seen.in_flight == len(seen.acknowledged) == IN_FLIGHT
    assert seen.errors == []
    assert seen.unready < seen.ended <= DRAINED_SECONDS
    nothing_lost_when_asked_again(house, tenant, seen)


def test_a_killed_process_leaves_its_requests_to_their_retries(house: House, signer: Proxy, tmp_path: Path) -> None:
    """The opposite: it shows that requests were in hand."""
    tenant = house.company()
    with slow(house, signer, tmp_path) as program:
        seen = ended_under_load(house, tenant, program, signal.SIGKILL)
    assert len(seen.acknowledged) < IN_FLIGHT
    nothing_lost_when_asked_again(house, tenant, seen)


def test_a_process_that_does_not_wait_breaks_requests_off_as_unavailable(house: House, signer: Proxy, tmp_path: Path) -> None:
    """The mutant: no grace."""
    tenant = house.company()
    with slow(house, signer, tmp_path, entry=("-c", _HASTY)) as program:
        seen = ended_under_load(house, tenant, program)
    assert set(seen.errors) == {503}
    nothing_lost_when_asked_again(house, tenant, seen)


@pytest.mark.skipif("FULL_FIGURES" not in os.environ, reason="takes as long as the signer is waited for")
@pytest.mark.parametrize(("requests", "errors"), [(4, set()), (IN_FLIGHT, {503})], ids=["what a pod admits", "more"])
def test_rel_03_a_process_whose_signer_is_silent_ends_in_time(
    requests: int, errors: set[int], house: House, signer: Proxy, tmp_path: Path
) -> None:
    tenant = house.company()
    with slow(house, signer, tmp_path) as program:
        signer.parted = True
        seen = ended_under_load(house, tenant, program, requests=requests)
    assert set(seen.errors) == errors
    assert seen.ended <= DRAINED_SECONDS + 1
    nothing_lost_when_asked_again(house, tenant, seen)
