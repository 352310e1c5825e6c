"""One function as a process of its own, with the settings of a house."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from knative.embedded.process import LOOPBACK, Process, answers, ended_with_parent, free_port
from tests.house import House

ENTRY = ("-m", "shared.http.serve")


class Program(Process):
    """The process of a function; `url` is its address."""

    def __init__(self, function: str, log: Path) -> None:
        super().__init__(function, log)
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"

    def kill(self) -> None:
        """As if its machine had gone; harmless when it does not run."""
        self.stop(signal.SIGKILL)


@contextmanager
def running(house: House, function: str, folder: Path, *, entry: Sequence[str] = ENTRY, **changed: str) -> Iterator[Program]:
    """Until the block ends. `changed` are settings that differ from the house's; `entry` is what Python runs."""
    program = Program(function, folder / f"{function}.log")
    command = [*ended_with_parent("KILL"), sys.executable, *entry, function]
    program.start(command, env=_environment(house, function) | {"PORT": str(program.port)} | _named(changed))
    try:
        program.wait_ready(lambda: answers(program.port))
        yield program
    finally:
        program.kill()


def _environment(house: House, function: str) -> dict[str, str]:
    values = house.settings(function).model_dump(exclude_none=True).items()
    return _named({name: value.get_secret_value() if isinstance(value, SecretStr) else str(value) for name, value in values})


def _named(settings: dict[str, str]) -> dict[str, str]:
    return {name.upper(): value for name, value in settings.items()}
