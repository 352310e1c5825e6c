"""The grammar of the command line: help is enough, and a wrong order is explained."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT
from tests.shared.ecf.terminal import COMMANDS, run


def test_help_shows_every_command_with_an_example() -> None:
    whole = run("--help").stdout.decode()
    for command in COMMANDS:
        assert f"shared.ecf {command}" in whole
        own = run(command, "--help").stdout.decode()
        assert own.startswith(f"uso: python -m shared.ecf {command}")
        assert f"ejemplo:\n  python -m shared.ecf {command}" in own
        assert not {"usage", "optional", "show this", "positional"} & set(own.replace(":", " ").split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "falta: ORDEN"),
        (("validar", "x"), "ORDEN no puede ser 'validar'; use"),
        (("validate",), "falta: ARCHIVO"),
        (("validate", "x", "--raro"), "no se reconoce: --raro"),
        (("build", "x", "--today", "ayer"), "--today: «ayer» no es una fecha; use dd-MM-yyyy"),
        (("verify", "x", "--at", "nunca"), "--at: «nunca» no es una fecha y hora"),
        (("verify", "x", "--anchor"), "--anchor necesita un valor"),
        (("verify", "x", "--anchor", "no-existe.pem"), "El archivo no existe."),
        (("qr", "x", "--environment", "prod"), "--environment no puede ser 'prod'; use"),
        (("validate", "-", "-"), "una sola vez"),
    ],
)
def test_a_wrong_order_is_explained_in_spanish(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr.decode()


def test_several_files_show_a_bar_where_somebody_looks_and_none_elsewhere(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.xml" for number in range(3)]
    for path in files:
        path.write_bytes(b"<ECF><a>1</a></ECF>")
    terminal, its_other_end = pty.openpty()
    command = [sys.executable, "-m", "shared.ecf", "validate", *map(str, files)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=its_other_end, cwd=ROOT, timeout=60, check=False)
    os.close(its_other_end)
    assert "Archivos" in os.read(terminal, 65_536).decode()
    os.close(terminal)
    assert done.stdout.decode().count(": rechazado ECF-9001") == 3
    assert run("validate", *files).stderr == b""
