"""Every table that a role can reach shows it one tenant; migrations may be repeated."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from shared.db.engine import sqlstate
from shared.db.migrate import FUNCTIONS, upgrade
from shared.db.migrations.versions import billing_0006
from shared.db.seal import Seal
from tests.conftest import PASSWORD
from tests.house import SEAL_KEY
from tests.places import ROOT

TABLES = """
SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
"""
COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS kind, a.attidentity <> '' OR a.atthasdef AS made,
  substring(pg_get_constraintdef(k.oid) FROM '''([a-z_]+)''') AS allowed
FROM pg_attribute a LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
WHERE a.attrelid = CAST(:table AS regclass) AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
"""
VALUES = {"text": "'x'", "uuid": "gen_random_uuid()", "jsonb": "'{}'", "bytea": "'x'", "date": "now()", "boolean": "false"}
SEEN_BY_WATCHER = {"flow.outbox", "flow.inbox", "flow.work", "flow.turns"}


@pytest.fixture
def administrator(admin_url: str) -> Iterator[Connection]:
    engine = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Rows of one table at a time, without those that they refer to.
        connection.execute(text("SET session_replication_role = replica"))
        yield connection
    engine.dispose()


def insert(connection: Connection, table: str, tenant: str, owner: str) -> None:
    """A row of `tenant` with some value in every column that needs one, owned by the function `owner` in schema flow."""
    given = {"tenant_id": f"'{tenant}'"}
    for column in connection.execute(text(COLUMNS), {"table": table}):
        own = {"source": f"'/functions/{owner}'", "consumer": f"'{owner}'", "function": f"'{owner}'", "ncf": "'B0100000001'"}
        default = own.get(column.name) or (f"'{column.allowed}'" if column.allowed and column.kind == "text" else None)
        if not column.made:
            given.setdefault(column.name, default or VALUES.get(column.kind, "now()" if "time" in column.kind else "1"))
    connection.execute(text(f"INSERT INTO {table} ({', '.join(given)}) VALUES ({', '.join(given.values())})"))


def readers(connection: Connection, table: str) -> list[str]:
    sql = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'fn\\_%' AND has_table_privilege(rolname, :t, 'SELECT') ORDER BY 1"
    return [row.rolname for row in connection.execute(text(sql), {"t": table})]


def test_no_role_sees_another_tenants_row_in_any_table_it_can_reach(administrator: Connection, admin_url: str) -> None:
    seal, reached = Seal(SEAL_KEY), set()
    tables = [row.name for row in administrator.execute(text(TABLES))]
    assert len(tables) > 15
    for function in FUNCTIONS:
        url = make_url(admin_url).set(username=f"fn_{function}", password=PASSWORD)
        engine = create_engine(url)
        for table in tables:
            if f"fn_{function}" not in readers(administrator, table):
                continue
            for tenant in ("tenant-a", "tenant-b"):
                administrator.execute(text(f"DELETE FROM {table}")) if tenant == "tenant-a" else None
                insert(administrator, table, tenant, function)
            with engine.connect() as connection, connection.begin():
                connection.execute(text("SELECT set_config('app.ctx', :c, true)"), {"c": seal.context("tenant-b")})
                seen = {row.tenant_id for row in connection.execute(text(f"SELECT tenant_id FROM {table}"))}
            watches = function == "relay" and table in SEEN_BY_WATCHER
            assert seen == ({"tenant-a", "tenant-b"} if watches else {"tenant-b"}), (function, table)
            if not watches:
                with engine.connect() as connection, pytest.raises(DBAPIError) as refusal:
                    connection.execute(text(f"SELECT tenant_id FROM {table}"))
                assert sqlstate(refusal.value) == "42501", (function, table)
            reached.add(table)
        engine.dispose()
    assert reached == set(tables), "a tenant table that no role reads"


def test_the_reading_test_sees_a_hole(administrator: Connection, admin_url: str) -> None:
    administrator.execute(text("CREATE POLICY hole ON plans.charges FOR SELECT TO fn_plans USING (true)"))
    with pytest.raises(AssertionError):
        test_no_role_sees_another_tenants_row_in_any_table_it_can_reach(administrator, admin_url)


