"""The grammar of the command line: help is enough, and a wrong order is explained."""

import pytest

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
