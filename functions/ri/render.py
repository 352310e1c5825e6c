"""The child that draws: `python -m functions.ri.render` reads documents from stdin and answers PDFs on stdout until it closes.

Nothing here reaches the network or another process: no markup is read, and the interpreter refuses sockets.
"""

import base64
import gc
import io
import logging
import os
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import pypdfium2
from PIL import Image

from functions.ri import statement
from functions.ri.a4 import A4
from functions.ri.canvas import Canvas, File
from functions.ri.gateway import read_frame, write_frame
from functions.ri.layout import ACCENT, Look, Page, Paper
from functions.ri.linter import Asked, faults
from functions.ri.logo import LogoRefused, redrawn
from functions.ri.schemas import StatementIn
from functions.ri.sheet import Sheet, compose
from functions.ri.stamp import symbol
from functions.ri.ticket import Ticket
from functions.ri.words import Modalidad
from shared.ecf import gate, qr, xml
from shared.ecf.types import Environment as Ambiente

CPU_SECONDS = 20
MEMORY = 512 * 1024 * 1024
LINES_AT_ONCE = 500
"""A long document is drawn in parts, each within the limit of processor time, and joined: memory is that of one part."""
PAGES_AT_ONCE = 12
"""Of a statement, likewise."""
_MOST_TOLD = 20
_UNSEEN = 50_000
_REFUSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn")


class Renderer:
    """`between` is called before each part of a document is drawn or judged."""

    def __init__(self, between: Callable[[], None] = lambda: None) -> None:
        self._canvas, self._between = Canvas(), between

    def answer(self, head: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        """What the frame asks for: a print with the faults found in it, a month's statement, or a logo redrawn."""
        if head["task"] == "logo":
            return {}, redrawn(body)
        if head["task"] == "statement":
            return {}, self.statement(StatementIn.model_validate_json(body), _look(head))
        pdf, asked = self.draw(head, body)
        self._between()
        found = faults(pdf, asked)
        return ({"faults": "; ".join(found[:_MOST_TOLD])}, b"") if found else ({}, pdf)

    def draw(self, head: dict[str, str], signed: bytes) -> tuple[bytes, Asked]:
        """The PDF of one signed document, its XML attached, and what it must hold: the same bytes for the same input."""
        document = xml.read(gate.parse(signed))
        code, modalidad = head["codigo_seguridad"], Modalidad(head["modalidad"]) if head["modalidad"] else None
        address = qr.address(Ambiente(head["environment"]), document, code)
        paper = Paper(head["paper"])
        file = File(head["name"], signed, document.fecha_hora_firma)
        pdf = self.print(compose(document, code, modalidad), _look(head), paper, file, symbol(address))
        return pdf, Asked(signed, document, address, code, modalidad, paper)

    def print(self, sheet: Sheet, look: Look, paper: Paper, file: File, stamp: Image.Image) -> bytes:
        """A sheet on a paper."""
        file = replace(file, author=sheet.razon_social, description=sheet.tipo)
        if paper is Paper.TICKET:
            return self._canvas.pdf([Ticket(sheet, look).page()], stamp, look, file, attach=True)
        made: list[bytes] = []
        for pages in _parts(A4(sheet, look)):
            self._between()
            made.append(self._canvas.pdf(pages, stamp, look, file, attach=not made))
        return joined(made)

    def statement(self, asked: StatementIn, look: Look) -> bytes:
        """The PDF of a month's statement; it carries neither symbol nor file."""
        company = asked.company.razon_social
        file = File(f"numeros-{asked.month}", b"", asked.generated_at, author=company, description=statement.TITLE)
        pages = statement.pages(asked, look)
        made: list[bytes] = []
        for first in range(0, len(pages), PAGES_AT_ONCE):
            self._between()
            made.append(self._canvas.pdf(pages[first : first + PAGES_AT_ONCE], None, look, file, attach=False))
        return joined(made)


def _look(head: dict[str, str]) -> Look:
    return Look(head["accent"] or ACCENT, base64.b64decode(head["logo"]) or None)


def _parts(layout: A4) -> Iterator[list[Page]]:
    part: list[Page] = []
    groups, lines = layout.groups(), 0
    for number, group in enumerate(groups, 1):
        if part and lines + len(group.lines) > LINES_AT_ONCE:
            yield part
            part, lines = [], 0
        part.append(layout.page(group, number, len(groups)))
        lines += len(group.lines)
    yield part


def joined(parts: list[bytes]) -> bytes:
    """One file of several; what is attached to the first stays attached."""
    if len(parts) == 1:
        return parts[0]
    whole = pypdfium2.PdfDocument(parts[0])
    for part in parts[1:]:
        more = pypdfium2.PdfDocument(part)
        whole.import_pages(more)
        more.close()
    written = io.BytesIO()
    whole.save(written)
    whole.close()
    return written.getvalue()


def confine() -> None:
    """Limits of the process, and no way out of it from Python."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(_refuse)
    # A page leaves tens of thousands of objects: looking for garbage every seven hundred of them is waste.
    gc.set_threshold(_UNSEEN)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED):
        raise PermissionError(event)


def _allow_cpu() -> None:
    """Twenty more seconds from here: the limit counts the whole life of the process, a part is what may not take long."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it quotes what tenants wrote
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints by accident must not land between two frames
    renderer = Renderer(between=_allow_cpu)
    confine()
    while (question := read_frame(questions)) is not None:
        _allow_cpu()
        try:
            head, body = renderer.answer(*question)
        except LogoRefused as refusal:
            write_frame(answers, {"refused": str(refusal)}, b"")
        except Exception as error:  # noqa: BLE001 - one document must not end the process; its name is all that may be told
            write_frame(answers, {"fault": type(error).__name__}, b"")
        else:
            write_frame(answers, head, body)


if __name__ == "__main__":
    main()