def test_migrations_may_be_repeated_and_the_newest_key_counts(administrator: Connection, admin_url: str) -> None:
    counting = text("SELECT count(*) FROM pg_policies")
    before, newer = administrator.execute(counting).scalar_one(), b"a newer seal key for the database"
    upgrade(admin_url, passwords={"plans": PASSWORD}, seal_key=newer)
    assert administrator.execute(counting).scalar_one() == before
    engine = create_engine(make_url(admin_url).set(username="fn_plans", password=PASSWORD))
    for key, believed in ((newer, True), (SEAL_KEY, False)):
        with engine.connect() as connection:
            connection.execute(text("SELECT set_config('app.ctx', :c, true)"), {"c": Seal(key).context("a")})
            try:
                connection.execute(text("SELECT * FROM plans.charges"))
                assert believed
            except DBAPIError:
                assert not believed
    engine.dispose()


@pytest.mark.parametrize(
    ("environment", "registered", "last"),
    [
        ("ecf", "2026-11-24 12:00Z", "2027-12-31"),
        ("ecf", "2027-01-01 03:59Z", "2027-12-31"),
        ("ecf", "2027-01-01 04:00Z", "2028-12-31"),
        ("certecf", "2026-11-24 12:00Z", "2028-12-31"),
    ],
)
def test_a_range_without_a_date_ends_with_the_year_after_its_registration(
    administrator: Connection, environment: str, registered: str, last: str
) -> None:
    tell = administrator.exec_driver_sql
    tell("ALTER TABLE billing.sequences ALTER COLUMN vencimiento DROP NOT NULL")
    tell(f"INSERT INTO billing.companies VALUES ('dated', '{environment}', '131880738', '{{}}')")
    tell(
        "INSERT INTO billing.sequences (tenant_id, id, tipo_ecf, desde, hasta, next, vencimiento, created_at) "
        f"VALUES ('dated', gen_random_uuid(), 34, 1, 9, 1, NULL, '{registered}'), "
        f"('dated', gen_random_uuid(), 31, 1, 9, 1, '2026-12-31', '{registered}')"
    )
    for statement in billing_0006.DATE.split(";")[:2]:
        tell(statement)
    found = tell("SELECT tipo_ecf, CAST(vencimiento AS text) FROM billing.sequences WHERE tenant_id = 'dated' ORDER BY 1")
    assert [tuple(row) for row in found] == [(31, "2026-12-31"), (34, last)]


def test_a_password_for_nobody_is_refused(admin_url: str) -> None:
    with pytest.raises(ValueError, match="nobody"):
        upgrade(admin_url, passwords={"nobody": "x"}, seal_key=SEAL_KEY)


def test_no_login_may_make_temporary_tables(admin_url: str) -> None:
    upgrade(admin_url, passwords={}, seal_key=SEAL_KEY)
    engine = create_engine(make_url(admin_url).set(username="fn_plans", password=PASSWORD))
    with engine.connect() as connection, pytest.raises(DBAPIError) as refusal:
        connection.execute(text("CREATE TEMPORARY TABLE mine (a int)"))
    assert sqlstate(refusal.value) == "42501"
    engine.dispose()


def test_the_command_reads_its_environment(admin_url: str) -> None:
    environment: dict[str, Any] = os.environ | {
        "MIGRATION_DATABASE_URL": admin_url,
        "ROLE_PASSWORDS": json.dumps({"plans": PASSWORD}),
        "TENANT_SEAL_KEY": base64.b64encode(SEAL_KEY).decode(),
    }
    subprocess.run([sys.executable, "-m", "shared.db.migrate"], env=environment, cwd=ROOT, check=True, timeout=60)
    refused = subprocess.run(
        [sys.executable, "-m", "shared.db.migrate"], env=environment | {"TENANT_SEAL_KEY": "c2hvcnQ="}, cwd=ROOT, check=False
    )
    assert refused.returncode != 0
