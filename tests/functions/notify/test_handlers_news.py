"""What a company's owners must know is one letter each: once a fact, and once a day for what every document may say again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from functions.notify import handlers
from functions.notify.domain import ONCE_A_DAY, WORTH, Kind, News, letter_of
from shared.events.authority import SubmissionAlarmed
from shared.events.contingency import ContingencyDue
from shared.events.envelope import Envelope
from shared.events.remission import EcfRemissionDue
from shared.events.sequences import SequenceForeignUse, SequenceRunningLow, SequenceStopped
from shared.events.voidings import VoidingAnswered
from tests.data.facts import example
from tests.functions.auth.people import Somebody
from tests.functions.billing.bodies import CONSUMO
from tests.functions.notify.post import deliver, mails_to, outside, owner, part, person, rows, told, work_again
from tests.house import House

pytestmark = pytest.mark.usefixtures("no_other_mail")

SOON = "2026-12-01T20:05:00+00:00"
FACTS: dict[Kind, News] = {
    Kind.SEQUENCE_RUNNING_LOW: example(SequenceRunningLow, reason="remaining", days_left=None),
    Kind.SEQUENCE_STOPPED: example(SequenceStopped, reason="foreign-use"),
    Kind.SUBMISSION_ALARMED: example(SubmissionAlarmed, code="VEREDICTO_CONTRADICHO"),
    Kind.VOIDING_UNCLEAR: example(VoidingAnswered, outcome="unclear"),
    Kind.CONTINGENCY_DUE: example(ContingencyDue, deadline="paper", phase="near", until="2026-12-09"),
    Kind.REMISSION_DUE: example(EcfRemissionDue, phase="near", count=1, encfs=["E310000000001"], remitir_hasta=SOON),
}
NOON = datetime.now(UTC).replace(hour=16, minute=0, second=0, microsecond=0) - timedelta(days=1)
"""Twelve o'clock in Santo Domingo, so that an hour more is the same fiscal day."""


def alarmed(house: House, company: str, code: str, *, at: datetime = NOON) -> Envelope:
    """An alarm about a document of its own."""
    return told(house, example(SubmissionAlarmed, code=code), company, at=at)


def letters(house: House, somebody: Somebody) -> int:
    """How many the owner has, after everything that is due was done."""
    work_again(house, somebody.tenant, "")
    assert {row.state for row in rows(house, somebody.tenant)} <= {"sent"}
    return len(mails_to(somebody.email))


@pytest.mark.parametrize("kind", FACTS)
def test_every_owner_and_nobody_else_gets_one_letter_of_a_fact_that_comes_twice(house: House, kind: Kind) -> None:
    first = owner(house)
    second, clerk = owner(house, first.tenant), person(house, company=first.tenant)
    fact = told(house, FACTS[kind], first.tenant)
    assert (deliver(house, fact), deliver(house, fact)) == (204, 204)
    assert [letters(house, first), letters(house, second), len(mails_to(clerk.email))] == [1, 1, 0]
    assert {row.kind for row in rows(house, first.tenant)} == {kind.value}
    assert deliver(house, told(house, FACTS[kind], first.tenant)) == 204
    assert letters(house, first) == 2, "another fact is another letter"


@pytest.mark.parametrize("kind", FACTS)
def test_a_letter_that_is_too_late_is_not_sent(house: House, kind: Kind) -> None:
    somebody = owner(house)
    deliver(house, told(house, FACTS[kind], somebody.tenant, at=datetime.now(UTC) - WORTH[kind]))
    work_again(house, somebody.tenant, "")
    assert [row.state for row in rows(house, somebody.tenant)] == ["expired"]
    assert mails_to(somebody.email) == []


