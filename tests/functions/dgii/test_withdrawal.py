"""Either the intent to send comes first or the withdrawal, never both."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from functions.dgii import domain, store, withdrawal
from functions.dgii.attempt import Estado
from functions.dgii.domain import SubmissionMoved
from functions.dgii.withdrawal import SubmissionNotSeen
from shared.db.ids import uuid7
from shared.events.withdrawal import WithdrawalAsked
from tests.flows.following import facts_of
from tests.functions.dgii.world import submission
from tests.house import House


@pytest.fixture
def tenant(house: House) -> str:
    return uuid7()


def ask(house: House, tenant: str) -> None:
    shell, held = house.shell("dgii"), submission()
    asked = WithdrawalAsked(invoice_id=held.invoice_id, encf=held.encf, intento=held.intento, by="a-user")
    with shell.transaction(tenant) as tx:
        withdrawal.on_asked(shell, tx, asked, None)  # type: ignore[arg-type]


def answers(house: House, tenant: str) -> list[bool]:
    return ['"withdrawn":true' in one.data.replace(" ", "") for one in facts_of(house, tenant)]


def test_an_intent_that_came_first_keeps_the_document(house: House, tenant: str) -> None:
    with house.shell("dgii").transaction(tenant) as tx:
        store.add(tx, submission())
        store.save(tx, domain.intend(submission(), datetime.now(UTC)), step="send", detail="intent")
    ask(house, tenant)
    assert answers(house, tenant) == [False]


def test_a_worker_that_read_before_the_withdrawal_may_not_send(house: House, tenant: str) -> None:
    with house.shell("dgii").transaction(tenant) as tx:
        store.add(tx, submission())
        read = store.load(tx, "E310000000001", 1)
    assert read is not None
    ask(house, tenant)
    assert answers(house, tenant) == [True]
    with house.shell("dgii").transaction(tenant) as tx, pytest.raises(SubmissionMoved):
        store.save(tx, domain.intend(read, datetime.now(UTC)), step="send", detail="intent")
    with house.shell("dgii").transaction(tenant) as tx:
        held = store.load(tx, "E310000000001", 1)
    assert held is not None
    assert domain.next_step(held) is None


@pytest.mark.parametrize("changes", [{"posts": 1}, {"estado": Estado.DESCONOCIDO}], ids=str)
def test_what_was_ever_sent_or_is_in_doubt_stays(house: House, tenant: str, changes: dict[str, object]) -> None:
    with house.shell("dgii").transaction(tenant) as tx:
        store.add(tx, submission())
        store.save(tx, replace(submission(), **changes), step="send", detail="x")  # type: ignore[arg-type]
    ask(house, tenant)
    assert answers(house, tenant) == [False]


def test_a_question_that_overtakes_its_document_comes_again(house: House, tenant: str) -> None:
    with pytest.raises(SubmissionNotSeen):
        ask(house, tenant)
    with house.shell("dgii").transaction(tenant) as tx:
        store.add(tx, submission())
    ask(house, tenant)
    assert answers(house, tenant) == [True]
