"""The printer: child processes that draw PDFs and read them back, so that the door stays light and a bad document kills
only a child.

A child lives for many prints, is replaced after a hundred (what leaks goes with it) and killed when it takes too long.
"""

import base64
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Timer
from typing import IO

from functions.ri.appearance import Appearance, refused_logo
from functions.ri.domain import Signed
from functions.ri.layout import Paper
from shared.errors import AppError, Unavailable

log = logging.getLogger(__name__)

CHILDREN = 2
PRINTS_A_CHILD = 100
LONGEST_PRINT = 40.0
LINES_A_SECOND = 200
"""Added to the time of a long document, which is drawn part by part."""
LONGEST_QUEUE = 20.0
_ROOT = Path(__file__).parents[2]
# A child gets no secret: it parses what tenants wrote.
_ENVIRONMENT = ("PATH", "HOME", "XDG_CACHE_HOME", "PYTHONPATH")


class PrinterStopped(Unavailable):
    """Every child is busy for long, or the one at work died or was killed; another attempt may succeed."""


class Unprintable(AppError):
    """The document cannot be drawn: a fault of ours, `reason` names the exception."""


def write_frame(pipe: IO[bytes], head: dict[str, str], body: bytes) -> None:
    """One message: two lengths of four bytes, a head of JSON, a body."""
    packed = json.dumps(head).encode()
    pipe.write(len(packed).to_bytes(4, "big") + len(body).to_bytes(4, "big") + packed + body)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> tuple[dict[str, str], bytes] | None:
    """The next message, or None when the other side has gone."""
    sizes = pipe.read(8)
    if len(sizes) < 8:
        return None
    head_size, body_size = int.from_bytes(sizes[:4], "big"), int.from_bytes(sizes[4:], "big")
    packed, body = pipe.read(head_size), pipe.read(body_size)
    if len(packed) < head_size or len(body) < body_size:
        return None
    head: dict[str, str] = json.loads(packed)
    return head, body


class _Child:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "functions.ri.render"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._prints = 0
        self._broken = False

    def ask(self, head: dict[str, str], body: bytes, seconds: float) -> tuple[dict[str, str], bytes] | None:
        """The answer, or None when the child died or was killed because `seconds` had passed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._prints += 1
        killer = Timer(seconds, self._process.kill)
        killer.start()
        try:
            write_frame(self._process.stdin, head, body)
            answer = read_frame(self._process.stdout)
        except BrokenPipeError:
            answer = None
        finally:
            killer.cancel()
        self._broken = answer is None
        return answer

    @property
    def worn(self) -> bool:
        return self._broken or self._prints >= PRINTS_A_CHILD

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            # What was still buffered for a dead child cannot go out; the slot must come back all the same.
            with suppress(BrokenPipeError):
                pipe.close()


class Printer:
    """At most `children` prints at once; `seconds` is how long one may take."""

    def __init__(self, *, children: int = CHILDREN, seconds: float = LONGEST_PRINT) -> None:
        self._seconds = seconds
        self._slots: LifoQueue[_Child | None] = LifoQueue()
        self._children = children
        for _ in range(children):
            self._slots.put(None)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The first child loads its libraries while the door opens, so a cold start pays for both at once."""
        self._slots.get_nowait()
        self._slots.put(_Child())
        try:
            yield
        finally:
            self.close()

    def draw(self, signed: Signed, appearance: Appearance, paper: Paper) -> tuple[bytes, str]:
        """The PDF of a signed document, its XML attached, and what the linter found wrong with it: with a fault there are
        no bytes, without one there is no text. Raises PrinterStopped or Unprintable."""
        head = {
            "task": "draw",
            "environment": signed.environment,
            "codigo_seguridad": signed.codigo_seguridad,
            "modalidad": signed.modalidad or "",
            "name": signed.file_name,
            "paper": paper.value,
        }
        lines = signed.xml.count(b"<NumeroLinea>")
        said, pdf = self._ask(head | _look(appearance), signed.xml, lines=lines, encf=signed.encf)
        return pdf, said.get("faults", "")

    def statement(self, figures: bytes, appearance: Appearance, *, lines: int) -> bytes:
        """The PDF of a month's statement, given as its JSON. Raises as `draw`."""
        return self._ask({"task": "statement"} | _look(appearance), figures, lines=lines)[1]

    def redraw(self, picture: bytes) -> bytes:
        """A tenant's logo as a PNG of ours. Raises InvalidInput, or as `draw`."""
        said, logo = self._ask({"task": "logo"}, picture)
        if "refused" in said:
            raise refused_logo(said["refused"])
        return logo

    def _ask(self, head: dict[str, str], body: bytes, *, lines: int = 0, encf: str = "") -> tuple[dict[str, str], bytes]:
        try:
            child = self._slots.get(timeout=LONGEST_QUEUE)
        except Empty as error:
            raise PrinterStopped from error
        try:
            child = child or _Child()
            answer = child.ask(head, body, self._seconds + lines / LINES_A_SECOND)
            if answer is None:
                log.error("a printer died", extra={"encf": encf})
                raise PrinterStopped
        finally:
            self._slots.put(_kept(child))
        if "fault" in answer[0]:
            raise Unprintable(reason=answer[0]["fault"])
        return answer

    def close(self) -> None:
        """End the children that are at rest; one at work ends with its pipe."""
        for _ in range(self._children):
            child = None
            if not self._slots.empty():
                child = self._slots.get_nowait()
            if child is not None:
                child.end()


def _look(appearance: Appearance) -> dict[str, str]:
    return {"accent": appearance.accent or "", "logo": base64.b64encode(appearance.logo or b"").decode("ascii")}


def _kept(child: _Child | None) -> _Child | None:
    if child is not None and child.worn:
        child.end()
        return None
    return child
