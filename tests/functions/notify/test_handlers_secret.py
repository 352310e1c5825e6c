"""The secret of a link is in the mail and nowhere else: no log at any level, no table, no event."""

import logging
import os
from base64 import b64encode
from collections.abc import Iterator

import pg8000.native
import pytest
from sqlalchemy.engine import make_url

from shared.telemetry.logs import JsonFormatter
from tests.functions.notify.post import deliver, invited, mails_to, outside, person, row, token_in
from tests.house import House

ON_THE_WIRE = b64encode(b"From: GetUpNet <no-respo").decode()


@pytest.fixture
def said(house: House) -> Iterator[list[str]]:
    """Every line any logger of this process says from now on, DEBUG included."""
    lines: list[str] = []
    # A function that is built takes all handlers away, so those that will speak are built before.
    house.client("auth")
    deliver(house, invited(house, person(house)))

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    root, keep = logging.getLogger(), Keep()
    keep.setFormatter(JsonFormatter("test"))
    level = root.level
    root.addHandler(keep)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(keep)
    root.setLevel(level)


def everything_stored(house: House) -> str:
    """Every row of every table, as text."""
    mine = make_url(house.settings("notify").database_url.get_secret_value()).database
    server = make_url(os.environ["TEST_DATABASE_URL"])
    connection = pg8000.native.Connection(
        str(server.username), host=server.host, port=int(server.port or 5432), database=mine, password=server.password
    )
    tables = connection.run(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    stored = [str(connection.run(f"SELECT t::text FROM {name} t")) for (name,) in tables]
    connection.close()
    return "\n".join(stored)


def test_the_secret_is_in_the_mail_and_nowhere_else(house: House, said: list[str]) -> None:
    somebody = person(house)
    fact, refused = invited(house, somebody), invited(house, somebody)
    with outside(house, sender="nadie@sin-verificar.example"):
        deliver(house, refused)
    deliver(house, fact)
    house.client("auth").post("/auth/password/forgot", json={"email": somebody.email})
    house.settle()
    mails = mails_to(somebody.email)
    assert len(mails) == 2
    logged, stored = "\n".join(said), everything_stored(house)
    assert row(house, fact.id).message_id in stored, "the search finds what is there"
    assert "/auth/links" in logged, "the calls were logged"
    for secret in map(token_in, mails):
        for form in (secret, secret.encode().hex()):
            assert form not in logged
            assert form not in stored
    assert "#token=" not in logged + stored
    assert ON_THE_WIRE not in logged


def test_a_log_that_repeats_requests_would_be_seen(house: House, said: list[str]) -> None:
    """The mutant: boto's own log, which the house keeps quiet at every level, has the whole mail."""
    boto = logging.getLogger("botocore")
    quiet = boto.level
    boto.setLevel(logging.DEBUG)
    deliver(house, invited(house, person(house)))
    boto.setLevel(quiet)
    assert ON_THE_WIRE in "\n".join(said)
