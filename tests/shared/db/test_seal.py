"""A transaction without a true seal gets an error and never a row (security D-2, N-1, TEN-07)."""

# ruff: noqa: PT012 - what is refused is a transaction, and it has statements.

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from shared.db.engine import sqlstate
from shared.db.ids import uuid7
from shared.db.seal import Seal
from tests.house import SEAL_KEY, House

SEAL = Seal(SEAL_KEY)
READ = "SELECT tenant_id FROM plans.subscriptions"


@pytest.fixture
def tenant(house: House) -> str:
    made = uuid7()
    with house.database("plans").transaction(made) as tx:
        tx.rows("INSERT INTO plans.subscriptions (tenant_id, plan) VALUES (:t, 'estandar')", t=made)
    return made


@pytest.fixture
def connection(house: House) -> Iterator[Connection]:
    """fn_plans' own login, as injected SQL would have it: any statement, but not the key."""
    engine = create_engine(house.settings("plans").database_url.get_secret_value())
    with engine.connect() as made:
        yield made
    engine.dispose()


def read_with(connection: Connection, context: str | None) -> list[str]:
    with connection.begin():
        if context is not None:
            connection.execute(text("SELECT set_config('app.ctx', :c, true)"), {"c": context})
        return [row.tenant_id for row in connection.execute(text(READ))]


def signed(message: str, key: bytes = SEAL_KEY) -> str:
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def test_a_true_seal_shows_the_tenants_rows(connection: Connection, tenant: str) -> None:
    assert read_with(connection, SEAL.context(tenant)) == [tenant]


LATER = str(int(time.time()) + 3600)
FORGERIES = {
    "none": lambda t: None,
    "empty": lambda t: "",
    "one field": lambda t: t,
    "two fields": lambda t: f"{t}|{LATER}",
    "two fields and an empty seal": lambda t: f"{t}|{LATER}|",
    "four fields": lambda t: SEAL.context(t) + "|",
    "four fields with a true seal over three": lambda t: f"{t}|{LATER}|x|{signed(f'{t}|{LATER}|x')}",
    "another key": lambda t: Seal(b"k" * 32).context(t),
    "expired": lambda t: SEAL.context(t, now=time.time() - 61),
    "seal of another tenant": lambda t: f"{t}|{LATER}|{signed(f'{uuid7()}|{LATER}')}",
    "expiry moved": lambda t: "|".join([t, LATER, SEAL.context(t).split("|")[2]]),
    "seal cut short": lambda t: SEAL.context(t)[:-1],
    "seal in capitals": lambda t: "|".join([*SEAL.context(t).split("|")[:2], SEAL.context(t).split("|")[2].upper()]),
    "expiry that is no number, truly sealed": lambda t: f"{t}|x|{signed(f'{t}|x')}",
    "expiry NULL as text": lambda t: f"{t}|NULL|{signed(f'{t}|NULL')}",
    "only separators": lambda t: "||",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_context_is_an_error_and_no_row(connection: Connection, tenant: str, forge: object) -> None:
    with pytest.raises(DBAPIError) as refusal:
        read_with(connection, forge(tenant))  # type: ignore[operator]
    assert sqlstate(refusal.value) in {"42501", "22P02"}


def test_a_null_context_is_an_error_and_no_row(connection: Connection, tenant: str) -> None:
    with pytest.raises(DBAPIError) as refusal, connection.begin():
        connection.execute(text("SELECT set_config('app.ctx', NULL, true)"))
        connection.execute(text(READ)).all()
    assert sqlstate(refusal.value) == "42501"


def test_the_function_itself_refuses_too_and_answers_the_tenant_for_a_true_seal(connection: Connection, tenant: str) -> None:
    with connection.begin():
        connection.execute(text("SELECT set_config('app.ctx', :c, true)"), {"c": SEAL.context(tenant)})
        assert connection.execute(text("SELECT tenancy.current_tenant()")).scalar_one() == tenant
    with pytest.raises(DBAPIError), connection.begin():
        connection.execute(text("SELECT tenancy.current_tenant()"))


def test_injected_sql_cannot_read_the_key_nor_become_the_owner(connection: Connection) -> None:
    for attempt in (
        "SELECT * FROM tenancy.seal_key",
        "SET ROLE getupnet_owner",
        "SET ROLE fn_billing",
        "ALTER TABLE plans.subscriptions DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE plans.mine (a int)",
        "CREATE FUNCTION plans.current_tenant() RETURNS text LANGUAGE sql AS 'SELECT 1'",
        "DELETE FROM plans.charges",
        "TRUNCATE plans.charges",
        "SELECT * FROM billing.invoices",
    ):
        with pytest.raises(DBAPIError) as refusal, connection.begin():
            connection.execute(text(attempt))
        assert sqlstate(refusal.value) == "42501", attempt


@pytest.mark.parametrize("tenant", ["", "a" * 37, "A", "a'b", "a|b", "a b", "ñ", "a\n", "../x"])
def test_a_context_is_made_only_for_a_plain_tenant_id(tenant: str) -> None:
    with pytest.raises(ValueError):
        SEAL.context(tenant)


@pytest.mark.parametrize("size", [0, 31, 65])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError):
        Seal(b"x" * size)


@pytest.mark.parametrize("size", [32, 48, 64])
def test_a_context_is_an_hmac_over_tenant_and_expiry(size: int) -> None:
    key = bytes(range(size))
    tenant, expiry, seal = Seal.from_base64(base64.b64encode(key).decode()).context("a-tenant", now=1000).split("|")
    assert (tenant, expiry) == ("a-tenant", "1060")
    assert seal == signed("a-tenant|1060", key)
    inner, outer = Seal(key).pads()
    assert seal == hashlib.sha256(outer + hashlib.sha256(inner + b"a-tenant|1060").digest()).hexdigest()
