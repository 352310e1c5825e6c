"""Migrations: roles and schemas first, then one Alembic branch a function, upgraded by `heads`.

`python -m shared.db.migrate` reads MIGRATION_DATABASE_URL (an administrator's), ROLE_PASSWORDS (JSON `{function: password}`)
and TENANT_SEAL_KEY (base64).
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from shared.db.seal import Seal

FUNCTIONS = ("admin", "audit", "auth", "billing", "client", "dgii", "notify", "plans", "relay", "ri", "sandbox", "sign")
"""Every function has a schema and a login role, with or without tables."""

_HERE = Path(__file__).parent
_ADVISORY_LOCK = 7_303_414


def upgrade(url: str, *, passwords: Mapping[str, str], seal_key: bytes) -> None:
    """Bring the database at `url` to the newest state. Safe to repeat and to run twice at once.

    `passwords` names functions whose role gets that password; `seal_key` is stored as HMAC pads that only the owner reads.
    """
    engine = create_engine(url)
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        connection.exec_driver_sql(f"SET LOCAL getupnet.functions = '{','.join(FUNCTIONS)}'")
        _run_script(connection, (_HERE / "roles.sql").read_text(encoding="utf-8"))
        for function, password in passwords.items():
            if function not in FUNCTIONS:
                raise ValueError(f"no such function: {function}")
            _run_script(connection, f"ALTER ROLE fn_{function} PASSWORD '{password.replace(chr(39), chr(39) * 2)}'")
        connection.exec_driver_sql("SET LOCAL ROLE getupnet_owner")
        inner, outer = Seal(seal_key).pads()
        connection.execute(
            text(
                "INSERT INTO tenancy.seal_key (inner_pad, outer_pad) VALUES (:inner, :outer) "
                "ON CONFLICT (only_row) DO UPDATE SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad"
            ),
            {"inner": inner, "outer": outer},
        )
        config = Config()
        config.set_main_option("script_location", str(_HERE / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")
    engine.dispose()


def _run_script(connection: Connection, script: str) -> None:
    # The simple protocol takes several statements and leaves % and : alone.
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute_simple(script)


if __name__ == "__main__":
    import base64

    upgrade(
        os.environ["MIGRATION_DATABASE_URL"],
        passwords=json.loads(os.environ.get("ROLE_PASSWORDS", "{}")),
        seal_key=base64.b64decode(os.environ["TENANT_SEAL_KEY"]),
    )
