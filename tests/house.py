"""The functions of the platform in one process, on a real database: what tests talk to instead of pieces with stand-ins."""

import base64
import importlib
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache, cached_property
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn
from fastapi.testclient import TestClient
from moto import mock_aws

from functions.sandbox.authority import Authority
from knative.rules import manifests
from knative.rules.delivery import Attempt, InProcessBroker
from shared.cloud.ses import ensure_sender
from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM, Seal
from shared.events.keys import FunctionKey, PublicKeys
from shared.identity.permissions import Permission, Scope
from shared.identity.tokens import UserClaims, issue_user_token
from tests.places import ROOT

SEAL_KEY = b"a seal key that only tests know!"
P12_PASSWORD = "clave de prueba"
SENDER = "no-responder@getupnet.example"


@cache
def cloud_door() -> str:
    """An address at which other processes find the memory of this one's moto; sign's keys are fetched by its children."""
    from moto.server import ThreadedMotoServer  # 1.2 s, for those who sign

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    return "http://{}:{}".format(*server.get_host_and_port())


def _seed() -> str:
    return base64.b64encode(os.urandom(32)).decode("ascii")


def _public(key: FunctionKey) -> str:
    return base64.b64encode(key.private.public_key().public_bytes_raw()).decode("ascii")


class House:
    """Builds each function at first use with the settings a cluster would give it; `url_of(role)` is its database.

    Redis is away unless `redis_url` says where it is.
    """

    def __init__(self, url_of: Callable[[str], str], *, redis_url: str = "redis://127.0.0.1:1") -> None:
        self._url_of = url_of
        self._redis_url = redis_url
        self._stack = ExitStack()
        self._clients: dict[str, TestClient] = {}
        self._addresses: dict[str, str] = {}
        names = [p.parent.name for p in sorted((ROOT / "functions").glob("*/app.py"))]
        self.keys = {name: FunctionKey(name, _seed()) for name in names}
        self.user_key = FunctionKey("k1", _seed())
        self.credential_key, self.token_key = _seed(), _seed()

    def __enter__(self) -> Self:
        self._stack.enter_context(mock_aws())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def settings(self, name: str) -> Any:
        """The function's Settings; one field name means the same in every function."""
        kind = importlib.import_module(f"functions.{name}.settings").Settings
        known = {
            "database_url": lambda: self._url_of(f"fn_{name}"),
            "tenant_seal_key": lambda: base64.b64encode(SEAL_KEY).decode("ascii"),
            "function_key": lambda: self.keys[name].seed,
            "function_keys": lambda: json.dumps({n: _public(k) for n, k in self.keys.items()}),
            "user_keys": lambda: json.dumps({"k1": _public(self.user_key)}),
            "user_signing_key": lambda: f"k1:{self.user_key.seed}",
            "credential_key": lambda: self.credential_key,
            "aws_region": lambda: "us-east-1",
            "aws_endpoint_url": lambda: cloud_door() if name == "sign" else None,
            "aws_access_key_id": lambda: "test",
            "aws_secret_access_key": lambda: "test",
            "archive_bucket": lambda: "getupnet-archive",
            "mail_from": lambda: f"GetUpNet <{SENDER}>",
            "portal_url": lambda: "https://portal.example",
            "auth_url": lambda: self.address("auth"),
            "redis_url": lambda: self._redis_url,
            "sign_url": lambda: self.address("sign"),
            "plans_url": lambda: self.address("plans"),
            "ri_url": lambda: self.address("ri"),
            "dgii_ecf_url": lambda: self.address("sandbox"),
            "dgii_fc_url": lambda: self.address("sandbox"),
            "token_key": lambda: self.token_key,
            "triggers_path": lambda: ROOT / "eventing" / "triggers",
            "k_sink": lambda: "http://broker.invalid/",
        }
        return kind(**{field: value() for field, value in known.items() if field in kind.model_fields})

    def client(self, name: str) -> TestClient:
        """The function's doors. What it announces goes to `broker`, in place of an HTTP POST to K_SINK."""
        if name not in self._clients:
            app = importlib.import_module(f"functions.{name}.app").build(self.settings(name))
            shell = app.state.shell
            shell.publisher.send = self._take
            if name == "notify":
                ensure_sender(shell.outside.aws, SENDER)
            self._clients[name] = self._stack.enter_context(TestClient(app, raise_server_exceptions=False))
        return self._clients[name]

    def shell(self, name: str) -> Any:
        """What the function's handlers are given."""
        self.client(name)
        app: Any = self._clients[name].app
        return app.state.shell

    def address(self, name: str) -> str:
        """A real loopback address of the function, for those that call it over HTTP."""
        if name not in self._addresses:
            self._addresses[name] = self.serve(importlib.import_module(f"functions.{name}.app").build(self.settings(name)))
        return self._addresses[name]

    def serve(self, app: Any) -> str:
        """Any app at a loopback address, until this house is left."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        self._stack.callback(thread.join, 10)
        self._stack.callback(setattr, server, "should_exit", True)
        return f"http://127.0.0.1:{port}"

    @cached_property
    def broker(self) -> InProcessBroker:
        """The broker's core on the real triggers."""
        return InProcessBroker(manifests.read(ROOT).triggers, self._call)

    def _take(self, headers: dict[str, str], body: bytes) -> bool:
        return self.broker.post(headers, body) == 202

    def _call(self, function: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        answer = self.client(function).post(path, content=body, headers=headers)
        return answer.status_code, dict(answer.headers), answer.content

    def settle(self) -> list[Attempt]:
        """Let publishers finish and deliver until nothing moves; everything that was attempted."""
        history: list[Attempt] = []
        while True:
            for name in list(self._clients):
                drain(self.shell(name).publisher)
            new = self.broker.settle()
            if not new:
                return history
            history += new

    def token(self, tenant: str, *permissions: Permission) -> dict[str, str]:
        """Authorization of a person with these permissions (all of the scope when none is named)."""
        scope = Scope.PLATFORM if tenant == PLATFORM else Scope.TENANT
        granted = permissions or tuple(p for p in Permission if p.allowed_in(scope))
        values, now = tuple(p.value for p in granted), int(time.time())
        claims = UserClaims("a-user", tenant, scope, values, self.session, now, ("pwd", "otp"))
        return {"Authorization": "Bearer " + issue_user_token(claims, self.user_key)}

    @cached_property
    def session(self) -> str:
        """A session that auth knows and nobody ends."""
        session, person = uuid7(), uuid7()
        with self.database("auth").transaction(PLATFORM) as tx:
            email = f"{person}@example.com"
            tx.rows("INSERT INTO auth.users (id, email, name) VALUES (CAST(:p AS uuid), :e, 'x')", p=person, e=email)
            tx.rows(
                "INSERT INTO auth.sessions (id, user_id, company, expires_at) "
                "VALUES (CAST(:s AS uuid), CAST(:p AS uuid), 'platform', now() + interval '1 day')",
                s=session,
                p=person,
            )
        return session

    @property
    def public_keys(self) -> PublicKeys:
        return PublicKeys(json.dumps({n: _public(k) for n, k in self.keys.items()}))

    def database(self, function: str, pool_size: int = 1) -> Database:
        """The function's own role, for looking at what it stored."""
        return Database(self._url_of(f"fn_{function}"), Seal(SEAL_KEY), pool_size=pool_size)

    def company(self, rnc: str | None = None, *, certificate: bool = True, ranges: bool = True) -> str:
        """A company that is ready to emit; its tenant id."""
        body = {
            "rnc": rnc or a_rnc(),
            "environment": "testecf",
            "razon_social": "EMPRESA DE PRUEBA SRL",
            "direccion": "Calle Primera 1",
            "owner": {"email": f"{uuid7()}@example.com", "name": "Dueña de Prueba"},
        }
        made = self.client("admin").post("/admin/companies", json=body, headers=self.token(PLATFORM))
        assert made.status_code == 201, made.text
        tenant: str = made.json()["id"]
        self.settle()
        if certificate:
            self.upload_certificate(tenant)
        if ranges:
            for tipo in (31, 32):
                self.register_range(tenant, tipo, 1, 1000)
        self.settle()
        return tenant

    def upload_certificate(self, tenant: str) -> httpx.Response:
        leaf = Authority.create().issue()
        return self.client("client").post(
            "/tenant/certificates",
            files={"p12": ("prueba.p12", leaf.p12(P12_PASSWORD))},
            data={"password": P12_PASSWORD},
            headers=self.token(tenant),
        )

    def register_range(self, tenant: str, tipo: int, desde: int, hasta: int, expiry: str | None = "2028-12-31") -> httpx.Response:
        body = {"tipo_ecf": tipo, "desde": desde, "hasta": hasta, "vencimiento": expiry}
        return self.client("billing").post("/tenant/sequences", json=body, headers=self.token(tenant))

    def emit(self, tenant: str, body: object, *, key: str | None = None, **headers: str) -> httpx.Response:
        return self.client("billing").post(
            "/tenant/emit/ecf",
            json=body,
            headers=self.token(tenant) | {"Idempotency-Key": key or uuid7()} | headers,
        )


def drain(publisher: Any) -> None:
    """Wait until every event handed to this publisher so far has been posted (its pool has two threads)."""
    barrier = threading.Barrier(3, timeout=10)
    for _ in range(2):
        publisher._pool.submit(barrier.wait)
    barrier.wait()


_next_rnc = int.from_bytes(os.urandom(3), "big") % 9_000_000


def a_rnc() -> str:
    """A well-formed RNC with a right check digit that no other test uses."""
    global _next_rnc
    while True:
        _next_rnc += 1
        eight = f"{10_000_000 + _next_rnc % 80_000_000:08d}"
        rest = sum(int(d) * w for d, w in zip(eight, (7, 9, 8, 6, 5, 4, 3, 2), strict=True)) % 11
        return eight + str({0: 2, 1: 1}.get(rest, 11 - rest))
