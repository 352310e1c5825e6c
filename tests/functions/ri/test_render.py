"""The child alone: its limits, its deafness to addresses, the symbol it draws, and a thousand lines within all of them."""

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import pytest
from pypdf import PdfReader

from functions.ri.domain import Signed
from functions.ri.gateway import Printer
from tests.functions.ri.documents import CODE, xml_31
from tests.places import ROOT


def in_a_process(program: str) -> subprocess.CompletedProcess[str]:
    """Run in a fresh interpreter: limits and audit hooks cannot be taken back."""
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


DRAW = """
import sys, weasyprint
from functions.ri.render import DataOnly
fetcher = DataOnly() if sys.argv[1] == "ours" else weasyprint.urls.URLFetcher()
sys.stdout.buffer.write(weasyprint.HTML(string=sys.argv[2], url_fetcher=fetcher).write_pdf())
"""


def draw(fetcher: str, html: str) -> PdfReader:
    done = subprocess.run([sys.executable, "-c", DRAW, fetcher, html], cwd=ROOT, capture_output=True, check=True, timeout=60)
    return PdfReader(io.BytesIO(done.stdout))


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and the paths that were asked there."""
    asked: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listening) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/x", asked
        server.shutdown()


@pytest.mark.parametrize("markup", ["<img src='{}'>", "<link rel=stylesheet href='{}'>", "<style>@import '{}';</style>"])
def test_markup_that_did_get_in_would_fetch_nothing(markup: str, listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    draw("ours", markup.format(address))
    assert asked == []
    draw("weasyprint's", markup.format(address))
    assert asked == ["/x"], "the listener hears who does ask"


def test_markup_that_did_get_in_would_attach_no_file() -> None:
    html = f"<link rel=attachment href='{(ROOT / 'pyproject.toml').as_uri()}'>"
    assert len(draw("ours", html).attachments) == 0
    assert len(draw("weasyprint's", html).attachments) == 1


def test_a_confined_process_has_no_sockets_and_starts_nothing(tmp_path: Path) -> None:
    program = """
import os, socket, subprocess
from pathlib import Path
from functions.ri.render import confine
confine()
for act in (socket.socket, lambda: subprocess.run(["true"]), lambda: os.system("true"), lambda: socket.getaddrinfo("localhost", 1)):
    try:
        act()
    except PermissionError as error:
        print("refused")
try:
    bytearray(600 * 1024 * 1024)
except MemoryError:
    print("no memory")
try:
    Path(TARGET).write_text("x")
except OSError:
    print("no file")
"""
    done = in_a_process(f"TARGET = {str(tmp_path / 'a')!r}\n{program}")
    assert done.stdout.split("\n")[:-1] == ["refused"] * 4 + ["no memory", "no file"], done.stderr


def test_a_thousand_lines_fit_into_the_limits() -> None:
    with closing(Printer(children=1)) as printer:
        pdf = printer.draw(Signed("i", "testecf", "131880738", "E310000000004", 1, CODE, "", xml_31(lines=998)))
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) > 20
    assert "Total" in reader.pages[-1].extract_text()


@pytest.mark.parametrize(("address", "version"), [("https://a", 8), ("https://a?" + "x" * 196, 10), ("https://a?" + "x" * 219, 11)])
def test_the_symbol_is_as_large_as_its_address_needs_and_at_least_version_8(address: str, version: int) -> None:
    done = in_a_process(f"from functions.ri.render import symbol; print(symbol({address!r}))")
    modules = 17 + 4 * version
    assert f"viewBox='0 0 {modules} {modules}'" in unquote(done.stdout)
