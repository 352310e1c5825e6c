"""What the driver sends leaves at once: a document is larger than its buffer."""

import socket
import statistics
import time
from typing import Any, cast

from shared.db.engine import Database
from tests.house import House

DOCUMENT = b"x" * 20_000


def seconds(database: Database, *, delay: bool) -> float:
    """Of one statement with a document, the median; `delay`: as the system sends by itself."""
    taken = []
    with database.transaction("a-tenant") as tx:
        connection = cast("Any", tx._connection.connection.dbapi_connection)
        if delay:
            connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        for _ in range(9):
            began = time.perf_counter()
            assert tx.rows("SELECT length(CAST(:document AS bytea)) AS size", document=DOCUMENT)[0].size == len(DOCUMENT)
            taken.append(time.perf_counter() - began)
        connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return statistics.median(taken)


def test_a_document_does_not_wait_for_an_acknowledgement(house: House) -> None:
    database = house.database("billing")
    assert seconds(database, delay=False) < seconds(database, delay=True) / 2
