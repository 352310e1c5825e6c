"""The stand-in on a real PostgreSQL, reached in process."""

import base64
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from functions.sandbox.app import build
from functions.sandbox.authority import Authority, Leaf
from functions.sandbox.settings import Settings
from knative.embedded.postgres import Postgres
from shared.db.migrate import upgrade
from shared.ecf.signature import Key

SEAL = secrets.token_bytes(32)


@pytest.fixture(scope="session")
def sandbox_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the stand-in's role on a migrated database."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        upgrade(given, passwords={"sandbox": "sandbox"}, seal_key=SEAL)
        head, _, tail = given.rpartition("@")
        yield f"{head.split('://')[0]}://fn_sandbox:sandbox@{tail}"
        return
    postgres = Postgres(Path(tmp_path_factory.mktemp("sandbox")) / "postgres", fast=True).start()
    try:
        upgrade(postgres.url(), passwords={"sandbox": "sandbox"}, seal_key=SEAL)
        yield postgres.url("fn_sandbox", password="sandbox")
    finally:
        postgres.stop()


@pytest.fixture(scope="session")
def make_settings(sandbox_database: str) -> Callable[..., Settings]:
    def make(**changes: object) -> Settings:
        values = {
            "database_url": sandbox_database,
            "tenant_seal_key": base64.b64encode(SEAL).decode(),
            "verdict_delay_ms": 0,
        }
        return Settings.model_validate(values | changes)

    return make


@pytest.fixture(scope="session")
def sandbox(make_settings: Callable[..., Settings]) -> Iterator[TestClient]:
    with TestClient(build(make_settings())) as client:
        yield client


@pytest.fixture(scope="session")
def strict_sandbox(make_settings: Callable[..., Settings]) -> Iterator[TestClient]:
    with TestClient(build(make_settings(sandbox_mode="strict"))) as client:
        yield client


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create()


@pytest.fixture(scope="session")
def leaf(authority: Authority) -> Leaf:
    return authority.issue()


@pytest.fixture(scope="session")
def key(leaf: Leaf) -> Key:
    return Key.from_pem(leaf.private_key_pem, leaf.certificate_pem)
