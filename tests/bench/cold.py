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
from tests.bench.company import Emitter, a_company
from tests.bench.figures import Figure
from tests.bench.platform import bare, call, function, started
from tests.places import ROOT

TIMES = 5
DOOR = {"ri": 5.0}
"""The figure to reach where it is not three: ri's door answers with its first PDF."""
Door = Callable[[int], int]


def tenant_door(standin: Standin, path: str, tenant: str, scope: str) -> Door:
    """GET `path` as somebody who may do everything in that scope."""
    kid, _, seed = standin.environments["auth"]["USER_SIGNING_KEY"].partition(":")
    claims = UserClaims("bench", tenant, scope, tuple(p.value for p in Permission if p.allowed_in(scope)), "bench")
    headers = {"Authorization": "Bearer " + issue_user_token(claims, FunctionKey(kid, seed))}
    return lambda port: call(port, "GET", path, None, headers)


def doors(standin: Standin, emitter: Emitter) -> dict[str, Door]:
    """The main door of each function, asked for something that is there."""
    seed, tenant = standin.environments["billing"]["FUNCTION_KEY"], emitter.tenant
    wanted = {"purpose": "ecf", "certificate_id": emitter.certificate_id, "xml": base64.b64encode(emitter.unsigned).decode()}
    body = json.dumps(wanted).encode()
    token = issue_service_token(FunctionKey("billing", seed), audience="sign", tenant=tenant, purpose="ecf", body=body)
    to_sign = {"Authorization": f"Bearer {token}", "content-type": "application/json"}

    def owner(path: str) -> Door:
        return lambda port: call(port, "GET", path, None, emitter.headers)

    return {
        "admin": tenant_door(standin, "/admin/companies", "platform", "PLATFORM"),
        "audit": owner("/audit/verify"),
        "auth": owner("/auth/me"),
        "billing": owner("/tenant/invoices"),
        "client": owner("/tenant/certificates"),
        "plans": owner("/tenant/plans/charges"),
        "relay": tenant_door(standin, "/admin/dead-letters", "platform", "PLATFORM"),
        "ri": owner(f"/tenant/ri/{emitter.invoice_id}"),
        "sandbox": lambda port: call(port, "GET", "/testecf/autenticacion/api/autenticacion/semilla"),
        "sign": lambda port: call(port, "POST", "/sign/xml", body, to_sign),
    }


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, Standin(ROOT, Path(folder)) as standin:
        command, env = bare()
        yardstick = statistics.median(_ready(command, env) for _ in range(TIMES))
        figures = []
        for name, door in doors(standin, a_company(standin)).items():
            command, env = function(standin, name)
            taken = [_first_answer(command, env, door) for _ in range(TIMES)]
            ready, first = (statistics.median(column) for column in zip(*taken, strict=True))
            detail = f"{ready * 1000:.0f} ms, bare FastAPI {yardstick * 1000:.0f} ms"
            figures.append(Figure(f"{name}: cold to /readyz", ready / yardstick, "<=", 1.6, detail))
            figures.append(
                Figure(f"{name}: cold to its door", first / yardstick, "<=", DOOR.get(name, 3.0), f"{first * 1000:.0f} ms")
            )
        return figures


def _ready(command: list[str], env: Mapping[str, str]) -> float:
    with started(command, env) as process:
        return process.ready_after


def _first_answer(command: list[str], env: Mapping[str, str], door: Door) -> tuple[float, float]:
    """Seconds to /readyz, and to the first answer of the door (asked at once after it)."""

    with started(command, env) as process:
        began = time.perf_counter()
        status = door(process.port)
        if status != 200:
            raise RuntimeError(f"{command[-1]} answered {status}")
        return process.ready_after, process.ready_after + time.perf_counter() - began
