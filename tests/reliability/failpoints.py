"""Where a process may be killed (security 3.1), wrapped around the functions of a process by the entry `tests.reliability.serve`.

No product code knows of failpoints, so no image can contain one. A process that passes one takes a token of it, if there is
any, and is gone by SIGKILL. Tokens are files, `<failpoint>.<tenant or any>.<n>`: taking one is unlinking it.
"""

import os
import random
import secrets
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shared.telemetry.logs import tenant_of_this_task
from tests.reliability.wrap import wrap

ANY = "any"
CHANCE = "chance"
ON_THE_WAY_SECONDS = 0.01


def _always(arguments: tuple[Any, ...], result: Any) -> bool:
    return True


def _sending(arguments: tuple[Any, ...], result: Any) -> bool:
    return "send" in arguments


def _judged(arguments: tuple[Any, ...], result: Any) -> bool:
    return "poll" in arguments and result.outcome.final


def _some_facts(arguments: tuple[Any, ...], result: Any) -> bool:
    return bool(arguments[-1])


def _some_rows(arguments: tuple[Any, ...], result: Any) -> bool:
    return bool(result)


@dataclass(frozen=True)
class Failpoint:
    """`target` is `module:attribute` in the process of `function`; a call that `concerns` it dies before, after or in it."""

    name: str
    function: str
    target: str
    moment: Literal["before", "during", "after"]
    place: str
    concerns: Callable[[tuple[Any, ...], Any], bool] = _always


FAILPOINTS = (
    Failpoint("F1", "billing", "functions.billing.emission:emit", "before", "request parsed, before BEGIN"),
    Failpoint("F2", "billing", "functions.billing.numbers:take", "after", "number taken, before INSERT"),
    Failpoint("F3", "billing", "functions.billing.store:insert", "after", "invoice row inserted, before COMMIT"),
    Failpoint("F4", "billing", "shared.flow.publish:Publisher._submit", "before", "committed, before HTTP reply", _some_facts),
    Failpoint("F5", "relay", "functions.relay.store:lease_unsent", "after", "relay read rows, before broker POST", _some_rows),
    Failpoint("F6", "billing", "shared.flow.publish:Publisher.post", "after", "broker 2xx, before sent_at"),
    Failpoint("F7", "sign", "functions.sign.domain:check", "before", "sign request read, before signing"),
    Failpoint("F8", "billing", "shared.signer.client:Signer.sign", "after", "signed, before storing signed bytes"),
    Failpoint("F9", "dgii", "functions.dgii.gateway:Authority.perform", "before", "DGII claim committed, before POST", _sending),
    Failpoint("F10", "dgii", "shared.dgii.client:Dgii.send_ecf", "during", "POST bytes sent, before reply"),
    Failpoint("F10-fc", "dgii", "shared.dgii.client:Dgii.send_rfce", "during", "POST of a summary sent, before reply"),
    Failpoint("F11", "dgii", "functions.dgii.gateway:Authority.perform", "after", "reply read, before trackId COMMIT", _sending),
    Failpoint(
        "F12", "dgii", "shared.flow.publish:Publisher._submit", "before", "trackId committed, before outbox relay", _some_facts
    ),
    Failpoint("F13", "dgii", "functions.dgii.gateway:Authority.perform", "after", "final state read, before COMMIT", _judged),
    Failpoint("F16", "audit", "functions.audit.store:add", "after", "audit row inserted, before COMMIT"),
)


def arm(folder: Path, name: str, count: int, *, tenant: str = ANY) -> None:
    """Let the next `count` passes die."""
    for _ in range(count):
        (folder / "tokens" / f"{name}.{tenant}.{secrets.token_hex(4)}").touch()


def chance(folder: Path, share: float) -> None:
    """Let every pass of every failpoint die with this probability, until it is 0."""
    file = folder / CHANCE
    file.write_text(str(share), encoding="ascii") if share else file.unlink(missing_ok=True)


def armed(folder: Path) -> int:
    """How many tokens nobody has taken."""
    return sum(1 for _ in (folder / "tokens").iterdir())


def disarm(folder: Path) -> None:
    for token in (folder / "tokens").iterdir():
        token.unlink(missing_ok=True)


def kills(folder: Path) -> list[str]:
    """The failpoints that killed, one a kill."""
    log = folder / "kills"
    return [line.split()[0] for line in log.read_text(encoding="ascii").splitlines()] if log.exists() else []


def install(function: str, folder: Path) -> None:
    """Put this function's failpoints into this process."""
    for failpoint in FAILPOINTS:
        if failpoint.function == function:
            wrap(failpoint.target, _dying(failpoint, folder))


def _dying(failpoint: Failpoint, folder: Path) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def passed(*arguments: Any, **named: Any) -> Any:
            if failpoint.moment == "before" and failpoint.concerns(arguments, None):
                _die(failpoint, folder, tenant_of_this_task.get())
            timer = threading.Timer(ON_THE_WAY_SECONDS, _die, (failpoint, folder, tenant_of_this_task.get()))
            if failpoint.moment == "during":
                timer.start()
            try:
                result = function(*arguments, **named)
            finally:
                timer.cancel()
            if failpoint.moment == "after" and failpoint.concerns(arguments, result):
                _die(failpoint, folder, tenant_of_this_task.get())
            return result

        return passed

    return around


def _die(failpoint: Failpoint, folder: Path, tenant: str | None) -> None:
    """The end of this process, if somebody armed this failpoint for this tenant or for any, or chance wants it."""
    if _unlucky(folder):
        _end(failpoint, folder, "chance")
    for whose in {ANY, tenant or ANY}:
        for token in (folder / "tokens").glob(f"{failpoint.name}.{whose}.*"):
            try:
                token.unlink()
            except FileNotFoundError:
                continue
            _end(failpoint, folder, whose)


def _unlucky(folder: Path) -> bool:
    try:
        return random.random() < float((folder / CHANCE).read_text(encoding="ascii") or 0)
    except FileNotFoundError:
        return False


def _end(failpoint: Failpoint, folder: Path, whose: str) -> None:
    with (folder / "kills").open("a", encoding="ascii") as log:
        log.write(f"{failpoint.name} {failpoint.function} {whose} {time.time():.3f}\n")
    os.kill(os.getpid(), signal.SIGKILL)
