"""The permissions and seeded roles of the tables are those of the catalogue in code."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from shared.identity.permissions import ROLES, Permission


@pytest.fixture
def database(admin_url: str) -> Iterator[Connection]:
    engine = create_engine(admin_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def rows(connection: Connection, sql: str) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.execute(text(sql))}


def test_the_table_of_permissions_is_the_catalogue(database: Connection) -> None:
    assert rows(database, "SELECT name, scope FROM auth.permissions") == {(p.value, p.scope.value) for p in Permission}


def test_the_seeded_roles_are_those_of_the_code(database: Connection) -> None:
    seeded = rows(database, "SELECT name, scope, title FROM auth.roles WHERE company = '*'")
    assert seeded == {(name, role.scope.value, role.title) for name, role in ROLES.items()}
    granted = rows(database, "SELECT role, permission FROM auth.role_permissions WHERE company = '*'")
    assert granted == {(name, p.value) for name, role in ROLES.items() for p in role.permissions}
