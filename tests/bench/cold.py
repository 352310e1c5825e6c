"""Cold starts: each function to /readyz and to the first good answer of its main door, against a bare FastAPI process."""

import base64
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from knative.local.standin import Standin
from shared.events.keys import FunctionKey
from shared.identity.permissions import Permission
from shared.identity.tokens import UserClaims, issue_service_token, issue_user_token
from tests.bench.figures import Figure
from tests.bench.platform import bare, call, function, started
from tests.places import ROOT

TIMES = 5
Door = Callable[[int], int]


def tenant_door(standin: Standin, path: str, tenant: str, scope: str) -> Door:
    """GET `path` as somebody who may do everything in that scope."""
    kid, _, seed = standin.environments["auth"]["USER_SIGNING_KEY"].partition(":")
    claims = UserClaims("bench", tenant, scope, tuple(p.value for p in Permission if p.allowed_in(scope)), "bench")
    headers = {"Authorization": "Bearer " + issue_user_token(claims, FunctionKey(kid, seed))}
    return lambda port: call(port, "GET", path, None, headers)


def doors(standin: Standin, tenant: str) -> dict[str, Door]:
    """The main door of each function; it must answer below 500, which needs everything the door needs."""
    seed = standin.environments["billing"]["FUNCTION_KEY"]
    body = json.dumps({"purpose": "ecf", "certificate_id": "0" * 32, "xml": base64.b64encode(b"<ECF/>").decode()}).encode()
    token = issue_service_token(FunctionKey("billing", seed), audience="sign", tenant=tenant, purpose="ecf", body=body)
    to_sign = {"Authorization": f"Bearer {token}", "content-type": "application/json"}
    return {
        "admin": tenant_door(standin, "/admin/companies", "platform", "PLATFORM"),
        "audit": tenant_door(standin, "/audit/verify", tenant, "TENANT"),
        "auth": tenant_door(standin, "/auth/me", tenant, "TENANT"),
        "billing": tenant_door(standin, "/tenant/invoices", tenant, "TENANT"),
        "client": tenant_door(standin, "/tenant/certificates", tenant, "TENANT"),
        "dgii": lambda port: call(port, "POST", "/events", b"{}", {"content-type": "application/json"}),
        "plans": tenant_door(standin, "/tenant/plans/charges", tenant, "TENANT"),
        "relay": tenant_door(standin, "/admin/dead-letters", "platform", "PLATFORM"),
        "sandbox": lambda port: call(port, "GET", "/testecf/autenticacion/api/autenticacion/semilla"),
        "sign": lambda port: call(port, "POST", "/sign/xml", body, to_sign),
    }


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, Standin(ROOT, Path(folder)) as standin:
        command, env = bare()
        yardstick = statistics.median(_ready(command, env) for _ in range(TIMES))
        figures = []
        for name, door in doors(standin, "01990000-0000-7000-8000-000000000000").items():
            command, env = function(standin, name)
            taken = [_first_answer(command, env, door) for _ in range(TIMES)]
            ready, first = (statistics.median(column) for column in zip(*taken, strict=True))
            detail = f"{ready * 1000:.0f} ms, bare FastAPI {yardstick * 1000:.0f} ms"
            figures.append(Figure(f"{name}: cold to /readyz", ready / yardstick, "<=", 1.6, detail))
            figures.append(Figure(f"{name}: cold to its door", first / yardstick, "<=", 3.0, f"{first * 1000:.0f} ms"))
        return figures


def _ready(command: list[str], env: Mapping[str, str]) -> float:
    with started(command, env) as process:
        return process.ready_after


def _first_answer(command: list[str], env: Mapping[str, str], door: Door) -> tuple[float, float]:
    """Seconds to /readyz, and to the first answer of the door (asked at once after it)."""

    with started(command, env) as process:
        began = time.perf_counter()
        status = door(process.port)
        if not 200 <= status < 500:
            raise RuntimeError(f"{command[-1]} answered {status}")
        return process.ready_after, process.ready_after + time.perf_counter() - began
