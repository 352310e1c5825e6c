"""Guards taken out, one a mutant and each for one company only, so that every zero of the harness is seen to move.

The other companies run in the same processes and die with them: they are the control.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shared.db.engine import Database
from shared.telemetry.logs import tenant_of_this_task
from tests.reliability.wrap import wrap

Around = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class Mutant:
    """`moves` are the counters of which one must move when a process dies at one of `failpoints`."""

    name: str
    function: str
    guard: str
    failpoints: tuple[str, ...]
    moves: tuple[str, ...]
    retries: bool = True


MUTANTS = (
    Mutant("blind-resend", "dgii", "the query before a document is sent again", ("F11",), ("blind",)),
    Mutant("other-bytes", "dgii", "the stored bytes go again, not new ones", ("F9",), ("other_bytes",)),
    Mutant("refused-when-lost", "dgii", "a lost answer is no refusal", ("F11",), ("unknown",)),
    Mutant("number-apart", "billing", "the number and its invoice are one transaction", ("F2",), ("lost", "gaps")),
    Mutant("no-key", "billing", "the Idempotency-Key", ("F4",), ("double",)),
    Mutant("no-sweep", "billing", "the work row that finishes what nobody finished", ("F8",), ("unfinished",), retries=False),
    Mutant("no-relay", "relay", "relay sends again what was not sent or not seen", ("F4",), ("unfinished",), retries=False),
)


def choose(folder: Path, tenants: dict[str, str]) -> None:
    """Which company each mutant is for; processes started from now on have them."""
    (folder / "mutants.json").write_text(json.dumps(tenants), encoding="ascii")


def install(function: str, folder: Path) -> None:
    """Put the chosen mutants of this function into this process."""
    chosen = folder / "mutants.json"
    tenants: dict[str, str] = json.loads(chosen.read_text(encoding="ascii")) if chosen.exists() else {}
    for mutant in MUTANTS:
        if mutant.function == function and mutant.name in tenants:
            _INSTALL[mutant.name](tenants[mutant.name])


def _ours(tenant: str) -> bool:
    return tenant_of_this_task.get() == tenant


def _blind_resend(tenant: str) -> None:
    from functions.dgii.domain import Estado, Step

    def around(next_step: Callable[..., Any]) -> Callable[..., Any]:
        def step(submission: Any) -> Any:
            lost = submission.estado in (Estado.ENVIANDO, Estado.DESCONOCIDO)
            return Step.SEND if lost and _ours(tenant) else next_step(submission)

        return step

    wrap("functions.dgii.domain:next_step", around)


def _other_bytes(tenant: str) -> None:
    def around(standing: Callable[..., Any]) -> Callable[..., Any]:
        def stands(tx: Any, *arguments: Any) -> Any:
            found = standing(tx, *arguments)
            if found is None or tx.tenant != tenant:
                return found
            held = found.submission
            return replace(found, submission=replace(held, xml=held.xml + b"\n" * held.posts))

        return stands

    wrap("functions.dgii.store:standing", around)


def _refused_when_lost(tenant: str) -> None:
    from functions.dgii.domain import Estado

    def around(recover: Callable[..., Any]) -> Callable[..., Any]:
        def recovered(submission: Any) -> Any:
            refused = submission.estado is Estado.ENVIANDO and _ours(tenant)
            return replace(submission, estado=Estado.RECHAZADO) if refused else recover(submission)

        return recovered

    wrap("functions.dgii.domain:recover", around)


def _number_apart(tenant: str) -> None:
    from functions.billing.settings import Settings
    from shared.db.seal import Seal

    def around(take_number: Callable[..., Any]) -> Callable[..., Any]:
        settings = Settings()
        apart = Database(
            settings.database_url.get_secret_value(), Seal.from_base64(settings.tenant_seal_key.get_secret_value()), pool_size=1
        )

        def taken(tx: Any, *asked: Any, **named: Any) -> Any:
            if tx.tenant != tenant:
                return take_number(tx, *asked, **named)
            with apart.transaction(tenant) as other:
                return take_number(other, *asked, **named)

        return taken

    wrap("functions.billing.numbers:take", around)


def _no_key(tenant: str) -> None:
    def around(emit: Callable[..., Any]) -> Callable[..., Any]:
        def emitted(*arguments: Any, **named: Any) -> Any:
            if named["tenant"] == tenant:
                named["key"] = secrets.token_hex(16)
            return emit(*arguments, **named)

        return emitted

    wrap("functions.billing.emission:emit", around)


def _no_sweep(tenant: str) -> None:
    def around(add: Callable[..., Any]) -> Callable[..., Any]:
        def added(work: Any, tx: Any, kind: str, *arguments: Any, **named: Any) -> None:
            if tx.tenant != tenant or kind != "finish":
                add(work, tx, kind, *arguments, **named)

        return added

    wrap("shared.flow.work:Work.add", around)


def _no_relay(tenant: str) -> None:
    def around(lease: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments, **named: [e for e in lease(*arguments, **named) if e.tenant != tenant]

    wrap("functions.relay.store:lease_unsent", around)
    wrap("functions.relay.store:lease_unseen", around)


_INSTALL = {
    "blind-resend": _blind_resend,
    "other-bytes": _other_bytes,
    "refused-when-lost": _refused_when_lost,
    "number-apart": _number_apart,
    "no-key": _no_key,
    "no-sweep": _no_sweep,
    "no-relay": _no_relay,
}
