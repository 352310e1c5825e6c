"""A function that counts what a prober sends: `python -m tests.reliability.counting FUNCTION` writes a row for each effect.

Of the numbers in PROBER_DEADLY (parted by commas) it dies once each: the effect is committed, and nobody is answered. With
PROBER_FORGETFUL it has no inbox: the mutant.
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from shared.db.engine import Transaction
from shared.events.catalogue import CompanyCreated
from shared.events.envelope import Envelope
from shared.http import serve
from shared.http.events import Handler
from shared.http.shell import Shell
from tests.reliability.wrap import wrap


def counted(handler: Handler, function: str) -> Handler:
    deadly, died = set(os.environ["PROBER_DEADLY"].split(",")), Path(os.environ["PROBER_FOLDER"])

    def handle(shell: Shell[Any], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
        handler(shell, tx, event, envelope)
        tx.rows("INSERT INTO public.effects VALUES (:function, :number)", function=function, number=int(envelope.subject))
        if envelope.subject in deadly:
            tx.after_commit.append(lambda: die_once(died / f"{function}.{envelope.subject}"))

    return handle


def die_once(mark: Path) -> None:
    with suppress(FileExistsError):
        mark.touch(exist_ok=False)
        os.kill(os.getpid(), signal.SIGKILL)


def always_first(first_time: Callable[..., bool]) -> Callable[..., bool]:
    def first(*arguments: Any) -> bool:
        first_time(*arguments)
        return True

    return first


def main(function: str) -> None:
    events = importlib.import_module(f"functions.{function}.handlers").EVENTS
    events[CompanyCreated] = counted(events[CompanyCreated], function)
    if "PROBER_FORGETFUL" in os.environ:
        wrap("shared.http.events:first_time", always_first)
    serve.main(function)


if __name__ == "__main__":
    main(sys.argv[1])
