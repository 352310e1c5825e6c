"""The command line's words: an argument parser that speaks Spanish, reports for people and for programs, a progress bar."""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from shared.ecf.commands import GOOD, REFUSED, UNREADABLE, Report

_STATES = {GOOD: "ok", REFUSED: "rechazado", UNREADABLE: "ilegible"}
_SPANISH = (
    (r"the following arguments are required: (.*)", r"falta: \1"),
    (r"unrecognized arguments: (.*)", r"no se reconoce: \1"),
    (r"argument (.*?): expected one argument", r"\1 necesita un valor"),
    (r"argument (.*?): expected at least one argument", r"\1 necesita al menos un valor"),
    (r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)", r"\1 no puede ser \2; use \3"),
    (r"argument (.*?): not allowed with argument (.*)", r"\1 no va junto con \2"),
    (r"argument (.*?): ignored explicit argument (.*)", r"\1 no lleva valor (\2)"),
    (r"ambiguous option: (.*?) could match (.*)", r"\1 puede ser \2"),
    (r"argument (.*?): (.*)", r"\1: \2"),
)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "uso: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """argparse in Spanish: headings, help and errors."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter, "add_help": False, "allow_abbrev": False, **options})
        self._positionals.title, self._optionals.title = "argumentos", "opciones"
        self.add_argument("-h", "--help", action="help", help="muestra esta ayuda")

    def error(self, message: str) -> NoReturn:
        for english, spanish in _SPANISH:
            said, count = re.subn(f"^{english}$", spanish, message)
            if count:
                message = said
                break
        self.print_usage(sys.stderr)
        self.exit(UNREADABLE, f"{self.prog}: {message}\nPruebe {self.prog} --help\n")


def row(name: str, report: Report) -> dict[str, object]:
    """One file's report for a program."""
    problems = [
        {
            "codigo": one.code,
            "pointer": one.pointer,
            "detalle": one.detail,
            "veredicto": str(one.verdict),
            "codigo_dgii": one.codigo_dgii,
        }
        for one in report.problems
    ]
    return {"archivo": name, "estado": _STATES[report.status], "hallazgos": problems, **report.facts}


def for_program(value: object, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent) + "\n"


def for_people(name: str, report: Report) -> str:
    """One line a problem: file, verdict, code, where, what to do."""
    state = _STATES[report.status] if report.status == UNREADABLE else ""
    return "".join(
        shown(
            f"{name}: {state or one.verdict} {one.code}{f' {one.pointer}' if one.pointer else ''}: {one.detail}"
            f"{f' [DGII {one.codigo_dgii}]' if one.codigo_dgii else ''}"
        )
        + "\n"
        for one in report.problems
    )


def shown(text: str) -> str:
    """What a document says cannot steer the terminal that shows it."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def say(text: str | bytes, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    if isinstance(text, bytes):
        stream.flush()
        stream.buffer.write(text)
        stream.buffer.flush()
    else:
        stream.write(text)


@contextmanager
def progress(names: Sequence[str]) -> Iterator[Iterable[str]]:
    """The names one after another, with a bar on standard error where there are several and somebody looks."""
    if len(names) < 2 or not sys.stderr.isatty():
        yield names
        return
    try:
        from rich.console import Console  # no function carries rich; whoever installs it sees a bar
        from rich.progress import Progress
    except ImportError:
        yield names
        return
    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        yield bar.track(names, description="Archivos")
