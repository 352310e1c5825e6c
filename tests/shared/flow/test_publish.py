"""The publisher against a real sink: it marks what was taken and leaves the rest for relay; no request waits for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.db.ids import uuid7
from shared.events.catalogue import ChargeRecorded
from shared.events.envelope import open_envelope
from shared.flow import publish
from shared.flow.outbox import Announcer
from shared.flow.publish import Publisher
from tests.data.facts import example
from tests.house import House


class Sink:
    """Takes POSTs on a loopback port; `status` and `delay` say how it behaves."""

    def __init__(self) -> None:
        self.status, self.delay = 202, 0.0
        self.taken: list[tuple[dict[str, str], bytes]] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                time.sleep(sink.delay)
                sink.taken.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(sink.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def publish_one(house: House, url: str | None, facts: int = 1) -> tuple[list[bool], float]:
    """Whether each fact is marked as sent, and how long the request's own thread took."""
    database, tenant = house.database("plans"), uuid7()
    publisher, announcer = Publisher(url, database), Announcer(house.keys["plans"])
    began = time.perf_counter()
    with database.transaction(tenant) as tx:
        publisher.after_commit(tx)
        for _ in range(facts):
            announcer.announce(tx, example(ChargeRecorded), subject="s")
    took = time.perf_counter() - began
    publisher.close()
    with database.transaction(tenant) as tx:
        rows = tx.rows("SELECT sent_at IS NOT NULL AS sent FROM flow.outbox")
    database.close()
    return [row.sent for row in rows], took


def test_what_the_sink_takes_is_marked(house: House, sink: Sink) -> None:
    sent, _ = publish_one(house, sink.url, facts=3)
    assert sent == [True] * 3
    assert len(sink.taken) == 3
    for headers, body in sink.taken:
        assert open_envelope(headers, body, house.public_keys)[1].type == ChargeRecorded.type


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503, 302])
def test_what_the_sink_refuses_stays_unsent(house: House, sink: Sink, status: int) -> None:
    sink.status = status
    assert publish_one(house, sink.url)[0] == [False]
    assert len(sink.taken) == 1


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:1/", "http://does-not-exist.invalid/"])
def test_without_a_sink_everything_stays_unsent(house: House, url: str | None) -> None:
    assert publish_one(house, url)[0] == [False]


def test_a_sink_that_is_too_slow_is_given_up_and_no_request_waits_for_it(
    house: House, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "TIMEOUT_SECONDS", 0.3)
    sink.delay = 0.9
    sent, took = publish_one(house, sink.url)
    assert sent == [False]
    assert took < 0.3


def test_a_transaction_that_failed_publishes_nothing(house: House, sink: Sink) -> None:
    database = house.database("plans")
    publisher, announcer = Publisher(sink.url, database), Announcer(house.keys["plans"])

    @contextmanager
    def failing() -> Iterator[None]:
        with database.transaction(uuid7()) as tx:
            publisher.after_commit(tx)
            announcer.announce(tx, example(ChargeRecorded), subject="s")
            yield
            raise RuntimeError

    with pytest.raises(RuntimeError), failing():
        pass
    publisher.close()
    database.close()
    assert sink.taken == []
