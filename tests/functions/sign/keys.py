"""Keys in the secrets store, for tests that need signers and no function around them."""

import json
from dataclasses import dataclass

from functions.sandbox.authority import Authority, Leaf
from shared.cloud.secrets import put_secret
from shared.cloud.session import Aws
from shared.db.ids import uuid7
from tests.house import cloud_door

HERE = Aws("us-east-1", None, "test", "test")


@dataclass(frozen=True)
class Stored:
    """A certificate whose key lies in the store under `name`."""

    name: str
    leaf: Leaf


def there() -> Aws:
    """The same store, as other processes reach it."""
    return Aws("us-east-1", cloud_door(), "test", "test")


def store() -> Stored:
    """Within moto's mock."""
    leaf, name = Authority.create().issue(), f"/getupnet/{uuid7()}/p12/{uuid7()}"
    secret = {"private_key_pem": leaf.private_key_pem.decode(), "certificate_pem": leaf.certificate_pem.decode()}
    put_secret(HERE, name, json.dumps(secret), tenant=name)
    return Stored(name, leaf)


def seed(number: int = 0) -> bytes:
    return b"<SemillaModel><valor>%d</valor><fecha>2026-11-24T12:00:00-04:00</fecha></SemillaModel>" % number
