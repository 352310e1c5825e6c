"""An outage is told once when it begins and once when it ends, whoever saw it and however often."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from functions.dgii import handlers, outages, watch
from functions.dgii.breaker import OPENS_AFTER
from shared.db.seal import PLATFORM
from shared.dgii.environments import Hosts
from shared.http.work import run_due
from tests.flows.following import facts_of
from tests.house import House

WHOLE = {"environment": "ecf", "name": "maintenance", "value": ""}


def told(house: House) -> list[tuple[str, str]]:
    facts = [e for e in facts_of(house, PLATFORM) if ".dgii.outage-" in e.type]
    return [(e.type.split(".")[-2], e.subject) for e in facts]


@pytest.fixture
def shell(house: House) -> Iterator[Any]:
    shell = house.shell("dgii")
    yield shell
    with shell.transaction(PLATFORM) as tx:
        for outage in outages.standing(tx):
            tx.rows("UPDATE dgii.outages SET ended_at = now() WHERE id = CAST(:id AS uuid)", id=outage.id)
    shell.outside.breaker._sides.clear()


def test_calls_that_fail_begin_one_outage_and_the_next_answer_ends_it(house: House, shell: Any) -> None:
    breaker, before = shell.outside.breaker, len(told(house))
    for _ in range(OPENS_AFTER + 3):
        breaker.saw("certecf", failed=True)
        watch.tell(shell, "certecf")
    shown = house.client("dgii").get("/dgii/services", headers=house.token(house.company())).json()["items"]
    (down,) = [e for e in shown if not e["disponible"]]
    assert (down["environment"], down["causa"]) == ("certecf", "unanswered")
    for _ in range(3):
        breaker.saw("certecf", failed=False)
        watch.tell(shell, "certecf")
    began, ended = told(house)[before:]
    assert (began[0], ended[0], began[1] == ended[1]) == ("outage-started", "outage-ended", True)


def test_the_status_service_and_its_windows_begin_and_end_one(house: House, shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address, before = house.address("sandbox"), len(told(house))
    hosts = Hosts(address, address, address)
    monkeypatch.setattr(shell.outside.services, "hosts", hosts)
    monkeypatch.setattr(shell.outside.services, "status_key", "k")
    watch.ensure(shell)
    httpx.post(f"{address}/sandbox/behaviours", json=WHOLE)
    try:
        for _ in range(2):
            look(shell)
        shown = house.client("dgii").get("/dgii/services", headers=house.token(house.company())).json()["items"]
        (down,) = [e for e in shown if not e["disponible"]]
        assert (down["environment"], down["causa"], len(down["ventanas"])) == ("ecf", "maintenance", 1)
        assert {s["disponible"] for s in down["servicios"]} == {False}
    finally:
        httpx.post(f"{address}/sandbox/behaviours/reset", json={"environment": "ecf"})
    look(shell)
    began, ended = told(house)[before:]
    assert (began[0], ended[0], began[1] == ended[1]) == ("outage-started", "outage-ended", True)


def test_a_silent_status_service_is_asked_for_ever(house: House, shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell.outside.services, "hosts", Hosts("http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:1"))
    monkeypatch.setattr(shell.outside.services, "status_key", "k")
    watch.ensure(shell)
    look(shell)
    with shell.transaction(PLATFORM) as tx:
        row = tx.row("SELECT state, failures FROM flow.work WHERE function = 'dgii' AND kind = 'services'")
    assert row is not None
    assert (row.state, row.failures) == ("pending", 0)


def look(shell: Any) -> None:
    """The job, due again at once."""
    with shell.transaction(PLATFORM) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() - interval '1 hour' WHERE function = 'dgii' AND kind = 'services'")
    run_due(shell, handlers.JOBS, jobs=1, seconds=10)


def test_without_a_key_nobody_is_asked(house: House, shell: Any) -> None:
    assert shell.outside.status is None
    watch.ensure(shell)
