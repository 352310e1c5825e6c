"""The data services of one machine together: started side by side, stopped together."""

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from knative.embedded.aws import Ministack
from knative.embedded.postgres import Postgres
from knative.embedded.valkey import Valkey


class Services:
    """PostgreSQL, Valkey and ministack under one folder; a context manager whose thread must outlive them."""

    def __init__(self, data: Path, *, fast: bool = False) -> None:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.valkey = Valkey(data / "valkey")
        self.aws = Ministack(data / "ministack")
        self.postgres = Postgres(data / "postgres", fast=fast)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            # PostgreSQL last: its first start blocks on initdb while the other two boot.
            for server in (self.valkey, self.aws, self.postgres):
                stack.callback(server.stop)
                server.spawn()
            for server in (self.postgres, self.valkey, self.aws):
                server.wait_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def pids(self) -> dict[str, int | None]:
        """Process ids by name."""
        return {"postgres": self.postgres.pid, "valkey": self.valkey.pid, "ministack": self.aws.pid}
