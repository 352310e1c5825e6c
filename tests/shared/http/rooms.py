"""An app with routes, events and jobs of a test's own, on plans' real login."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient

from shared.http.app import create_app
from tests.house import House


@contextmanager
def room(house: House, name: str = "plans", **tables: Any) -> Iterator[TestClient]:
    """The app behind a client; it publishes nowhere."""
    settings = house.settings(name).model_copy(update={"k_sink": None})
    app = create_app(name, settings, **tables)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
