"""DG-16: two workers poll one trackId at once; the document moves once, is told once and is charged once."""

import importlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from functions.dgii import handlers, store
from functions.dgii.attempt import SUBMISSION
from functions.dgii.domain import Step
from shared.errors import Conflict
from shared.flow.work import Job, Work
from tests.functions.dgii.playing import Player
from tests.house import House

TRANSITIONS = "SELECT count(*) AS moves FROM dgii.evidence WHERE encf = :encf AND estado = 'aceptado' AND step = 'poll'"


@pytest.fixture
def player(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    """A worker leaves a document to its due time after one look."""
    monkeypatch.setattr(handlers, "INLINE", timedelta())
    made = Player.create(house)
    yield made
    made.reset()


@pytest.fixture
def shells(house: House) -> list[Any]:
    """The house's dgii, and a second one on the same database."""
    second = importlib.import_module("functions.dgii.app").build(house.settings("dgii")).state.shell
    second.publisher.send = house._take
    return [house.shell("dgii"), second]


def in_step(perform: Callable[..., Any], meeting: threading.Barrier) -> Callable[..., Any]:
    """Whoever polled waits for the other's answer."""

    def performed(step: Step, *arguments: Any) -> Any:
        seen = perform(step, *arguments)
        if step is Step.POLL:
            meeting.wait()
        return seen

    return performed


def rivals(player: Player, shells: list[Any], monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[bool]]:
    """The e-NCF of a document that two claims poll at once, and which of them came through."""
    player.set("verdict_delay_ms", "0")
    player.set("in_process")
    encf: str = player.emit()["encf"]
    player.work_on(encf, "en_proceso")
    player.reset()
    meeting = threading.Barrier(2, timeout=20)
    for shell in shells:
        monkeypatch.setattr(shell.outside, "perform", in_step(shell.outside.perform, meeting))
    jobs = [claimed(player, shell, encf) for shell in shells]

    def work(shell: Any, job: Job) -> bool:
        try:
            handlers.submit(shell, job)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        through = list(pool.map(work, shells, jobs))
    player.house.settle()
    return encf, through


def claimed(player: Player, shell: Any, encf: str) -> Job:
    """The document's job under a lease that is over at once."""
    with shell.transaction(player.tenant) as tx:
        shell.work.bring_forward(tx, SUBMISSION, f"{encf}:1", timedelta())
    while True:
        job: Job = shell.work.claim(shell.database, lease=timedelta())
        if (job.tenant, job.key) == (player.tenant, f"{encf}:1"):
            return job
        with shell.transaction(job.tenant) as tx:
            shell.work.postpone(tx, job, timedelta(hours=1))


def moves(player: Player, encf: str) -> int:
    with player.house.database("dgii").transaction(player.tenant) as tx:
        return int(tx.rows(TRANSITIONS, encf=encf)[0].moves)


def charges(player: Player) -> int:
    house = player.house
    found = house.client("plans").get("/tenant/plans/charges", headers=house.token(player.tenant)).json()
    return len(found["items"])


def test_two_workers_with_one_answer_move_tell_and_charge_once(
    player: Player, shells: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    encf, through = rivals(player, shells, monkeypatch)
    assert sorted(through) == [False, True]
    assert (moves(player, encf), player.told("accepted"), charges(player)) == (1, 1, 1)


def test_without_version_and_claim_it_would_move_and_be_told_twice(
    player: Player, shells: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    unfenced = store._SAVE.replace("AND version = :version", "AND :version >= 0")
    unfenced = unfenced.replace("AND estado NOT IN ('aceptado', 'aceptado_condicional', 'rechazado', 'retirado')", "")
    monkeypatch.setattr(store, "_SAVE", unfenced)
    monkeypatch.setattr(Work, "finish", lambda work, tx, job: work.settle(tx, job.kind, job.key))
    encf, through = rivals(player, shells, monkeypatch)
    assert through == [True, True]
    assert (moves(player, encf), player.told("accepted")) == (2, 2)
    assert charges(player) == 1, "plans has a guard of its own"
