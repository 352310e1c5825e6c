"""The platform under test: the manifests on this machine, companies opened through the public doors, and what is behind them."""

import json
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.engine import make_url

from functions.sandbox.authority import Authority
from knative.demo.driver import a_rnc
from knative.demo.login import answer_challenge, first_login
from knative.embedded.postgres import Postgres
from knative.embedded.state import DATABASE
from knative.local.standin import Standin
from tests.places import ROOT
from tests.reliability.patience import until

PASSWORD = "una clave larga de prueba"


@dataclass(frozen=True)
class Company:
    """A company that can emit, and the key of its ERP."""

    tenant: str
    rnc: str
    client: tuple[str, str]


class Platform:
    """`folder` holds data, logs, tokens of failpoints and the process ids of functions."""

    def __init__(self, folder: Path, standin: Standin) -> None:
        self.folder, self.url, self._standin = folder, standin.url, standin
        self._http = httpx.Client(base_url=standin.url, timeout=30, trust_env=False)
        port = make_url(standin.environments["billing"]["DATABASE_URL"]).port
        self._postgres = Postgres(standin.data / "services/postgres", port=port)
        self._admin = self._as_admin()

    def ask(self, statement: str, **values: object) -> list[list[Any]]:
        """Rows of one administrator's statement."""
        return self._postgres.ask(DATABASE, statement, **values)

    def url_of(self, function: str) -> str:
        """The function's cluster-local address."""
        return self._standin.urls[function]

    def restart(self, function: str) -> None:
        """End its processes, so that the next ones start with what is chosen now."""
        for mark in (self.folder / "pids").glob(f"{function}.*"):
            mark.unlink()
            pid = mark.suffix[1:]
            # A number may have been given to another process since.
            with suppress(FileNotFoundError, ProcessLookupError):
                if __package__.encode() in Path("/proc", pid, "cmdline").read_bytes():
                    os.kill(int(pid), signal.SIGTERM)

    def refused_deliveries(self) -> int:
        """Deliveries of facts that a function answered with neither 2xx nor a status that is tried again."""
        return sum(attempt.status in range(400, 500) for attempt in self._standin.history())

    def open_company(self) -> Company:
        """From nothing to a company with a certificate, two ranges and a key for its ERP."""
        owner, rnc = f"duena-{secrets.token_hex(4)}@empresa.example", a_rnc()
        body = {
            "rnc": rnc,
            "environment": "testecf",
            "razon_social": "EMPRESA DE PRUEBA SRL",
            "direccion": "Calle Primera 1",
            "owner": {"email": owner, "name": "Dueña de Prueba"},
        }
        tenant: str = self._post("/admin/companies", self._admin, json=body)["id"]
        for _ in until("the company is ready", seconds=60):
            answer = self._http.get(f"/admin/companies/{tenant}", headers=self._admin)
            if answer.status_code == 200 and answer.json()["ready"]:
                break
        invited = self._post("/auth/invitations", self._admin, json={"email": owner})
        self._post("/auth/invitations/accept", {}, json={"token": invited["token"], "password": PASSWORD})
        bearer = _bearer(self._post("/auth/login", {}, json={"email": owner, "password": PASSWORD}))
        p12 = {"p12": ("prueba.p12", Authority.create().issue().p12(PASSWORD), "application/x-pkcs12")}
        self._post("/tenant/certificates", bearer, files=p12, data={"password": PASSWORD})
        for tipo in (31, 32):
            wanted = {"tipo_ecf": tipo, "desde": 1, "hasta": 100_000, "vencimiento": "2028-12-31"}
            self._post("/tenant/sequences", bearer, json=wanted)
        made = self._post("/auth/api-keys", bearer, json={"name": "ERP", "permissions": ["ecf.emit", "invoices.read"]})
        return Company(tenant, rnc, (made["client_id"], made["client_secret"]))

    def _as_admin(self) -> dict[str, str]:
        login = first_login(ROOT, self._standin.data, self._standin.environments["auth"])
        first = self._post("/auth/login", {}, json={"email": login.email, "password": login.password})
        return _bearer(answer_challenge(self._http, first["challenge"], login.codes()).raise_for_status().json())

    def _post(self, path: str, headers: dict[str, str], **body: Any) -> Any:
        """The answer's JSON; what is not ready yet is asked again."""
        for _ in until(f"POST {path}", seconds=60):
            answer = self._http.post(path, headers=headers, **body)
            if answer.status_code not in (429, 502, 503, 504):
                break
        if not answer.is_success:
            raise AssertionError(f"POST {path} → {answer.status_code} {answer.text[:300]}")
        return json.loads(answer.content or b"{}")


def _bearer(answer: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer['access_token']}"}


@contextmanager
def running(folder: Path) -> Iterator[Platform]:
    """The whole platform with processes that have failpoints, until the block ends."""
    for name in ("tokens", "pids"):
        (folder / name).mkdir(parents=True, exist_ok=True)

    def command(function: str) -> list[str]:
        return [sys.executable, "-m", "tests.reliability.serve", function, str(folder)]

    with Standin(ROOT, folder / "data", command=command, fast=True) as standin:
        yield Platform(folder, standin)
