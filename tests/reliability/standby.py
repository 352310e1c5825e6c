"""A primary and a standby that gets its log over a wire of its own, both servers of the embedded binaries."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.engine import make_url

from knative.embedded.postgres import ADMINISTRATOR, Postgres, binaries
from knative.embedded.process import LOOPBACK
from shared.db.migrate import FUNCTIONS, upgrade
from tests.house import SEAL_KEY
from tests.patience import until
from tests.reliability.proxy import Proxy

DATABASE = "postgres"
_PASSWORD = "of-a-test"
_NAME = "standby"


class Pair:
    """`address` is where functions find the database, whichever of the two it is; `wire` is between the two."""

    def __init__(self, folder: Path, *, synchronous: bool) -> None:
        self._synchronous = synchronous
        self.primary, self.standby = Postgres(folder / "primary").start(), Postgres(folder / "standby")
        self.wire, self.address = Proxy(self.primary.port), Proxy(self.primary.port)

    def __enter__(self) -> Self:
        upgrade(self.primary.url(), passwords=dict.fromkeys(FUNCTIONS, _PASSWORD), seal_key=SEAL_KEY)
        self.wire.__enter__()
        self.address.__enter__()
        self._follow()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.standby.stop()
        self.primary.stop()
        self.address.__exit__(kind, error, trace)
        self.wire.__exit__(kind, error, trace)

    def url_of(self, role: str) -> str:
        url = make_url(self.primary.url(role, password=_PASSWORD)).set(port=self.address.port)
        return url.render_as_string(hide_password=False)

    def state(self) -> str:
        """What the primary says of its standby: `sync`, `async`, or nothing."""
        rows = self.primary.ask(DATABASE, "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'")
        return str(rows[0][0]) if rows else ""

    def kill_primary(self) -> None:
        """kill -9 of all its processes at once, as a power cut."""
        postmaster = self.primary.pid
        assert postmaster is not None
        sessions = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii").split()
        for pid in (postmaster, *map(int, sessions)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def promote(self) -> None:
        """The standby takes writes, and functions find it."""
        assert self.standby.ask(DATABASE, "SELECT pg_promote()") == [[True]]
        self.address.target = self.standby.port

    def _follow(self) -> None:
        """Copy the primary and stream what it writes; a synchronous one does not commit without its standby from now on."""
        where = f"host={LOOPBACK} port={self.wire.port} user={ADMINISTRATOR} application_name={_NAME}"
        command = [str(binaries() / "pg_basebackup"), "-d", where, "-D", str(self.standby.data), "-c", "fast", "-R"]
        subprocess.run(command, env={**os.environ, "PGPASSWORD": self.primary.password}, check=True, capture_output=True)
        shutil.copy(self.primary.data.with_suffix(".password"), self.standby.data.with_suffix(".password"))
        self.standby.spawn()
        if self._synchronous:
            self.primary.ask(DATABASE, f"ALTER SYSTEM SET synchronous_standby_names = '{_NAME}'")
            self.primary.ask(DATABASE, "SELECT pg_reload_conf()")
        until(lambda: self.state() == ("sync" if self._synchronous else "async"), seconds=30)
