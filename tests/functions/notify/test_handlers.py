"""notify on the real app and database: one fact is one mail, its secret is nowhere else, and failures end as they should."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.notify import store
from functions.notify.domain import WORTH, Kind
from functions.notify.letters import FORMS
from shared.db.seal import PLATFORM
from shared.http.work import FAILURES
from shared.identity.callee import Callee
from shared.identity.permissions import Permission
from tests.functions.auth.people import PASSWORD, Somebody, log_in
from tests.functions.notify.post import (
    deliver,
    invited,
    job,
    mails_to,
    outside,
    part,
    person,
    reset_asked,
    row,
    token_in,
    work_again,
)
from tests.house import House, a_rnc

pytestmark = pytest.mark.usefixtures("no_other_mail")


def set_password(house: House, path: str, token: str) -> int:
    return house.client("auth").post(path, json={"token": token, "password": PASSWORD}).status_code


def owner_of(house: House, tenant: str) -> str:
    with house.database("auth").transaction(PLATFORM) as tx:
        rows = tx.rows("SELECT u.email FROM auth.users u JOIN auth.grants g ON g.user_id = u.id WHERE g.company = :t", t=tenant)
    return str(rows[0].email)


def test_the_owner_of_a_new_company_gets_one_mail_that_lets_them_in(house: House) -> None:
    tenant = house.company(certificate=False, ranges=False)
    email = owner_of(house, tenant)
    (mail,) = mails_to(email)
    assert mail["Subject"] == "EMPRESA DE PRUEBA SRL le invita a GetUpNet"
    assert set_password(house, "/auth/invitations/accept", token_in(mail)) == 204
    assert log_in(house, Somebody(email, tenant, "")).status_code == 200


def test_an_owner_with_a_password_is_not_invited_to_the_second_company(house: House) -> None:
    email = owner_of(house, house.company(certificate=False, ranges=False))
    assert set_password(house, "/auth/invitations/accept", token_in(mails_to(email)[0])) == 204
    body = {
        "rnc": a_rnc(),
        "environment": "testecf",
        "razon_social": "SEGUNDA SRL",
        "direccion": "Calle 2",
        "owner": {"email": email, "name": "Dueña"},
    }
    assert house.client("admin").post("/admin/companies", json=body, headers=house.token(PLATFORM)).status_code == 201
    house.settle()
    assert len(mails_to(email)) == 1


def test_who_forgot_a_password_gets_a_link_for_that(house: House) -> None:
    somebody = person(house)
    assert house.client("auth").post("/auth/password/forgot", json={"email": somebody.email}).status_code == 202
    house.settle()
    (mail,) = mails_to(somebody.email)
    token = token_in(mail)
    assert "/clave#token=" in part(mail, "plain")
    assert set_password(house, "/auth/invitations/accept", token) == 404
    assert set_password(house, "/auth/password/reset", token) == 204


def test_a_fact_that_comes_twice_is_one_mail(house: House) -> None:
    somebody = person(house)
    fact = invited(house, somebody)
    assert [deliver(house, fact) for _ in range(3)] == [204] * 3
    assert work_again(house, somebody.tenant, fact.id) == 0
    assert len(mails_to(somebody.email)) == 1
    assert deliver(house, invited(house, somebody)) == 204
    assert len(mails_to(somebody.email)) == 2, "another invitation is another mail"


def test_what_is_kept_is_who_when_and_which_message(house: House) -> None:
    somebody = person(house)
    fact = invited(house, somebody)
    deliver(house, fact)
    kept = row(house, fact.id)
    assert (kept.kind, kept.person_id, kept.company, kept.state) == ("invitation", somebody.id, somebody.tenant, "sent")
    assert kept.address == f"{somebody.email[0]}***@example.com"
    assert kept.message_id
    assert kept.ended_at
    assert job(house, somebody.tenant, fact.id).state == "done"


@pytest.mark.parametrize("kind", FORMS)
def test_a_mail_is_worth_what_its_link_lives(house: House, kind: Kind) -> None:
    somebody = person(house)
    fact = (invited if kind is Kind.INVITATION else reset_asked)(house, somebody)
    began = datetime.now(UTC)
    deliver(house, fact)
    with house.database("auth").transaction(PLATFORM) as tx:
        life = (
            tx.rows("SELECT expires_at FROM auth.invitations WHERE user_id = CAST(:u AS uuid)", u=somebody.id)[0].expires_at - began
        )
    assert abs(life - WORTH[kind]) < timedelta(minutes=1)


def test_a_mail_that_is_too_late_is_not_sent_and_mints_nothing(house: House) -> None:
    somebody = person(house)
    late = reset_asked(house, somebody, at=datetime.now(UTC) - WORTH[Kind.PASSWORD_RESET])
    assert deliver(house, late) == 204
    assert (row(house, late.id).state, job(house, PLATFORM, late.id).state) == ("expired", "done")
    assert mails_to(somebody.email) == []
    with house.database("auth").transaction(PLATFORM) as tx:
        assert not tx.rows("SELECT 1 FROM auth.invitations WHERE user_id = CAST(:u AS uuid)", u=somebody.id)
    in_time = reset_asked(house, somebody, at=datetime.now(UTC) - WORTH[Kind.PASSWORD_RESET] + timedelta(minutes=1))
    assert deliver(house, in_time) == 204
    assert len(mails_to(somebody.email)) == 1, "the zero above means something"


def test_what_may_pass_is_tried_again_later(house: House) -> None:
    somebody = person(house)
    fact = invited(house, somebody)
    with outside(house, auth=_nobody(house)):
        assert deliver(house, fact) == 204
    waiting = job(house, somebody.tenant, fact.id)
    assert (waiting.state, waiting.failures) == ("pending", 1)
    assert waiting.due_at > datetime.now(UTC)
    assert (row(house, fact.id).state, row(house, fact.id).reason) == ("pending", "auth does not answer")
    assert mails_to(somebody.email) == []
    assert work_again(house, somebody.tenant, fact.id) == 1
    assert (row(house, fact.id).state, row(house, fact.id).reason, row(house, fact.id).attempts) == ("sent", None, 2)
    assert len(mails_to(somebody.email)) == 1


def _nobody(house: House) -> Callee:
    return Callee("auth", "http://127.0.0.1:1", house.keys["notify"])


def test_what_never_ends_is_buried_after_many_failures(house: House) -> None:
    somebody = person(house)
    fact = invited(house, somebody)
    with outside(house, auth=_nobody(house)):
        deliver(house, fact)
        with house.database("notify").transaction(somebody.tenant) as tx:
            tx.rows("UPDATE flow.work SET failures = :n WHERE key = :k", n=FAILURES - 1, k=fact.id)
        work_again(house, somebody.tenant, fact.id)
    assert (row(house, fact.id).state, job(house, somebody.tenant, fact.id).state) == ("failed", "dead")


def test_what_ses_refuses_is_buried_with_the_reason_and_sent_when_people_replay_it(house: House) -> None:
    somebody = person(house)
    fact = invited(house, somebody)
    with outside(house, sender="nadie@sin-verificar.example"):
        assert deliver(house, fact) == 204
    buried = job(house, somebody.tenant, fact.id)
    assert (buried.state, buried.last_error) == ("dead", "SES MessageRejected")
    assert (row(house, fact.id).state, row(house, fact.id).reason) == ("failed", "SES MessageRejected")
    key = {"company": somebody.tenant, "function": "notify", "kind": "mail", "key": fact.id}
    answer = house.client("relay").post("/admin/dead-letters/work/revive", json=key, headers=house.token(PLATFORM))
    assert answer.status_code == 200, answer.text
    work_again(house, somebody.tenant, fact.id)
    assert row(house, fact.id).state == "sent"
    assert len(mails_to(somebody.email)) == 1


def test_a_person_whom_auth_does_not_know_is_not_written_to(house: House) -> None:
    somebody = Somebody("nadie@example.com", "una-empresa", "00000000-0000-7000-8000-000000000000")
    fact = invited(house, somebody)
    assert deliver(house, fact) == 204
    assert (row(house, fact.id).state, row(house, fact.id).reason) == ("failed", "person-unknown")


def test_a_crash_after_ses_took_it_sends_again_with_another_secret(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = person(house)
    fact = invited(house, somebody)

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(store, "record", crash)
        assert deliver(house, fact) == 204
    assert work_again(house, somebody.tenant, fact.id) == 1
    first, second = mails_to(somebody.email)
    assert token_in(first) != token_in(second)
    assert set_password(house, "/auth/invitations/accept", token_in(first)) == 204, "whichever arrives is good"
    assert work_again(house, somebody.tenant, fact.id) == 0


def test_a_hostile_person_at_a_hostile_company_gets_a_plain_mail(house: House) -> None:
    evil = "Ana\r\nBcc: otro@example.com <script>"
    somebody = person(house, name=evil)
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.companies SET razon_social = :n WHERE id = :c", n=evil, c=somebody.tenant)
    deliver(house, invited(house, somebody))
    (mail,) = mails_to(somebody.email)
    assert (mail["Bcc"], mail["To"]) == (None, somebody.email)
    assert mail["Subject"] == "Ana Bcc: otro@example.com <script> le invita a GetUpNet"
    assert "<script>" not in part(mail, "html")
    assert not mails_to("otro@example.com")


def test_the_platform_lists_mails_newest_first_and_page_by_page(house: House) -> None:
    somebody = person(house)
    facts = [invited(house, somebody) for _ in range(3)]
    for fact in facts:
        deliver(house, fact)
    client, token = house.client("notify"), house.token(PLATFORM, Permission.MAILS_READ)
    ours, cursor = [], ""
    for _ in range(2):
        answer = client.get(f"/admin/mails?limit=2{cursor}", headers=token)
        assert answer.status_code == 200, answer.text
        ours += answer.json()["items"]
        cursor = f"&cursor={answer.json()['next']}"
    assert [mail["id"] for mail in ours[:3]] == sorted((fact.id for fact in facts), reverse=True)
    assert (ours[0]["address"], ours[0]["state"]) == (f"{somebody.email[0]}***@example.com", "sent")
    assert somebody.email not in answer.text


def test_only_who_may_read_mails_of_the_platform_lists_them(house: House) -> None:
    client = house.client("notify")
    assert client.get("/admin/mails").status_code == 401
    assert client.get("/admin/mails", headers=house.token(PLATFORM, Permission.COMPANIES_READ)).status_code == 403
    assert client.get("/admin/mails", headers=house.token("una-empresa")).status_code == 403
