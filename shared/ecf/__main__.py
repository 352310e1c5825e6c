"""`python -m shared.ecf <command> FILE…`: validate, read, build, recompute, verify, qr and rules, for people and programs."""

import argparse
import errno
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import cast

from cryptography import x509

from shared.ecf import commands
from shared.ecf.arguments import PROGRAM, parser
from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.commands import GOOD, REFUSED, UNREADABLE, Report, Unreadable
from shared.ecf.exchange import Assigned, load
from shared.ecf.explain import Problem
from shared.ecf.gate import NOTE
from shared.ecf.screen import for_people, for_program, progress, row, say, shown
from shared.ecf.types import Environment
from shared.errors import AppError

_ERRORS = {errno.ENOENT: "no existe", errno.EISDIR: "es una carpeta", errno.EACCES: "no hay permiso para leerlo"}


def _bytes(name: str) -> bytes:
    """The bytes of a file or of standard input; Unreadable says in Spanish why not."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read(NOTE.bytes + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(NOTE.bytes + 1)
    except OSError as error:
        said = _ERRORS.get(error.errno or 0, "no se pudo leer")
        raise Unreadable(UNREADABLE, Problem("archivo", "", f"El archivo {said}.")) from error
    if not data.strip():
        raise Unreadable(UNREADABLE, Problem("archivo", "", "El archivo está vacío."))
    if len(data) > NOTE.bytes:
        raise Unreadable(UNREADABLE, Problem("archivo", "", f"El archivo pasa de {NOTE.bytes // 1024**2} MB."))
    return data


def _action(options: argparse.Namespace) -> Callable[[bytes], Report]:
    """The chosen command as a function of the bytes; what its options name is read here, once."""
    if options.command == "read":
        return commands.read_xml
    if options.command == "recompute":
        return commands.recompute
    if options.command == "qr":
        return lambda data: commands.qr(data, environment=Environment(options.environment), codigo_seguridad=options.codigo)
    if options.command == "verify":
        anchors = [_certificate(name) for name in options.anchor] if options.anchor else None
        return lambda data: commands.verify_xml(data, at=options.at, strict=options.strict, anchors=anchors)
    now = datetime.now(SANTO_DOMINGO)
    today, emisor = options.today or now.date(), _company(options.emisor)
    if options.command == "validate":
        return lambda data: commands.validate(data, today=today, strict=options.strict, emisor=emisor)
    assigned = Assigned(options.encf, options.vencimiento, options.firma)
    return lambda data: commands.build_xml(data, emisor=emisor, today=today, now=now, assigned=assigned)


def _certificate(name: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_bytes(name))
    except ValueError as error:
        raise Unreadable(UNREADABLE, Problem("archivo", "", f"{name} no es un certificado PEM.")) from error


def _company(name: str | None) -> Mapping[str, object] | None:
    if name is None:
        return None
    given = load(_bytes(name))
    if not isinstance(given, dict):
        raise Unreadable(UNREADABLE, Problem("archivo", "", f"{name} debe ser un objeto JSON con los datos del emisor."))
    return given


def _report(act: Callable[[bytes], Report], name: str) -> Report:
    try:
        return act(_bytes(name))
    except Unreadable as refused:
        return refused.report
    except (ArithmeticError, LookupError, ValueError, TypeError, RecursionError, AppError) as error:
        # Nothing known leads here; whatever does is told as a refusal, because a stack trace helps nobody at a terminal.
        return Report(REFUSED, (Problem("interno", "", f"No se pudo procesar ({type(error).__name__}). Envíenos este archivo."),))


def _deliver(options: argparse.Namespace, name: str, report: Report) -> None:
    if options.json:
        say(for_program(row(name, report)))
    else:
        say(for_people(name, report), error=options.command != "validate")
        if options.command == "read" and report.status == GOOD:
            say(for_program(report.facts["json"], indent=2))
        elif options.command in ("validate", "verify", "qr"):
            several = len(options.files) > 1 or options.command != "qr"
            say("".join(f"{shown(name)}: {shown(line)}\n" if several else f"{line}\n" for line in report.lines))
        elif options.command == "recompute":
            say("".join(f"{shown(name)}: {shown(line)}\n" for line in report.lines), error=True)
    if report.output is not None and options.output:
        target = Path(options.output)
        if len(options.files) > 1 or target.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            target /= f"{'entrada' if name == '-' else Path(name).stem}.xml"
        target.write_bytes(report.output)
    elif report.output is not None and not options.json:
        say(report.output + b"\n")


def _draw(options: argparse.Namespace, report: Report) -> None:
    if report.status != GOOD or not (options.png or options.svg or options.terminal):
        return
    try:
        import segno  # only the printed form carries it
    except ImportError:
        say("Para dibujar el QR instale segno (pip install segno).\n", error=True)
        return
    # Version 8 and error correction M, as the printed form has it.
    code = segno.make(cast(str, report.facts["direccion"]), error="m", boost_error=False, micro=False)
    for target in filter(None, (options.png, options.svg)):
        code.save(target, scale=4, border=4, kind="png" if target == options.png else "svg")
    if options.terminal:
        code.terminal(out=sys.stderr if options.json else sys.stdout, compact=True, border=4)


def _list_rules(options: argparse.Namespace) -> int:
    found = commands.rules(code=options.code, verdict=options.verdict, kind=options.kind, text=options.text)
    for one in found:
        dgii = f" · DGII {one['codigo_dgii']}" if one["codigo_dgii"] else ""
        say(
            for_program(one)
            if options.json
            else f"{one['codigo']}  {one['veredicto']}{dgii} · {one['fuente']}\n    {one['detalle']}\n"
        )
    return GOOD if found else REFUSED


def run(arguments: list[str]) -> int:
    """The exit status of a command line: the worst of its files."""
    options = parser().parse_args(arguments)
    if options.command == "rules":
        return _list_rules(options)
    try:
        act = _action(options)
    except (Unreadable, AppError) as refused:
        own = Report(UNREADABLE, (Problem("archivo", "", "El archivo de --emisor no es JSON."),))
        say(for_people(PROGRAM, refused.report if isinstance(refused, Unreadable) else own), error=True)
        return UNREADABLE
    if options.files.count("-") > 1 or (options.command == "qr" and len(options.files) > 1 and (options.png or options.svg)):
        parser().error("«-» va una sola vez, y --png y --svg con un solo archivo")
    status, held = GOOD, []
    with progress(options.files) as names:
        for name in names:
            report = _report(act, name)
            status = max(status, report.status)
            if names is options.files:
                _deliver(options, name, report)
            else:
                held.append((name, report))  # a bar and lines on one terminal would run into each other
            if options.command == "qr":
                _draw(options, report)
    for name, report in held:
        _deliver(options, name, report)
    return status


def main() -> int:
    warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        say(f"{PROGRAM}: no se pudo escribir ({error.strerror}).\n", error=True)
        return UNREADABLE
    return status


if __name__ == "__main__":
    sys.exit(main())
