"""The stand-in in its two modes, without a while in En Proceso, and a signer."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from functions.sandbox.app import build
from functions.sandbox.authority import Authority, Leaf
from functions.sandbox.settings import Settings
from shared.ecf.signature import Key
from tests.house import House


@pytest.fixture(scope="session")
def make_settings(house: House) -> Callable[..., Settings]:
    def make(**changes: object) -> Settings:
        given: Settings = house.settings("sandbox")
        return given.model_copy(update={"verdict_delay_ms": 0, **changes})

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
