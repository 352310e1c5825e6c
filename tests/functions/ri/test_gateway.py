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
from functions.ri.domain import Signed
from functions.ri.gateway import Printer, PrinterStopped, Unprintable
from tests.functions.ri.documents import CODE, xml_31


def document(xml: bytes | None = None, code: str = CODE) -> Signed:
    return Signed("an-invoice", "testecf", "131880738", "E310000000004", 1, code, "", xml or xml_31())


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
    first = printer.draw(document())
    drawer = pid(printer)
    time.sleep(1.1)  # a date of today in the file would differ by now
    assert printer.draw(document()) == first
    assert printer.draw(document(code="zzzzzz")) != first
    assert pid(printer) == drawer


def test_what_cannot_be_drawn_is_refused_and_the_child_goes_on(printer: Printer) -> None:
    printer.draw(document())
    drawer = pid(printer)
    with pytest.raises(Unprintable, match="ForeignXmlRefused"):
        printer.draw(document(b"<ECF"))
    assert printer.draw(document())[:5] == b"%PDF-"
    assert pid(printer) == drawer


def test_a_child_that_dies_is_replaced(printer: Printer) -> None:
    printer.draw(document())
    dead = pid(printer)
    os.kill(dead, signal.SIGKILL)
    with pytest.raises(PrinterStopped):
        printer.draw(document())
    assert printer.draw(document())[:5] == b"%PDF-"
    assert pid(printer) != dead


def test_a_print_that_takes_too_long_is_killed() -> None:
    with closing(Printer(children=1, seconds=0.05)) as hasty, pytest.raises(PrinterStopped):
        hasty.draw(document())


def test_a_worn_child_is_replaced(printer: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "PRINTS_A_CHILD", 2)
    printer.draw(document())
    worn = pid(printer)
    printer.draw(document())
    assert not is_alive(worn)
    assert printer.draw(document())[:5] == b"%PDF-"


def test_prints_at_once_do_not_mix(printer: Printer) -> None:
    codes = ["aaaaaa", "bbbbbb", "cccccc"]
    alone = {code: printer.draw(document(code=code)) for code in codes}
    with closing(Printer(children=2)) as two, ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda code: two.draw(document(code=code)), codes * 4)) == [alone[code] for code in codes * 4]


def test_a_child_sees_no_secret_and_ends_with_its_door(printer: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANT_SEAL_KEY", "a-secret")
    printer.draw(document())
    drawer = pid(printer)
    assert b"a-secret" not in Path(f"/proc/{drawer}/environ").read_bytes()
    printer.close()
    assert not is_alive(drawer)
