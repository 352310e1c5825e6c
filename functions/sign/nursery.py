"""Where signers are born: `python -m functions.sign.nursery` has loaded all they need, never sees a key, and forks one for each
pipe that arrives on its standard input (a Unix socket), so that a new signer costs milliseconds."""

import gc
import os
import resource
import signal
import socket
import subprocess
import sys
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock

from functions.sign.signer import serve
from shared.cloud.session import Aws
from shared.confinement import keep_memory_private

_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = ("PATH", "HOME", "PYTHONPATH", "SSL_CERT_FILE")


class Nursery:
    """This side of it: one process, started with the first birth and again whenever it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None
        self._lock = Lock()

    def birth(self) -> Connection:
        """A pipe to a new signer. It closes when the signer could not be born."""
        ours, theirs = Pipe()
        with theirs, self._lock:
            try:
                socket.send_fds(self._opened(), [b"."], [theirs.fileno()])
            except BrokenPipeError:
                self.close()
                socket.send_fds(self._opened(), [b"."], [theirs.fileno()])
        return ours

    def _opened(self) -> socket.socket:
        if self._door is None:
            self._door, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "functions.sign.nursery"],
                    stdin=theirs.fileno(),
                    cwd=_ROOT,
                    env={name: value for name, value in os.environ.items() if name in _ENVIRONMENT or name.startswith("AWS_")},
                    start_new_session=True,
                )
        return self._door

    def close(self) -> None:
        """End the process; signers end with their pipes."""
        if self._door is not None and self._process is not None:
            self._door.close()
            self._process.wait()
        self._door = self._process = None


def confine() -> None:
    """No core, no reading by others, and no file: what a signer knows cannot be written anywhere (kept by every fork)."""
    keep_memory_private()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """Fork until the other side closes."""
    confine()
    # The models of the cloud's API take a tenth of a second to read; all who are born find them in boto3's own session.
    Aws("us-east-1", None, "none", "none").client("secretsmanager")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    gc.freeze()
    door = socket.socket(fileno=sys.stdin.fileno())
    while pipes := socket.recv_fds(door, 1, 1)[1]:
        if os.fork() == 0:
            door.close()
            try:
                serve(Connection(pipes[0]))
            finally:
                os._exit(0)
        os.close(pipes[0])


if __name__ == "__main__":
    main()
