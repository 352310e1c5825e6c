"""One server process of ours: bound to loopback, ended with its parent, its words in a log file."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

LOOPBACK = "127.0.0.1"


class ServerFailed(Exception):
    """A server ended or stayed silent while starting; carries the end of its log."""


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@cache
def _warn_once(line: str) -> None:
    print(line, file=sys.stderr)


def ended_with_parent(signal_name: str) -> list[str]:
    """Command prefix that has the kernel send `signal_name` when the thread that starts the process ends.

    It is that *thread*, not the process (prctl(2), PR_SET_PDEATHSIG): start servers from a long-lived one.
    """
    if shutil.which("setpriv"):
        return ["setpriv", "--pdeathsig", signal_name]
    _warn_once("setpriv (util-linux) is not installed: servers started here may outlive a crash of this process.")
    return []


class Process:
    """A child with a log file; `start` returns at once, `wait_ready` blocks until it answers."""

    def __init__(self, name: str, log: Path) -> None:
        self.name, self.log = name, log
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def start(self, command: Sequence[str], *, env: Mapping[str, str] | None = None, user: int | None = None) -> None:
        """Start `command` in its own session, so that Ctrl-C reaches only its parent."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._child = subprocess.Popen(
                command,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                start_new_session=True,
            )

    def wait_ready(self, ready: Callable[[], bool], *, seconds: float = 30) -> None:
        """Poll `ready`; raises ServerFailed with the log's end when the process ends first or time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.pid is None or time.monotonic() > deadline:
                raise ServerFailed(f"{self.name} did not start: {self.last_words()}")
            time.sleep(0.01)

    def stop(self, signal_number: int, *, seconds: float = 20) -> None:
        """Ask with `signal_number`, insist with SIGKILL after `seconds`. Harmless when it does not run."""
        if self._child is None:
            return
        if self._child.poll() is None:
            self._child.send_signal(signal_number)
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def last_words(self) -> str:
        """The end of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-800:] if self.log.exists() else ""


def answers(port: int, question: bytes = b"", expected: bytes = b"") -> bool:
    """Whether a loopback port accepts a connection and answers `question` with `expected` in its first bytes."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(question)
            return expected in connection.recv(64) if expected else True
    except OSError:
        return False
