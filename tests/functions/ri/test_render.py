"""The child alone: its limits, its deafness to addresses, and ten thousand lines within all of them."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import weasyprint
from pypdf import PdfReader

from functions.ri.appearance import Appearance
from functions.ri.canvas import DataOnly
from functions.ri.domain import Signed
from functions.ri.gateway import Printer
from functions.ri.layout import Paper
from tests.functions.ri.case import bare, flat
from tests.functions.ri.documents import BUYER, CODE, LINE, document_xml, long_note
from tests.functions.ri.prints import NAME, drawn
from tests.places import ROOT


def in_a_process(program: str) -> subprocess.CompletedProcess[str]:
    """Run in a fresh interpreter: limits and audit hooks cannot be taken back."""
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_a_confined_process_has_no_sockets_and_starts_nothing() -> None:
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
"""
    done = in_a_process(program)
    assert done.stdout.split("\n")[:-1] == ["refused"] * 4 + ["no memory"], done.stderr


def test_a_confined_process_writes_no_file(tmp_path: object) -> None:
    program = f"""
from pathlib import Path
from functions.ri.render import confine
confine()
try:
    Path({str(tmp_path)!r}, "a").write_text("x")
except OSError:
    print("no file")
"""
    assert in_a_process(program).stdout == "no file\n"


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
def test_what_looks_like_markup_is_printed_letter_by_letter_and_fetches_nothing(
    markup: str, listener: tuple[str, list[str]]
) -> None:
    address, asked = listener
    written = markup.format(address)
    reader = PdfReader(io.BytesIO(drawn(document_xml(31, [LINE | {"nombre_item": written}], BUYER))))
    assert bare(written) in flat(reader)
    assert asked == []
    weasyprint.HTML(string=written).write_pdf()
    assert asked == ["/x"], "the listener hears who does ask"


def test_the_renderer_is_given_nothing_that_fetches(listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    for wanted in (address, (ROOT / "pyproject.toml").as_uri()):
        with pytest.raises(ValueError, match="disallowed"):
            DataOnly().fetch(wanted)
    assert asked == []


def test_ten_thousand_lines_fit_into_the_limits() -> None:
    """Twenty seconds of processor a part and half a gigabyte: the child dies beyond either."""
    xml = long_note(10_000)
    with closing(Printer(children=1, seconds=300)) as printer:
        pdf, fault = printer.draw(Signed("i", "testecf", "131880738", "E340000000004", 1, CODE, "", xml), Appearance(), Paper.A4)
    assert fault == ""
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) > 250
    assert reader.attachments["131880738E340000000004.xml"] == [xml]
    assert f"Página No. {len(reader.pages)} de {len(reader.pages)}" in reader.pages[-1].extract_text()


def test_a_print_is_made_to_be_kept_with_its_document_inside() -> None:
    """PDF/A-3, and the signed XML as the source of what is seen."""
    xml = document_xml(31, [LINE], BUYER)
    pdf = drawn(xml)
    reader = PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert re.search(rb"pdfaid:part(>|=\")3", root["/Metadata"].get_data())
    # WeasyPrint refers to the same file twice.
    (spec,) = {reference.idnum: reference.get_object() for reference in root["/AF"]}.values()
    assert spec["/AFRelationship"] == "/Source"
    assert reader.attachments[f"{NAME}.xml"] == [xml]
