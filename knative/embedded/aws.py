"""S3, KMS and Secrets Manager on this machine: ministack, told to listen on loopback and to keep its state."""

import signal
import sys
from pathlib import Path
from typing import Self

from knative.embedded.process import LOOPBACK, Process, answers, ended_with_parent, free_port

REGION = "us-east-1"
ACCESS_KEY_ID = SECRET_ACCESS_KEY = "test"
"""The only pair ministack accepts in presigned URLs; it guards nothing."""


class Ministack:
    """One emulator in one folder. It writes its state when it ends in order, S3 objects at once."""

    def __init__(self, data: Path, *, port: int | None = None) -> None:
        self.data, self.port = data.resolve(), port or free_port()
        self._process = Process("ministack", self.data.with_suffix(".log"))

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid

    @property
    def url(self) -> str:
        """Endpoint URL for every service."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        """Start and return when it answers."""
        self.spawn()
        self.wait_ready()
        return self

    def spawn(self) -> None:
        """Start without waiting."""
        folders = {"STATE_DIR": self.data / "state", "S3_DATA_DIR": self.data / "s3", "TMPDIR": self.data / "tmp"}
        for folder in folders.values():
            folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        env = {
            **{name: str(folder) for name, folder in folders.items()},
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(self.port),
            "LOG_LEVEL": "ERROR",
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
        }
        self._process.start([*ended_with_parent("TERM"), sys.executable, "-m", "ministack"], env=env)

    def wait_ready(self) -> None:
        """Block until it accepts connections, raising ServerFailed with its log."""
        self._process.wait_ready(lambda: answers(self.port))

    def stop(self) -> None:
        """End in order, so that the state is written."""
        self._process.stop(signal.SIGTERM)
