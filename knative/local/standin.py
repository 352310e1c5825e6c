"""The whole stand-in: data services, functions, broker, schedules and doors, alive while this object is."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import uvicorn

from knative.embedded.process import LOOPBACK
from knative.embedded.services import Services
from knative.embedded.state import DATABASE, NAMESPACE, Reference, State
from knative.local import doors
from knative.local.broker import Broker
from knative.local.serving import Clock, Conditions, Function
from knative.rules.cron import PING_RETRIED, Cron, ping
from knative.rules.delivery import Attempt, Profile
from knative.rules.manifests import ManifestRefused, Ping, Service, read
from knative.rules.scaling import KNATIVE, Timing

OWN_DATABASE = "standin"
_IN_CLUSTER = re.compile(rf"http://([a-z0-9-]+)\.{NAMESPACE}\.svc\.cluster\.local(?::80)?(?=/|$)")
_DUE_WORK = "SELECT function, count(*) FROM flow.work WHERE state = 'pending' AND due_at <= now() GROUP BY 1"


def serve(name: str) -> Sequence[str]:
    """The command of a function's process."""
    return (sys.executable, "-m", "shared.http.serve", name)


@dataclass
class Standin:
    """`with Standin(root, data) as s:` runs the manifests under `root` with everything kept under `data`.

    `port` 0 is any free one; `cap` bounds the processes of a function; `command` says how one is started. For tests `fast` gives
    the database's durability away and `speed` makes the clock run faster.
    """

    root: Path
    data: Path
    port: int = 0
    profile: Profile = Profile.KAFKA
    cap: int = 2
    command: Callable[[str], Sequence[str]] = serve
    migrations: bool = True
    fast: bool = False
    speed: float = 1.0
    timing: Timing = KNATIVE

    def __post_init__(self) -> None:
        self.root, self.data = self.root.resolve(), self.data.resolve()
        self._clock = Clock(self.speed)
        self._topology = read(self.root)
        self._schedules = {p.name: (p, Cron(p.schedule, p.timezone)) for p in self._topology.pings}
        self._functions: dict[str, Function] = {}
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._live, name="stand-in", daemon=True)
        self.url, self.urls, self.environments = "", dict[str, str](), dict[str, dict[str, str]]()

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.result()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def history(self) -> list[Attempt]:
        """Every delivery attempt of this data folder, oldest first."""
        return asyncio.run_coroutine_threadsafe(self._broker.history(), self._loop).result()

    def cold_starts(self) -> dict[str, list[float]]:
        """Seconds from start to readiness of every process, by function."""
        return {name: list(function.cold_starts) for name, function in self._functions.items()}

    def status(self) -> dict[str, Any]:
        """What `ps` shows."""
        return asyncio.run_coroutine_threadsafe(self._status(), self._loop).result()

    def _live(self) -> None:
        try:
            # Here and not in the caller's thread: the kernel ends children with the thread that started them.
            with Services(self.data / "services", fast=self.fast) as services:
                asyncio.run(self._serve(services))
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _serve(self, services: Services) -> None:
        self._loop, self._over, self._services = asyncio.get_running_loop(), asyncio.Event(), services
        names = [*self._topology.services, "broker", "control", "front"]
        sockets = {n: socket.create_server((LOOPBACK, self.port if n == "front" else 0)) for n in names}
        ports = {name: listening.getsockname()[1] for name, listening in sockets.items()}
        self.urls = {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()} | {"mail": services.mail.url}
        self.url = self.urls["front"]
        values, conditions = self._prepare(services), Conditions(self.root, self.data / "logs", self.cap, self._clock, self.timing)
        for name, service in self._topology.services.items():
            env = self.environments[name] = self._environment(service, values)
            self._functions[name] = Function(service, self.command(name), env, conditions)
        connection = services.postgres.connect(OWN_DATABASE)
        send = partial(doors.deliver, self._functions)
        self._broker = Broker(connection, self._topology.triggers, send, self.profile, self._clock)
        faces = {name: doors.proxy(function) for name, function in self._functions.items()}
        faces |= {"broker": doors.ingress(self._broker.post, self.profile), "control": self._control}
        faces["front"] = doors.front(self._topology.routes, self._functions)
        app = doors.by_port({ports[name]: face for name, face in faces.items()})
        config = uvicorn.Config(app, log_level="warning", lifespan="off", proxy_headers=False, server_header=False)
        config.date_header, config.timeout_graceful_shutdown = False, 3
        server = uvicorn.Server(config)
        async with AsyncExitStack() as stack:
            serving = asyncio.create_task(server.serve(sockets=list(sockets.values())))
            for function in self._functions.values():
                stack.push_async_callback(function.stop)
                await function.start()
            stack.push_async_callback(self._broker.stop)
            await self._broker.start()
            pings = [asyncio.create_task(self._tick(*schedule)) for schedule in self._schedules.values()]
            self._started.set_result(None)
            await self._over.wait()
            for task in pings:
                task.cancel()
            server.should_exit = True
            await serving

    def _prepare(self, services: Services) -> dict[Reference, str]:
        state, references = State(self.data / "secrets.json"), self._topology.references()
        values = state.fill(references, services.addresses)
        services.valkey.admit(state.cache_passwords(references))
        services.postgres.ensure_database(OWN_DATABASE)
        services.postgres.ensure_database(DATABASE)
        if self.migrations:
            # In a process of its own, so that Alembic does not stay in this one's memory.
            given = {"ROLE_PASSWORDS": json.dumps(state.passwords(references)), "TENANT_SEAL_KEY": state.seal_key()}
            given["MIGRATION_DATABASE_URL"] = services.postgres.url(database=DATABASE)
            subprocess.run([sys.executable, "-m", "shared.db.migrate"], cwd=self.root, env={**os.environ, **given}, check=True)
        return values

    def _environment(self, service: Service, values: Mapping[Reference, str]) -> dict[str, str]:
        env = {"K_SINK": f"{self.urls['broker']}/{NAMESPACE}/default"} if service.name in self._topology.bound else {}
        for name, value in service.env:
            text = values[value] if isinstance(value, Reference) else value
            for host in _IN_CLUSTER.findall(text):
                if host not in self._topology.services:
                    raise ManifestRefused(self.root / "knative/services", f"env {name}", text, "names no Service")
            env[name] = _IN_CLUSTER.sub(lambda match: self.urls[match[1]], text)
        return env

    async def _tick(self, source: Ping, cron: Cron) -> None:
        now = datetime.now(UTC)
        while due := cron.after(now):
            await asyncio.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
            await self._fire(source)
            now = max(due, datetime.now(UTC))

    async def _fire(self, source: Ping) -> None:
        headers, body = ping(source, datetime.now(UTC))
        for retry in range(6) if source.function else ():
            reply = await doors.deliver(self._functions, source.function, source.path, headers, body)
            if reply.status not in PING_RETRIED:
                return
            await self._clock.sleep(0.05 * 2**retry)
        if not source.function:
            await self._broker.post(headers, body)

    async def _status(self) -> dict[str, Any]:
        due_work = await asyncio.to_thread(self._due_work)
        functions = {
            name: {
                "ready": sum(replica.ready for replica in function.replicas),
                "processes": [replica.process.pid for replica in function.replicas if replica.process],
                "active": sum(replica.active for replica in function.replicas),
                "queue": len(function.queue),
                "cold_starts": len(function.cold_starts),
                "due_work": due_work.get(name, 0),
            }
            for name, function in self._functions.items()
        }
        return {"functions": functions, **await self._broker.counts()}

    def _due_work(self) -> dict[str, int]:
        ask = partial(self._services.postgres.ask, DATABASE)
        return dict(map(tuple, ask(_DUE_WORK))) if ask("SELECT 1 WHERE to_regclass('flow.work') IS NOT NULL") else {}

    async def _control(self, scope: doors.Scope, _: doors.Receive, send: doors.Send) -> None:
        content, name = dict[str, Any](), scope["path"].removeprefix("/pings/")
        if scope["path"] == "/status":
            content = await self._status()
        elif scope["path"] == "/history":
            content = {"history": [asdict(attempt) for attempt in await self._broker.history()]}
        elif scope["method"] == "POST" and name in self._schedules:
            await self._fire(self._schedules[name][0])
        else:
            return await doors.answer(send, 404, b"")
        return await doors.answer(send, 200, json.dumps(content).encode(), "application/json")
