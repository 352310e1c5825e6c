"""TEN-10 and TEN-11: without a tenant there are no rows anywhere, and a violated key tells nobody what it holds."""

import os
from typing import Annotated, Any

import pytest
from fastapi import Depends
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from shared.db.engine import sqlstate
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM, Seal
from shared.http.routes import Public, Route, shell_of
from shared.http.shell import Shell
from tests.functions.billing.bodies import FACTURA
from tests.house import SEAL_KEY, House
from tests.shared.http.rooms import room

READABLE = """
SELECT table_schema || '.' || table_name AS name FROM information_schema.table_privileges p
WHERE grantee = current_user AND privilege_type = 'SELECT'
  AND EXISTS (SELECT FROM information_schema.columns c WHERE c.table_schema = p.table_schema AND c.table_name = p.table_name
    AND c.column_name = 'tenant_id')
"""
ACROSS = {"fn_relay"}
"""Sees flow's tables of every tenant: it sweeps them, and reads nothing else."""
ROLES = ("admin", "audit", "auth", "billing", "client", "dgii", "notify", "plans", "relay", "ri", "sign")


def readings(house: House, role: str, context: str | None) -> dict[str, object]:
    """Table → rows seen, or the SQLSTATE of the refusal."""
    engine = create_engine(house._url_of(role))
    found: dict[str, object] = {}
    with engine.connect() as connection:
        names = [row.name for row in connection.execute(text(READABLE))]
        connection.rollback()
        for name in names:
            with connection.begin():
                if context is not None:
                    connection.execute(text("SELECT set_config('app.ctx', :c, true)"), {"c": context})
                try:
                    found[name] = connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
                except DBAPIError as error:
                    found[name] = sqlstate(error)
                    connection.get_transaction().rollback()  # type: ignore[union-attr]
    engine.dispose()
    return found


@pytest.fixture
def busy(fresh: House) -> str:
    """A company with rows in every function."""
    tenant = fresh.company()
    assert fresh.emit(tenant, FACTURA).status_code == 201
    fresh.settle()
    return tenant


def test_without_a_context_and_in_another_tenants_no_function_reads_a_row(fresh: House, busy: str) -> None:
    full = empty = 0
    for function in ROLES:
        role = f"fn_{function}"
        own = readings(fresh, role, Seal(SEAL_KEY).context(busy))
        for context in (None, Seal(SEAL_KEY).context(uuid7()), Seal(SEAL_KEY).context(PLATFORM)):
            for table, rows in readings(fresh, role, context).items():
                if role in ACROSS and table.startswith("flow."):
                    continue
                if context is None and own[table] != 0:
                    assert rows == "42501", f"{role} read {rows} of {table} without a tenant"
                assert rows in (0, "42501"), f"{role} read {rows} rows of {table}"
        full += sum(isinstance(rows, int) and rows > 0 for rows in own.values())
        empty += sum(rows == 0 for rows in own.values())
    assert full > 20, (full, empty)


def test_a_table_whose_policy_is_open_is_seen(fresh: House, busy: str) -> None:
    address = make_url(os.environ["TEST_DATABASE_URL"]).set(database=make_url(fresh._url_of("fn_billing")).database)
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("CREATE POLICY open ON billing.invoices TO fn_billing USING (true)"))
    engine.dispose()
    assert readings(fresh, "fn_billing", Seal(SEAL_KEY).context(uuid7()))["billing.invoices"] == 1


def test_a_violated_key_tells_nobody_what_it_holds(house: House) -> None:
    victim, secret = uuid7(), f"clave-{uuid7()}"

    def add(key: str, tenant: str, shell: Annotated[Shell[None], Depends(shell_of)]) -> None:
        with shell.transaction(tenant) as tx:
            tx.rows("INSERT INTO plans.subscriptions (tenant_id, plan) VALUES (:t, 'estandar')", t=tenant)
            tx.rows("INSERT INTO plans.charges (tenant_id, id) VALUES (:t, CAST(:k AS uuid))", t=tenant, k=key)

    def ask(client: Any, **query: str) -> tuple[int, dict[str, Any]]:
        answer = client.post("/add", params=query)
        assert victim not in answer.text
        assert secret not in answer.text
        assert not {"constraint", "duplicate", "detail: key", "pkey", "plans."} & set(answer.text.lower().split())
        return answer.status_code, {k: v for k, v in answer.json().items() if k != "instance"}

    with house.database("plans").transaction(victim) as tx:
        tx.rows("INSERT INTO plans.subscriptions (tenant_id, plan) VALUES (:t, 'estandar')", t=victim)
    with room(house, routes=[Route("POST", "/add", add, Public("a test"))]) as client:
        taken, free = ask(client, key=uuid7(), tenant=victim), ask(client, key=uuid7(), tenant=uuid7())
        assert taken == free, "whether a row is there cannot be told from the answer"
        assert ask(client, key=secret, tenant=uuid7())[0] == 422
