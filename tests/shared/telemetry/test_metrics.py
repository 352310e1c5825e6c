"""At a real function's doors: metrics stay few and nameless whatever is asked (WEB-17), lines of the log stay lines (WEB-15)."""

import json
import logging
import os
import random
import string
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from shared.db.ids import uuid7
from shared.telemetry import metrics
from shared.telemetry.logs import JsonFormatter
from tests.house import House, a_rnc

PATHS = 10_000 if os.environ.get("FULL_FIGURES") == "1" else 600
MOST_SERIES = 50
HOSTILE = [
    "a\r\nb",
    "\x1b[31mred\x1b[0m",
    "\u2028\u2029",
    '"}{"',
    "%s%n%(x)s{0}",
    "x" * 1_000_000,
    "\x00\x7f\x85",
    "\u202egnp",
    "\ud800",
]


def series() -> set[str]:
    """Names with labels, buckets of a histogram counted once."""
    lines = metrics.exposition()[0].decode().splitlines()
    return {line.rsplit(" ", 1)[0] for line in lines if line.startswith("getupnet_request_seconds_count")}


def ask(client: TestClient, draw: random.Random) -> None:
    """A path nobody serves, or one with an id in it; with an odd method now and then."""
    word = "".join(draw.choices(string.ascii_letters, k=8))
    paths = [f"/{word}", f"/tenant/ri/{uuid7()}", f"/tenant/{a_rnc()}/{word}@example.com", f"/tenant/ri/{uuid7()}/{word}"]
    client.request(draw.choice(["GET", "GET", "POST", word.upper()]), draw.choice(paths))


def test_web_17_random_paths_make_no_series_and_name_nobody(house: House) -> None:
    client, draw = house.client("ri"), random.Random(17)
    before = series()
    for _ in range(PATHS):
        ask(client, draw)
    made = series() - before
    assert len(made) <= MOST_SERIES, made
    assert not [one for one in made if "@" in one or "example" in one or any(c.isdigit() for c in one.split('status="')[0])]
    assert any('route="unmatched"' in one and 'method="other"' in one for one in series())


def test_web_17_a_label_that_takes_the_path_is_seen() -> None:
    """The mutant: one series for each path that was asked for."""
    before = series()
    for n in range(MOST_SERIES + 1):
        metrics.REQUESTS.labels("GET", f"/mutant/{n}", "404").observe(0)
    assert len(series() - before) > MOST_SERIES
    for n in range(MOST_SERIES + 1):
        metrics.REQUESTS.remove("GET", f"/mutant/{n}", "404")


class Kept(logging.Handler):
    """Every line as a process would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter("ri"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_web_15_one_event_is_one_line_of_json_of_eight_kibibytes_at_most(kept: Kept, hostile: str) -> None:
    log = logging.getLogger("web-15")
    events = 0
    for fields in ({"path": hostile}, {hostile[:100]: "x"}, {"attributes": {"deep": [hostile]}}):
        log.warning("asked: %s", hostile, extra=fields)
        events += 1
    try:
        raise ValueError(hostile)
    except ValueError:
        log.exception("unexpected error")
        events += 1
    text = "\n".join(kept.lines)
    assert len(text.splitlines()) == events
    for line in kept.lines:
        assert isinstance(json.loads(line), dict)
        assert len(line.encode("ascii")) <= 8192
        assert not any(ord(c) < 32 or ord(c) > 126 for c in line)


def test_web_15_a_request_cannot_write_lines_of_its_own(house: House, kept: Kept) -> None:
    client = house.client("ri")
    for hostile in HOSTILE[:5]:
        client.get("/tenant/ri/%0d%0a%7B%22level%22:%22forged%22%7D", headers={"User-Agent": hostile.encode("utf-8", "replace")})
    assert kept.lines
    assert not [line for line in kept.lines if json.loads(line).get("level") == "forged"]


def test_web_15_a_formatter_that_escapes_nothing_is_seen() -> None:
    """The mutant: the message as it came."""
    record = logging.makeLogRecord({"msg": HOSTILE[0]})
    assert len(logging.Formatter().format(record).splitlines()) == 2
