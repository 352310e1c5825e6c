"""Children that draw, die, wear out and are replaced, behind one door that never does."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from functions.ri import gateway
from functions.ri.appearance import Appearance
from functions.ri.domain import Signed
from functions.ri.gateway import Printer, PrinterStopped, Unprintable
from functions.ri.layout import Paper
from shared.errors import InvalidInput
from tests.functions.ri.documents import CODE, picture, xml_31


def document(xml: bytes | None = None, code: str = CODE) -> Signed:
    return Signed("an-invoice", "testecf", "131880738", "E310000000004", 1, code, "", xml or xml_31())


def draw(printer: Printer, signed: Signed | None = None, paper: Paper = Paper.A4) -> bytes:
    pdf, fault = printer.draw(signed or document(), Appearance(), paper)
    assert fault == ""
    return pdf


@pytest.fixture
def printer() -> Iterator[Printer]:
    made = Printer(children=1)
    yield made
    made.close()


def pid(printer: Printer) -> int:
    child = printer._slots.get_nowait()
    printer._slots.put(child)
    assert child is not None
    return child.pid


def is_alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def test_one_child_draws_many_documents_and_the_same_one_the_same_way(printer: Printer) -> None:
    first = draw(printer, document())
    drawer = pid(printer)
    time.sleep(1.1)  # a date of today in the file would differ by now
    assert draw(printer, document()) == first
    assert draw(printer, document(code="zzzzzz")) != first
    assert pid(printer) == drawer


def test_what_cannot_be_drawn_is_refused_and_the_child_goes_on(printer: Printer) -> None:
    draw(printer, document())
    drawer = pid(printer)
    with pytest.raises(Unprintable, match="ForeignXmlRefused"):
        draw(printer, document(b"<ECF"))
    assert draw(printer, document())[:5] == b"%PDF-"
    assert pid(printer) == drawer


def test_a_child_that_dies_is_replaced(printer: Printer) -> None:
    draw(printer, document())
    dead = pid(printer)
    os.kill(dead, signal.SIGKILL)
    with pytest.raises(PrinterStopped):
        draw(printer, document())
    assert draw(printer, document())[:5] == b"%PDF-"
    assert pid(printer) != dead


def test_a_print_that_takes_too_long_is_killed() -> None:
    with closing(Printer(children=1, seconds=0.0)) as hasty, pytest.raises(PrinterStopped):
        draw(hasty, document())


def test_a_worn_child_is_replaced(printer: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "PRINTS_A_CHILD", 2)
    draw(printer, document())
    worn = pid(printer)
    draw(printer, document())
    assert not is_alive(worn)
    assert draw(printer, document())[:5] == b"%PDF-"


def test_prints_at_once_do_not_mix(printer: Printer) -> None:
    codes = ["aaaaaa", "bbbbbb", "cccccc"]
    alone = {code: draw(printer, document(code=code)) for code in codes}
    with closing(Printer(children=2)) as two, ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda code: draw(two, document(code=code)), codes * 4)) == [alone[code] for code in codes * 4]


def test_a_child_sees_no_secret_and_ends_with_its_door(printer: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANT_SEAL_KEY", "a-secret")
    draw(printer, document())
    drawer = pid(printer)
    assert b"a-secret" not in Path(f"/proc/{drawer}/environ").read_bytes()
    printer.close()
    assert not is_alive(drawer)


def test_a_paper_is_another_print_of_the_same_document(printer: Printer) -> None:
    assert draw(printer, document(), Paper.TICKET) != draw(printer, document(), Paper.A4)


def test_a_logo_is_redrawn_in_the_child_and_a_bad_one_refused_there(printer: Printer) -> None:
    assert printer.redraw(picture("PNG"))[:4] == b"\x89PNG"
    with pytest.raises(InvalidInput) as refused:
        printer.redraw(b"<svg onload=alert(1)>")
    assert [error.code for error in refused.value.errors] == ["logo-unreadable"]
