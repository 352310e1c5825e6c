"""What it costs to know who asks: the same one-SELECT request with and without principal, revocations, limit and sealed tenant."""

import http.client
import statistics
import sys
import time
from collections.abc import Mapping

from shared.db.ids import uuid7
from shared.identity.permissions import Permission
from tests.bench.figures import Figure
from tests.bench.platform import started
from tests.house import House
from tests.servers import Servers, servers

ROUNDS, REQUESTS = 40, 50
PROGRAM = """
import os, sys
import uvicorn
from sqlalchemy import create_engine, text
from functions.plans.settings import Settings
from shared.http.app import create_app
from shared.http.routes import Caller, Public, Route, shell_of
from shared.identity.permissions import Permission
from fastapi import Depends

SELECT = "SELECT count(*) AS n FROM plans.charges WHERE tenant_id = :tenant"
open_engine = create_engine(sys.argv[1], pool_size=2)

def guarded(caller: Caller, shell=Depends(shell_of)) -> dict[str, int]:
    with shell.transaction(caller.tenant) as tx:
        return {"n": tx.row(SELECT, tenant=caller.tenant).n}

def bare(tenant: str) -> dict[str, int]:
    with open_engine.connect() as connection, connection.begin():
        return {"n": connection.execute(text(SELECT), {"tenant": tenant}).one().n}

routes = [
    Route("GET", "/guarded", guarded, Permission.PLANS_READ),
    Route("GET", "/bare", bare, Public("the yardstick")),
]
app = create_app("plans", Settings(), routes=routes)
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_config=None, access_log=False)
"""


def run() -> list[Figure]:
    with servers() as running, House(running.url_of, redis_url=running.valkey.url) as house:
        tenant = uuid7()
        headers = house.token(tenant, Permission.PLANS_READ)
        command = [sys.executable, "-c", PROGRAM, running.postgres.url()]
        with started(command, environment(house)) as process:
            paths: dict[str, Mapping[str, str]] = {"/guarded": headers, f"/bare?tenant={tenant}": {}}
            guarded, bare = _medians(process.port, paths)
        assert _counted(running, tenant), "the limit was not counted"
    detail = f"{guarded * 1e6:.0f} µs against {bare * 1e6:.0f} µs"
    return [Figure("principal and tenant, on top of the request", (guarded - bare) / bare, "<=", 0.60, detail)]


def environment(house: House) -> dict[str, str]:
    """Settings of plans as its process reads them; it logs no spans, whose cost both requests share."""
    given = house.settings("plans").model_copy(update={"k_sink": None, "log_level": "ERROR"}).model_dump()
    plain = {k: v.get_secret_value() if hasattr(v, "get_secret_value") else v for k, v in given.items() if v is not None}
    return {name.upper(): str(value) for name, value in plain.items()}


def _medians(port: int, paths: Mapping[str, Mapping[str, str]]) -> list[float]:
    """Seconds of one request to each path, in turn; slower than the limit of reads, which would refuse."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    taken: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(ROUNDS):
        for path, headers in paths.items():
            for _ in range(REQUESTS):
                began = time.perf_counter()
                connection.request("GET", path, headers=dict(headers))
                answer = connection.getresponse()
                answer.read()
                taken[path].append(time.perf_counter() - began)
                if answer.status == 429:
                    taken[path].pop()
                    time.sleep(1)
                elif answer.status != 200:
                    raise RuntimeError(f"{path} answered {answer.status}")
    return [statistics.median(seconds) for seconds in taken.values()]


def _counted(running: Servers, tenant: str) -> bool:
    from redis import Redis

    return any(tenant in key.decode() for key in Redis.from_url(running.valkey.url).scan_iter())
