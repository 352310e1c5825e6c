"""The database of an operator's command: as the Job `migrate` reaches it, by MIGRATION_DATABASE_URL and TENANT_SEAL_KEY."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from shared.db.engine import Database, Transaction
from shared.db.seal import Seal


@contextmanager
def administrators(tenant: str) -> Iterator[Transaction]:
    """One transaction in the context of `tenant`, of a role that sees all companies."""
    seal = Seal.from_base64(os.environ["TENANT_SEAL_KEY"])
    database = Database(os.environ["MIGRATION_DATABASE_URL"], seal, pool_size=1, silence=None)
    try:
        with database.transaction(tenant) as tx:
            yield tx
    finally:
        database.close()
