"""A document costs the same rows however many are stored: no table that grows with documents is read through for one more."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, make_url

from functions.relay import store as relay_store
from shared.db.seal import PLATFORM
from shared.http.work import run_due
from tests.bench.filling import Ask, fill, rows_read, sizes
from tests.conftest import PASSWORD
from tests.flows.following import await_state, jobs_of
from tests.functions.billing.bodies import CONSUMO, FACTURA
from tests.house import House

STORED, FEW = 2000, 200
_END_SESSIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def administrator(admin_url: str) -> Iterator[Connection]:
    engine = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def ask(administrator: Connection) -> Ask:
    def asked(statement: str) -> list[list[object]]:
        result = administrator.exec_driver_sql(statement)
        return [list(row) for row in result] if result.returns_rows else []

    return asked


@pytest.fixture
def house(admin_url: str) -> Iterator[House]:
    url = make_url(admin_url)
    with House(lambda role: url.set(username=role, password=PASSWORD).render_as_string(hide_password=False)) as made:
        yield made


def whole_flow(house: House, tenant: str) -> None:
    """One of each from the door to the seal."""
    for body in (FACTURA, CONSUMO):
        await_state(house, tenant, house.emit(tenant, body).json()["id"], "aceptado")
    with house.database("relay").transaction(PLATFORM) as tx:
        relay_store.order_sealing(tx, after=0.0, traceparent="00-" + "1" * 32 + "-" + "1" * 16 + "-01")
    run_due(house.shell("audit"), jobs_of("audit"), jobs=50, seconds=10)
    house.settle()


def read_by_one_more(house: House, tenant: str, ask: Ask) -> Counter[str]:
    """Rows read for two documents, by table and way, where they are more than a few."""
    ask(_END_SESSIONS)
    before = rows_read(ask)
    whole_flow(house, tenant)
    ask(_END_SESSIONS)
    return Counter({where: rows for where, rows in (rows_read(ask) - before).items() if rows > FEW})


@pytest.fixture
def tenant(house: House, ask: Ask) -> str:
    """A company with a store that has grown."""
    company = house.company()
    whole_flow(house, company)
    before = sizes(ask)
    whole_flow(house, company)
    fill(ask, before, stored=STORED)
    return company


def test_one_more_document_reads_through_no_table_that_has_grown(house: House, tenant: str, ask: Ask) -> None:
    assert ask("SELECT count(*) >= 2000 FROM billing.invoices") == [[True]]
    assert read_by_one_more(house, tenant, ask) == Counter()
    ask("DROP INDEX billing.idempotency_of_invoice")
    assert set(read_by_one_more(house, tenant, ask)) == {"billing.idempotency whole"}, "a missing index is seen"
