"""PostgreSQL, migrated, and Redis for programs that are no pytest run."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from knative.embedded.postgres import Postgres
from knative.embedded.valkey import Valkey
from shared.db.migrate import FUNCTIONS, upgrade
from tests.house import SEAL_KEY


@dataclass(frozen=True)
class Servers:
    """`password` is that of every function's login."""

    postgres: Postgres
    valkey: Valkey
    password: str

    def url_of(self, role: str) -> str:
        return self.postgres.url(role, password=self.password)


@contextmanager
def servers() -> Iterator[Servers]:
    """Both, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="getupnet-") as folder:
        password = secrets.token_hex(16)
        postgres, valkey = Postgres(Path(folder) / "pg", fast=True).start(), Valkey(Path(folder) / "valkey").start()
        try:
            upgrade(postgres.url(), passwords=dict.fromkeys(FUNCTIONS, password), seal_key=SEAL_KEY)
            yield Servers(postgres, valkey, password)
        finally:
            valkey.stop()
            postgres.stop()