def test_an_inbox_that_forgot_a_fact_makes_no_second_letter(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = owner(house)
    fact = told(house, FACTS[Kind.SEQUENCE_STOPPED], somebody.tenant)
    monkeypatch.setattr("shared.http.events.first_time", lambda *_, **__: True)
    assert [deliver(house, fact) for _ in range(3)] == [204] * 3
    assert letters(house, somebody) == 1


def test_a_letter_named_anew_each_time_would_be_written_twice(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant of the test before."""
    somebody, numbers = owner(house), count()
    fact = told(house, FACTS[Kind.SEQUENCE_STOPPED], somebody.tenant)
    monkeypatch.setattr("shared.http.events.first_time", lambda *_, **__: True)
    monkeypatch.setattr(handlers, "letter_of", lambda *_: f"letter-{next(numbers)}")
    assert [deliver(house, fact) for _ in range(3)] == [204] * 3
    assert letters(house, somebody) == 3


@pytest.mark.parametrize("code", sorted(ONCE_A_DAY))
def test_an_alarm_of_many_documents_is_one_letter_a_company_a_code_and_a_fiscal_day(house: House, code: str) -> None:
    somebody, neighbour = owner(house), owner(house)
    for hours in (0, 1, 11):
        assert deliver(house, alarmed(house, somebody.tenant, code, at=NOON + timedelta(hours=hours))) == 204
    assert letters(house, somebody) == 1
    deliver(house, alarmed(house, somebody.tenant, code, at=NOON + timedelta(hours=12)))
    assert letters(house, somebody) == 2, "midnight in Santo Domingo begins another day"
    other = next(one for one in sorted(ONCE_A_DAY) if one != code)
    deliver(house, alarmed(house, somebody.tenant, other))
    assert letters(house, somebody) == 3, "another code is another letter"
    deliver(house, alarmed(house, neighbour.tenant, code))
    assert letters(house, neighbour) == 1, "another company has its own"


def by_fact(news: News, fact_id: str, at: datetime) -> str | None:
    return letter_of(news, fact_id, at) and fact_id


def in_utc(news: News, fact_id: str, at: datetime) -> str | None:
    return letter_of(news, fact_id, at) and f"{news.type}:{at.date()}"


@pytest.mark.parametrize(("mutant", "written"), [(letter_of, 1), (by_fact, 3), (in_utc, 2)])
def test_a_letter_for_each_document_or_each_day_of_utc_would_be_seen(
    house: House, monkeypatch: pytest.MonkeyPatch, mutant: Callable[[News, str, datetime], str | None], written: int
) -> None:
    monkeypatch.setattr(handlers, "letter_of", mutant)
    somebody = owner(house)
    for hours in (0, 1, 11):
        deliver(house, alarmed(house, somebody.tenant, "FIRMANTE_BLOQUEADO", at=NOON + timedelta(hours=hours)))
    assert letters(house, somebody) == written


def test_an_alarm_that_is_about_one_document_is_a_letter_for_each(house: House) -> None:
    somebody = owner(house)
    for _ in range(2):
        deliver(house, alarmed(house, somebody.tenant, "VEREDICTO_CONTRADICHO"))
    assert letters(house, somebody) == 2


def test_a_number_that_others_used_is_told_once_by_the_range_it_stopped(house: House) -> None:
    somebody = owner(house)
    assert deliver(house, alarmed(house, somebody.tenant, "USO_AJENO")) == 204
    assert (letters(house, somebody), rows(house, somebody.tenant)) == (0, [])
    deliver(house, told(house, FACTS[Kind.SEQUENCE_STOPPED], somebody.tenant))
    assert letters(house, somebody) == 1
    assert SequenceForeignUse not in handlers.EVENTS


def test_from_dgiis_answer_to_the_owner_a_foreign_use_is_one_letter(house: House) -> None:
    tenant = house.company()
    somebody, used = owner(house, tenant), house.emit(tenant, CONSUMO).json()
    house.settle()
    spent = {"invoice_id": used["id"], "encf": used["encf"], "observed_at": NOON.isoformat()}
    shell = house.shell("dgii")
    with shell.transaction(tenant) as tx:
        shell.announce(tx, example(SubmissionAlarmed, code="USO_AJENO", **spent), subject=used["id"])
        shell.announce(tx, example(SequenceForeignUse, tipo_ecf=32, **spent), subject=used["encf"])
    house.settle()
    assert letters(house, somebody) == 1
    (mail,) = mails_to(somebody.email)
    assert mail["Subject"] == "Detuvimos una secuencia de e-NCF tipo 32 de EMPRESA DE PRUEBA SRL"
    assert used["encf"] in part(mail, "plain")


def test_an_alarm_without_the_rule_of_the_range_would_tell_it_twice(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: every fact has a letter."""
    monkeypatch.setattr(handlers, "letter_of", lambda news, fact_id, at: fact_id)
    somebody = owner(house)
    deliver(house, alarmed(house, somebody.tenant, "USO_AJENO"))
    deliver(house, told(house, FACTS[Kind.SEQUENCE_STOPPED], somebody.tenant))
    assert letters(house, somebody) == 2


def test_a_letter_that_ses_did_not_take_is_sent_later_and_says_the_same(house: House) -> None:
    somebody = owner(house)
    with outside(house, sender="nadie@sin-verificar.example"):
        deliver(house, told(house, FACTS[Kind.REMISSION_DUE], somebody.tenant))
        work_again(house, somebody.tenant, "")
    (refused,) = rows(house, somebody.tenant)
    assert refused.state == "failed"
    with house.database("notify").transaction(somebody.tenant) as tx:
        tx.rows("UPDATE flow.work SET state = 'pending', due_at = now() WHERE key = :k", k=refused.id)
    assert letters(house, somebody) == 1
    (mail,) = mails_to(somebody.email)
    assert mail["Subject"] == "Se acaba el plazo para enviar 1 comprobante de EMPRESA DE PRUEBA SRL a la DGII"
