"""A certificate that ends is told to whoever owns the company, once a warning, unless the next one is there already."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.notify.domain import WORTH, Kind
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.events.certificates import CertificateExpiring
from shared.events.envelope import Envelope
from shared.identity.callee import Callee
from shared.identity.tokens import issue_service_token
from tests.data.facts import example
from tests.functions.auth.people import grant
from tests.functions.notify.post import deliver, job, mails_to, outside, owner, part, person, rows, told, work_again
from tests.house import House

pytestmark = pytest.mark.usefixtures("no_other_mail")


def expiring(house: House, company: str, *, age: timedelta = timedelta(), **given: object) -> Envelope:
    return told(house, example(CertificateExpiring, **given), company, at=datetime.now(UTC) - age)


@pytest.mark.parametrize("days", [30, 15, 7, 1])
def test_every_owner_and_nobody_else_gets_one_letter_a_warning(house: House, days: int) -> None:
    first = owner(house)
    second, clerk, stranger = owner(house, first.tenant), person(house, company=first.tenant), owner(house)
    fact = expiring(house, first.tenant, days_left=days, holder_name="ANA PÉREZ")
    assert (deliver(house, fact), deliver(house, fact)) == (204, 204)
    work_again(house, first.tenant, fact.id)
    for somebody in (first, second):
        (mail,) = mails_to(somebody.email)
        text = part(mail, "plain")
        assert ("le queda 1 día" if days == 1 else f"le quedan {days} días") in text
        assert "ANA PÉREZ" in text
    assert (mails_to(clerk.email), mails_to(stranger.email)) == ([], [])
    assert {(row.kind, row.state) for row in rows(house, first.tenant)} == {("certificate-expiring", "sent")}


def test_a_company_that_has_the_next_certificate_gets_no_letter(house: House) -> None:
    somebody = owner(house)
    assert deliver(house, expiring(house, somebody.tenant, replaced=True)) == 204
    assert (rows(house, somebody.tenant), mails_to(somebody.email)) == ([], [])


def test_who_owned_it_once_or_is_disabled_gets_no_letter(house: House) -> None:
    stays = owner(house)
    gone, disabled = owner(house, stays.tenant), owner(house, stays.tenant)
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.grants SET ended_at = now() WHERE user_id = CAST(:u AS uuid)", u=gone.id)
        tx.rows("UPDATE auth.users SET disabled_at = now() WHERE id = CAST(:u AS uuid)", u=disabled.id)
    fact = expiring(house, stays.tenant)
    deliver(house, fact)
    work_again(house, stays.tenant, fact.id)
    assert [len(mails_to(one.email)) for one in (stays, gone, disabled)] == [1, 0, 0]


def test_an_owner_who_left_before_the_attempt_is_not_written_to(house: House) -> None:
    somebody = owner(house)
    fact = expiring(house, somebody.tenant)
    with outside(house, sender="nadie@sin-verificar.example"):
        deliver(house, fact)
        work_again(house, somebody.tenant, fact.id)
    (mail,) = rows(house, somebody.tenant)
    assert (mail.state, mail.reason) == ("failed", "SES MessageRejected")
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.grants SET role = 'issuer' WHERE user_id = CAST(:u AS uuid)", u=somebody.id)
    with house.database("notify").transaction(somebody.tenant) as tx:
        tx.rows("UPDATE flow.work SET state = 'pending' WHERE key = :k", k=mail.id)
    work_again(house, somebody.tenant, mail.id)
    assert rows(house, somebody.tenant)[0].reason == "person-unknown"
    assert mails_to(somebody.email) == []


def test_while_auth_is_away_the_warning_waits(house: House) -> None:
    somebody = owner(house)
    fact = expiring(house, somebody.tenant)
    with outside(house, auth=Callee("auth", "http://127.0.0.1:1", house.keys["notify"])):
        assert deliver(house, fact) == 204
    assert job(house, somebody.tenant, fact.id).state == "pending"
    work_again(house, somebody.tenant, fact.id)
    assert len(mails_to(somebody.email)) == 1


def test_a_warning_that_is_a_day_late_is_not_sent_as_its_days_are_wrong(house: House) -> None:
    somebody = owner(house)
    fact = expiring(house, somebody.tenant, age=WORTH[Kind.CERTIFICATE_EXPIRING])
    deliver(house, fact)
    work_again(house, somebody.tenant, fact.id)
    assert [row.state for row in rows(house, somebody.tenant)] == ["expired"]


def asked(house: House, company: str, caller: str) -> Any:
    token = issue_service_token(house.keys[caller], audience="auth", tenant=company, purpose="mail", body=b"{}")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return house.client("auth").post("/auth/owners", content=b"{}", headers=headers)


def test_only_the_writer_of_mails_learns_who_owns_the_company_it_writes_for(house: House) -> None:
    somebody, other = owner(house), uuid7()
    grant(house, somebody, other, "issuer")
    assert asked(house, somebody.tenant, "dgii").status_code == 401
    assert [one["email"] for one in asked(house, somebody.tenant, "notify").json()["items"]] == [somebody.email]
    assert asked(house, other, "notify").json() == {"items": []}
    assert house.client("auth").post("/auth/owners", json={}, headers=house.token(somebody.tenant)).status_code == 401
