"""One PostgreSQL for the whole run, migrated once into a template; every worker and every `fresh` test gets a copy."""

import os
import secrets
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pg8000.native
import pytest
from sqlalchemy.engine import make_url

from knative.embedded.postgres import Postgres
from shared.db.migrate import FUNCTIONS, upgrade
from tests.house import SEAL_KEY, House

TEMPLATE = "getupnet_template"
PASSWORD = "of-a-test"


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the server; xdist workers inherit its address."""
    if hasattr(config, "workerinput") or "TEST_DATABASE_URL" in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="getupnet-test-"))
    server = Postgres(folder / "pg", fast=True).start()
    config.stash[_SERVER] = server
    os.environ["TEST_DATABASE_URL"] = server.url()


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_SERVER, None)
    if server is not None:
        server.stop()
        del os.environ["TEST_DATABASE_URL"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Half a surrogate pair, which tests of bad input write about, cannot travel from an xdist worker as it is."""
    report = yield
    report.sections = [(name, _travels(text)) for name, text in report.sections]
    told = str(report.longrepr or "")
    if told != _travels(told):
        report.longrepr = _travels(told)
    return report


def _travels(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


_SERVER: pytest.StashKey[Postgres] = pytest.StashKey()


def _administrator(database: str = "postgres") -> pg8000.native.Connection:
    url = make_url(os.environ["TEST_DATABASE_URL"])
    return pg8000.native.Connection(
        str(url.username), host=url.host, port=int(url.port or 5432), database=database, password=url.password
    )


def _url(database: str, user: str | None = None) -> str:
    url = make_url(os.environ["TEST_DATABASE_URL"]).set(database=database)
    if user is not None:
        url = url.set(username=user, password=PASSWORD)
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def template() -> str:
    """Name of a migrated database without rows; made by the first worker that needs it."""
    connection = _administrator()
    connection.run("SELECT pg_advisory_lock(20261124)")
    try:
        if not connection.run("SELECT 1 FROM pg_database WHERE datname = :n", n=TEMPLATE):
            connection.run(f"CREATE DATABASE {TEMPLATE}")
            upgrade(_url(TEMPLATE), passwords=dict.fromkeys(FUNCTIONS, PASSWORD), seal_key=SEAL_KEY)
    finally:
        connection.run("SELECT pg_advisory_unlock(20261124)")
        connection.close()
    return TEMPLATE


def _copy(template: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    connection = _administrator()
    connection.run("SELECT pg_advisory_lock(20261124)")
    connection.run(f"CREATE DATABASE {name} TEMPLATE {template}")
    connection.run("SELECT pg_advisory_unlock(20261124)")
    try:
        yield name
    finally:
        connection.run(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()


@pytest.fixture(scope="session")
def _shared_copy(template: str) -> Iterator[str]:
    yield from _copy(template)


@pytest.fixture(scope="session")
def house(_shared_copy: str) -> Iterator[House]:
    """The functions on this worker's database; tests keep apart by making their own tenants."""
    with House(lambda user: _url(_shared_copy, user)) as made:
        yield made


@pytest.fixture
def fresh(template: str) -> Iterator[House]:
    """The functions on a database of their own, for tests that look at more than one tenant."""
    for name in _copy(template):
        with House(lambda user, name=name: _url(name, user)) as made:
            yield made


@pytest.fixture
def admin_url(template: str) -> Iterator[str]:
    """An administrator's address of a migrated database of its own."""
    for name in _copy(template):
        yield _url(name)
