"""What a mail is worth, and how little of an address is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.dgii.alarms import Code
from functions.notify.domain import NEWS, ONCE_A_DAY, TOLD_OTHERWISE, WORTH, Kind, Link, Mail, State, letter_of, masked
from functions.notify.letters import FORMS
from shared.events.authority import SubmissionAlarmed
from shared.events.certificates import CertificateExpiring
from shared.events.voidings import VoidingAnswered
from tests.data.facts import example

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def mail(kind: Kind, age: timedelta, state: State = State.PENDING) -> Mail:
    return Mail("m", kind, "p", None, NOW - age, state)


def test_every_kind_is_worth_something_and_has_words() -> None:
    assert set(WORTH) == {*FORMS, *NEWS} == set(Kind)
    assert not FORMS.keys() & NEWS.keys()


@pytest.mark.parametrize("kind", Kind)
def test_a_mail_is_stale_from_the_end_of_its_link_on(kind: Kind) -> None:
    assert not mail(kind, WORTH[kind] - timedelta(seconds=1)).stale(NOW)
    assert mail(kind, WORTH[kind]).stale(NOW)


def test_only_sent_and_expired_mails_are_over() -> None:
    over = {state for state in State if mail(Kind.INVITATION, timedelta(), state).over}
    assert over == {State.SENT, State.EXPIRED}


def test_a_masked_address_keeps_a_letter_and_the_domain() -> None:
    assert masked("maria@example.com") == "m***@example.com"
    assert masked("m@example.com") == "m***@example.com"


def test_a_link_shown_by_mistake_hides_its_secret() -> None:
    assert "secreto" not in repr(Link("secreto", "a@b", "n", "c", NOW))


def test_a_fact_has_a_letter_of_its_own_unless_it_needs_none() -> None:
    assert letter_of(example(CertificateExpiring, replaced=False), "a-fact", NOW) == "a-fact"
    assert letter_of(example(CertificateExpiring, replaced=True), "a-fact", NOW) is None


@pytest.mark.parametrize("outcome", ["done", "partial", "used", "refused", "unclear"])
def test_only_an_unclear_voiding_has_a_letter(outcome: str) -> None:
    named = letter_of(example(VoidingAnswered, outcome=outcome), "a-fact", NOW)
    assert named == ("a-fact" if outcome == "unclear" else None)


@pytest.mark.parametrize("code", Code)
def test_an_alarm_has_a_letter_of_its_own_or_one_for_its_day_or_another_fact_tells_it(code: Code) -> None:
    late = datetime(2026, 11, 25, 3, 59, tzinfo=UTC)
    named = letter_of(example(SubmissionAlarmed, code=code.value), "a-fact", late)
    daily = f"{code.value}:2026-11-24" if code.value in ONCE_A_DAY else "a-fact"
    assert named == (None if code.value in TOLD_OTHERWISE else daily)


def test_the_codes_that_are_treated_apart_are_codes_of_dgii() -> None:
    assert {code.value for code in Code} >= ONCE_A_DAY | TOLD_OTHERWISE
