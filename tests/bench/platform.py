"""A stand-in that lends its services and its functions' environments to processes that a bench starts itself."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from knative.local.standin import Standin, serve
from tests.places import ROOT

PATIENCE_SECONDS = 30.0
BARE = """
import os, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/readyz")
def readyz() -> dict[str, bool]:
    return {"ok": True}
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_config=None, access_log=False)
"""


@dataclass(frozen=True)
class Started:
    """A process with its port, and how long it took to its first good answer to /readyz (seconds)."""

    port: int
    ready_after: float
    process: subprocess.Popen[bytes]


def call(port: int, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> int:
    """The status of one request on a connection of its own; 0 when nobody listens yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except OSError:
        return 0
    finally:
        connection.close()


@contextmanager
def started(command: list[str], environment: Mapping[str, str]) -> Iterator[Started]:
    """Run `command` with PORT until the block ends; entered when /readyz answers 200."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    env = {**os.environ, **environment, "PORT": str(port), "LISTEN_HOST": "127.0.0.1"}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while call(port, "GET", "/readyz") != 200:
            if process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                raise RuntimeError(f"{command} does not get ready")
            time.sleep(0.002)
        yield Started(port, time.perf_counter() - began, process)
    finally:
        process.terminate()
        process.wait()


def function(standin: Standin, name: str) -> tuple[list[str], Mapping[str, str]]:
    """Command and environment of one function's own process."""
    return [sys.executable, "-m", "shared.http.serve", name], standin.environments[name]


def bare() -> tuple[list[str], Mapping[str, str]]:
    """The yardstick: FastAPI and uvicorn with one empty route."""
    return [sys.executable, "-c", BARE], {}


def relay_after(*, sweep: float, seal: float) -> Callable[[str], Sequence[str]]:
    """The commands of a stand-in whose relay sends and has sealed what is that old (seconds)."""
    clocks = ("env", f"SWEEP_AFTER_SECONDS={sweep}", f"SEAL_AFTER_SECONDS={seal}")
    return lambda name: (*clocks, *serve(name)) if name == "relay" else serve(name)


def tree_cpu_seconds(root: int) -> float:
    """What `root`, its living descendants and their ended children have computed so far."""
    parents, ticks = dict[int, int](), dict[int, int]()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            parents[int(process.name)], ticks[int(process.name)] = int(fields[1]), sum(map(int, fields[11:15]))

    def below(pid: int) -> bool:
        return pid == root or (pid in parents and below(parents[pid]))

    return sum(count for pid, count in ticks.items() if below(pid)) / os.sysconf("SC_CLK_TCK")
