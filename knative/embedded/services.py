"""The data services of one machine together: started side by side, stopped together."""

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from knative.embedded.aws import Ministack
from knative.embedded.mail import MailSink
from knative.embedded.postgres import Postgres
from knative.embedded.process import LOOPBACK
from knative.embedded.state import Addresses
from knative.embedded.valkey import Valkey


class Services:
    """PostgreSQL, Valkey, ministack and the mail sink under one folder; a context manager whose thread must outlive them."""

    def __init__(self, data: Path, *, fast: bool = False) -> None:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.valkey = Valkey(data / "valkey")
        self.aws = Ministack(data / "ministack")
        self.mail = MailSink(data / "mail")
        self.postgres = Postgres(data / "postgres", fast=fast)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            # PostgreSQL last: its first start blocks on initdb while the others boot.
            for server in (self.valkey, self.aws, self.mail, self.postgres):
                stack.callback(server.stop)
                server.spawn()
            for server in (self.postgres, self.valkey, self.aws, self.mail):
                server.wait_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def addresses(self) -> Addresses:
        """Where they are, for the Secrets and ConfigMaps."""
        return Addresses(f"{LOOPBACK}:{self.postgres.port}", self.valkey.url, self.aws.url, ses_endpoint_url=self.mail.url)

    @property
    def pids(self) -> dict[str, int | None]:
        """Process ids by name."""
        return {"postgres": self.postgres.pid, "valkey": self.valkey.pid, "ministack": self.aws.pid, "mail": self.mail.pid}
