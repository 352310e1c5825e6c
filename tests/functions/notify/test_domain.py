"""What a mail is worth, and how little of an address is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.notify.domain import WORTH, Kind, Link, Mail, State, masked
from functions.notify.letters import FORMS

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def mail(kind: Kind, age: timedelta, state: State = State.PENDING) -> Mail:
    return Mail("m", kind, "p", None, NOW - age, state)


def test_every_kind_is_worth_something_and_has_words() -> None:
    assert set(WORTH) == {*FORMS, Kind.CERTIFICATE_EXPIRING} == set(Kind)


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
