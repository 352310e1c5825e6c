"""What a mail says, and what strangers' names cannot make it say."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.notify.domain import Kind, Link
from functions.notify.letters import FORMS, LONGEST_NAME, AddressUnusable, greeting, message, moment, plain, recipient
from tests.functions.notify.post import part
from tests.functions.notify.reading import HOSTILE, seen

PORTAL = "https://portal.example"
SENDER = "GetUpNet <no-responder@getupnet.example>"


def link(**given: str) -> Link:
    until = datetime(2026, 12, 1, 20, 5, tzinfo=UTC)
    said = {"token": "t" * 43, "email": "ana@example.com", "name": "Ana Pérez", "company_name": "Colmado Ñandú SRL"} | given
    return Link(**said, expires_at=until)


def written(kind: Kind, **given: str):  # type: ignore[no-untyped-def]
    """As the recipient's program reads the bytes that SES gets."""
    sent = message(kind, link(**given), sender=SENDER, portal=PORTAL).as_bytes()
    assert sent.isascii()
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    return message_from_bytes(sent, policy=default)


def test_an_invitation_says_who_invites_until_when_and_where() -> None:
    mail = written(Kind.INVITATION)
    assert mail["Subject"] == "Colmado Ñandú SRL le invita a GetUpNet"
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (SENDER, "ana@example.com", "auto-generated")
    text = part(mail, "plain")
    assert text.startswith("Hola, Ana Pérez:\n")
    assert "Colmado Ñandú SRL le dio acceso a GetUpNet" in text
    assert "antes del 1 de diciembre de 2026, 4:05 p. m. (hora dominicana)" in text
    assert f"{PORTAL}/invitacion#token={'t' * 43}\n" in text


def test_who_works_for_the_platform_is_invited_by_no_company() -> None:
    mail = written(Kind.INVITATION, company_name="")
    assert mail["Subject"] == "Active su cuenta de GetUpNet"
    assert "Le dieron acceso a GetUpNet" in part(mail, "plain")


def test_a_reset_says_that_doing_nothing_changes_nothing() -> None:
    mail = written(Kind.PASSWORD_RESET)
    assert mail["Subject"] == "Elija una nueva contraseña de GetUpNet"
    assert f"{PORTAL}/clave#token={'t' * 43}\n" in part(mail, "plain")
    assert "su contraseña sigue siendo la misma" in part(mail, "html")


@pytest.mark.parametrize("kind", FORMS)
def test_the_secret_is_in_the_fragment_alone(kind: Kind) -> None:
    mail = written(kind)
    for body in (part(mail, "plain"), part(mail, "html")):
        assert body.count("t" * 43) == body.count("#token=" + "t" * 43) > 0
    assert "t" * 43 not in str(mail.items())


@pytest.mark.parametrize("kind", FORMS)
def test_the_page_loads_nothing_and_leads_to_the_portal_alone(kind: Kind) -> None:
    tags = seen(part(written(kind), "html"))
    assert {tag for tag, _ in tags} == {"html", "head", "meta", "title", "body", "div", "p", "a"}
    (anchor,) = [attributes for tag, attributes in tags if tag == "a"]
    assert (anchor["href"] or "").startswith(f"{PORTAL}/")
    assert "ses:no-track" in anchor


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_changes_neither_head_nor_structure(kind: Kind, hostile: str) -> None:
    usual, mail = written(kind), written(kind, name=hostile, company_name=hostile)
    assert mail.keys() == usual.keys()
    assert (mail["To"], mail["From"]) == (usual["To"], usual["From"])
    assert [p.get_content_type() for p in mail.walk()] == [p.get_content_type() for p in usual.walk()]
    assert [tag for tag, _ in seen(part(mail, "html"))] == [tag for tag, _ in seen(part(usual, "html"))]
    assert [a for tag, a in seen(part(mail, "html")) if tag == "a"] == [a for tag, a in seen(part(usual, "html")) if tag == "a"]
    assert len(part(mail, "plain").splitlines()) == len(part(usual, "plain").splitlines())


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_name_at_all_can_be_sent(name: str, company: str) -> None:
    mail = written(Kind.INVITATION, name=name, company_name=company)
    assert mail["To"] == "ana@example.com"
    assert part(mail, "plain").count("#token=") == 1


def test_unescaped_names_would_be_seen() -> None:
    """The mutant: a page with the name as it came has one tag more."""
    page = part(written(Kind.INVITATION), "html")
    assert len(seen(page.replace("Ana Pérez", "<b>Ana</b>"))) == len(seen(page)) + 1


@pytest.mark.parametrize("name", ["gane en mal.example ya", "https://mal.example", "www.mal", "escriba a x@y", "MAL.EXAMPLE"])
def test_nobody_advertises_through_the_name_of_whom_they_invite(name: str) -> None:
    assert greeting(name) == "Hola:"


@pytest.mark.parametrize("name", ["Ana Pérez", "J. R. Núñez", "O'Neil-Díaz", "María de los Á. Peña, Lic."])
def test_people_are_greeted_by_name(name: str) -> None:
    assert greeting(name) == f"Hola, {name}:"


@given(st.text(max_size=300))
def test_a_plain_name_is_one_short_line(name: str) -> None:
    made = plain(name)
    assert len(made) <= LONGEST_NAME
    assert made == made.strip()
    assert len(made.splitlines()) <= 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", made)


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        (4, "24 de noviembre de 2026, 12:00 a. m."),
        (16, "24 de noviembre de 2026, 12:00 p. m."),
        (3, "23 de noviembre de 2026, 11:00 p. m."),
    ],
)
def test_a_moment_is_said_in_dominican_time(hour: int, said: str) -> None:
    assert moment(datetime(2026, 11, 24, hour, tzinfo=UTC)) == said


def test_a_domain_with_accents_is_written_in_ascii() -> None:
    assert str(recipient("ana@ñandú.example")) == "ana@xn--and-6ma2c.example"


@pytest.mark.parametrize("address", ["añá@example.com", "a@b..com", "a\r\nBcc: x@example.com", "@example.com", "a@", "sin arroba"])
def test_an_address_that_cannot_be_written_to_is_refused(address: str) -> None:
    with pytest.raises(AddressUnusable):
        recipient(address)
