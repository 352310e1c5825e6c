"""POST /tenant/emit/ecf on a database that flushes: against what it cannot do without, by the second, and as the store grows."""

import http.client
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pg8000.native
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from sqlalchemy.engine import make_url

from knative.embedded.postgres import Postgres
from knative.embedded.state import DATABASE
from knative.local.standin import Standin
from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.db.seal import Seal
from tests.bench import growth
from tests.bench.company import a_company
from tests.bench.figures import Figure, wall_seconds
from tests.bench.platform import bare, function, relay_after, started, tree_cpu_seconds
from tests.functions.billing.bodies import FACTURA
from tests.places import ROOT
from tests.reliability.sampler import Sampler

TIMES = 150
_WAIT = "SELECT COALESCE(max(extract(epoch FROM clock_timestamp() - waitstart)), 0) FROM pg_locks WHERE NOT granted"
PROCESSES, COMPANIES, CALLERS, SECONDS = 2, 4, 8, 20


def run() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Standin(ROOT, Path(folder), command=relay_after(sweep=3600, seal=3600)) as standin,
    ):
        companies = [a_company(standin) for _ in range(COMPANIES)]
        with ExitStack() as stack:
            command, env = function(standin, "sign")
            sign = stack.enter_context(started(command, env))
            command, env = function(standin, "billing")
            # Nothing is published here: what the rest of the platform does with a document would share these two cores.
            alone = {name: value for name, value in env.items() if name != "K_SINK"} | {"SIGN_URL": f"http://127.0.0.1:{sign.port}"}
            ports = [stack.enter_context(started(command, alone)).port for _ in range(PROCESSES)]
            emission = wall_seconds(_emission(companies[0].headers, ports[0]), times=TIMES)
            cpu = tree_cpu_seconds(os.getpid())
            with closing(_administrator(standin)) as connection, Sampler(lambda: float(connection.run(_WAIT)[0][0])) as waits:
                rate = _emissions_per_second([company.headers for company in companies], ports)
            cpu = (tree_cpu_seconds(os.getpid()) - cpu) / (rate * SECONDS)
        request = _empty_request_seconds()
        commit = _commit_seconds(standin)
    signature = _signature_seconds()
    floor = signature + 3 * commit + 2 * request
    detail = (
        f"{emission * 1000:.1f} ms; signature {signature * 1000:.2f}, commit {commit * 1000:.2f}, request {request * 1000:.2f} ms"
    )
    callers = f"{COMPANIES} companies, {CALLERS} callers, {PROCESSES} processes of billing; {cpu * 1000:.1f} ms CPU each"
    wait = statistics.quantiles(waits, n=100)[-1]
    return [
        Figure("emission p50 of its floor", emission / floor, "<=", 5.0, detail),
        Figure("emissions a second, the rest stopped", rate, ">=", 60, callers),
        Figure("seconds of a lock's wait, p99, meanwhile", wait, "<=", 0.1, f"{len(waits)} looks at the longest wait there was"),
        *growth.figures(),
    ]


def _emission(company: Mapping[str, str], port: int) -> Callable[[], None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps(FACTURA).encode()

    def emit() -> None:
        headers = {**company, "Idempotency-Key": uuid7(), "content-type": "application/json"}
        connection.request("POST", "/tenant/emit/ecf", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 201:
            sys.exit(f"emission answered {answer.status}: {said[:300]!r}")

    return emit


def _emissions_per_second(companies: Sequence[Mapping[str, str]], ports: Sequence[int]) -> float:
    """Of callers that each emit one document after the other, spread over companies and processes."""
    ends = time.monotonic() + SECONDS

    def call(number: int) -> int:
        emit, made = _emission(companies[number % len(companies)], ports[number // len(companies) % len(ports)]), 0
        while time.monotonic() < ends:
            emit()
            made += 1
        return made

    with ThreadPoolExecutor(CALLERS) as pool:
        return sum(pool.map(call, range(CALLERS))) / SECONDS


def _administrator(standin: Standin) -> pg8000.native.Connection:
    port = make_url(standin.environments["billing"]["DATABASE_URL"]).port
    return Postgres(standin.data / "services/postgres", port=port).connect(DATABASE)


def _empty_request_seconds() -> float:
    command, env = bare()
    with started(command, env) as process:
        connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=30)

        def ask() -> None:
            connection.request("GET", "/readyz")
            connection.getresponse().read()

        return wall_seconds(ask, times=TIMES)


def _commit_seconds(standin: Standin) -> float:
    """One row inserted and flushed to disk, by the project's own driver on the same server: BEGIN, INSERT, COMMIT."""
    env = standin.environments["billing"]
    database = Database(env["DATABASE_URL"], Seal.from_base64(env["TENANT_SEAL_KEY"]), pool_size=1)
    insert = "INSERT INTO flow.inbox (tenant_id, consumer, source, id) VALUES (:tenant, 'billing', '/bench', :id)"

    def commit() -> None:
        with database.transaction("bench") as tx:
            tx.rows(insert, tenant="bench", id=uuid7())

    try:
        return wall_seconds(commit, times=TIMES)
    finally:
        database.close()


def _signature_seconds() -> float:
    key = rsa.generate_private_key(65537, 2048)
    return wall_seconds(lambda: key.sign(b"x" * 1000, padding.PKCS1v15(), hashes.SHA256()), times=TIMES)
