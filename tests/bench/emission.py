"""POST /tenant/emit/ecf, warm, direct to billing's process, on a database that flushes: against what it cannot do without."""

import http.client
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from knative.local.standin import Standin
from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.db.seal import Seal
from tests.bench.company import Emitter, a_company
from tests.bench.figures import Figure, wall_seconds
from tests.bench.platform import bare, function, started
from tests.functions.billing.bodies import FACTURA
from tests.places import ROOT

TIMES = 150


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, Standin(ROOT, Path(folder)) as standin:
        emitter = a_company(standin)
        command, env = function(standin, "sign")
        with started(command, env) as sign:
            command, env = function(standin, "billing")
            # Nothing is published here: what the rest of the platform does with a document would share these two cores.
            alone = {name: value for name, value in env.items() if name != "K_SINK"}
            with started(command, {**alone, "SIGN_URL": f"http://127.0.0.1:{sign.port}"}) as billing:
                emission = wall_seconds(_emission(emitter, billing.port), times=TIMES)
        request = _empty_request_seconds()
        commit = _commit_seconds(standin)
    signature = _signature_seconds()
    floor = signature + 3 * commit + 2 * request
    detail = (
        f"{emission * 1000:.1f} ms; signature {signature * 1000:.2f}, commit {commit * 1000:.2f}, request {request * 1000:.2f} ms"
    )
    return [Figure("emission p50 of its floor", emission / floor, "<=", 5.0, detail)]


def _emission(emitter: Emitter, port: int) -> Callable[[], None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps(FACTURA).encode()

    def emit() -> None:
        headers = {**emitter.headers, "Idempotency-Key": uuid7(), "content-type": "application/json"}
        connection.request("POST", "/tenant/emit/ecf", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 201:
            sys.exit(f"emission answered {answer.status}: {said[:300]!r}")

    return emit


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
