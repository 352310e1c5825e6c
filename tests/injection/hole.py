"""What nobody writes: a route whose statement has the caller's text in it. A judge that does not see it sees nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends

from shared.db.ids import uuid7
from shared.http.app import create_app
from shared.http.routes import Public, Route, shell_of
from shared.http.shell import Shell
from tests.house import House
from tests.injection.samples import Sample

HOLE = Sample("GET /search", "GET", "/search?q=estandar", b"", "", 200)


def search(q: str, shell: Annotated[Shell[None], Depends(shell_of)]) -> list[str]:
    with shell.transaction(uuid7()) as tx:
        return [str(row) for row in tx.rows(f"SELECT plan FROM plans.subscriptions WHERE plan = '{q}'")]


@contextmanager
def hole(house: House) -> Iterator[str]:
    """Its address."""
    settings = house.settings("plans").model_copy(update={"k_sink": None})
    yield house.serve(create_app("plans", settings, routes=[Route("GET", "/search", search, Public("the hole"))]))
