"""An issuer who talks to the stand-in through our own client."""

import itertools

from fastapi.testclient import TestClient

from shared.dgii.answers import Outcome
from shared.dgii.client import Dgii
from shared.dgii.environments import Hosts
from shared.ecf.signature import Key, sign
from shared.ecf.types import Environment
from tests.data.documents import ISSUER

# Away from the low numbers that tests of ranges name themselves on the same database.
numbers = itertools.count(1000)
HOSTS = Hosts("http://testserver", "http://testserver")


def encf(tipo: int = 31) -> str:
    return f"E{tipo}{next(numbers):010d}"


def dgii(client: TestClient, environment: Environment = Environment.TESTECF) -> Dgii:
    return Dgii(client, HOSTS, environment)


def token(client: TestClient, key: Key, environment: Environment = Environment.TESTECF) -> str:
    return dgii(client, environment).authenticate(lambda seed: sign(seed, key).xml).value


def submit(client: TestClient, key: Key, xml: bytes, number: str, *, name: str | None = None) -> Outcome:
    bearer = token(client, key)
    track_id = dgii(client).send_ecf(bearer, name or f"{ISSUER}{number}.xml", sign(xml, key).xml).track_id
    return dgii(client).result(bearer, track_id)


def codes(outcome: Outcome) -> list[str]:
    return [m.codigo for m in outcome.mensajes]
