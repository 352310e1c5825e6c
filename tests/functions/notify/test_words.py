"""What owners are told about their company: what happened, what to do and where; no secret, and no name that is more."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from functions.dgii.alarms import Code
from functions.notify.domain import NEWS, TOLD_OTHERWISE, News, Owner
from functions.notify.words import TROUBLES, letter
from shared.events.authority import SubmissionAlarmed
from shared.events.certificates import CertificateExpiring
from shared.events.contingency import ContingencyDue
from shared.events.remission import EcfRemissionDue
from shared.events.sequences import SequenceRunningLow, SequenceStopped
from shared.events.voidings import VoidingAnswered
from tests.data.facts import example
from tests.functions.notify.post import part
from tests.functions.notify.reading import HOSTILE, seen

PORTAL = "https://portal.example"
COMPANY = "Colmado Ñandú SRL"
ENDS = "2026-12-01T20:05:00+00:00"
ENCFS = [f"E31{n:010}" for n in range(1, 8)]

DETAIL = "E31 seed <xml>semilla</xml>"
EXPIRING = example(CertificateExpiring, holder_name="ANA PÉREZ", not_after=ENDS)
LOW = example(SequenceRunningLow, sucursal=None, reason="remaining", remaining=40, days_left=None)
STOPPED = example(SequenceStopped, reason="foreign-use")
ALARMED = example(SubmissionAlarmed, code="ENVIO_DETENIDO", detail=DETAIL)
DUE = example(EcfRemissionDue, phase="near", count=7, encfs=ENCFS, remitir_hasta=ENDS)
UNCLEAR = example(VoidingAnswered, outcome="unclear", mensajes=[DETAIL])
PAPER = example(ContingencyDue, deadline="paper", phase="near", until="2026-12-09", sucursal="NORTE", pending=2)
EVERY: list[News] = [EXPIRING, LOW, STOPPED, ALARMED, DUE, UNCLEAR, PAPER]


def sent(news: News, *, company: str = COMPANY) -> EmailMessage:
    """As the recipient's program reads the bytes that SES gets."""
    owner = Owner("p", "ana@example.com", "Ana Pérez", company)
    raw = letter(news, owner, sender="GetUpNet <no-responder@getupnet.example>", portal=PORTAL).as_bytes()
    assert raw.isascii()
    read = message_from_bytes(raw, policy=default)
    assert isinstance(read, EmailMessage)
    return read


def said(news: News, **given: object) -> tuple[str, str]:
    """Subject and text of a fact with some fields changed."""
    mail = sent(news.model_copy(update=given))
    return str(mail["Subject"]), part(mail, "plain")


def test_every_fact_of_the_table_is_written_here() -> None:
    assert {type(news) for news in EVERY} == set(NEWS.values())


@pytest.mark.parametrize(("days", "left"), [(30, "quedan 30 días"), (7, "quedan 7 días"), (1, "queda 1 día")])
def test_a_warning_says_what_ends_when_and_where_the_next_one_goes(days: int, left: str) -> None:
    subject, text = said(EXPIRING, days_left=days)
    assert subject == "El certificado digital de Colmado Ñandú SRL vence el 1 de diciembre de 2026"
    assert f"Colmado Ñandú SRL le {left}: vence el 1 de diciembre de 2026, 4:05 p. m. (hora dominicana)" in text
    assert "a nombre de ANA PÉREZ" in text
    assert f"{PORTAL}/certificados\n" in text


def test_a_certificate_that_ends_at_night_ends_on_the_dominican_day() -> None:
    subject, _ = said(EXPIRING, not_after="2026-12-02T03:59:00+00:00")
    assert subject.endswith("vence el 1 de diciembre de 2026")


def test_a_sequence_with_few_numbers_left_says_how_many_and_where_to_put_the_next() -> None:
    subject, text = said(LOW)
    assert subject == "Quedan pocos e-NCF tipo 31 de Colmado Ñandú SRL"
    assert "Ya se usó más de nueve décimos de la secuencia de e-NCF tipo 31 de Colmado Ñandú SRL: le quedan 40 números." in text
    assert f"{PORTAL}/secuencias\n" in text
    assert "le queda 1 número." in said(LOW, remaining=1)[1]
    assert "Colmado Ñandú SRL (sucursal Centro)" in said(LOW, sucursal="Centro")[1]


@pytest.mark.parametrize(("days", "when"), [(12, "en 12 días"), (1, "en 1 día"), (0, "hoy")])
def test_a_sequence_that_runs_out_says_when_at_the_rate_of_late(days: int, when: str) -> None:
    subject, text = said(LOW, reason="exhaustion", days_left=days)
    assert subject == "Se acaban los e-NCF tipo 31 de Colmado Ñandú SRL"
    assert f"Al ritmo de las dos últimas semanas, la secuencia de e-NCF tipo 31 de Colmado Ñandú SRL se acaba {when}" in text


def test_a_sequence_that_expires_says_the_day() -> None:
    subject, text = said(LOW, reason="expiry", days_left=30, vencimiento="2026-12-31")
    assert subject == "Una secuencia de e-NCF tipo 31 de Colmado Ñandú SRL vence el 31 de diciembre de 2026"
    assert "Vence en 30 días, el 31 de diciembre de 2026, la secuencia" in text
    assert "Le quedan 40 números, que después ya no se pueden usar." in text


def test_a_stopped_sequence_says_why_and_what_to_find_out_before_it_is_resumed() -> None:
    subject, text = said(STOPPED)
    assert subject == "Detuvimos una secuencia de e-NCF tipo 31 de Colmado Ñandú SRL"
    assert "La DGII dice que el E310000000001 de Colmado Ñandú SRL ya está usado" in text
    assert "no da más hasta que una persona la reanude" in text
    assert "Averigüe quién más emite con ella" in text
    assert f"{PORTAL}/secuencias\n" in text


@pytest.mark.parametrize("code", sorted(set(Code) - TOLD_OTHERWISE))
def test_an_alarm_says_of_which_document_what_happened_and_what_to_do(code: Code) -> None:
    subject, text = said(ALARMED, code=code.value)
    assert subject == f"{TROUBLES[code.value].subject}: E310000000001"
    assert TROUBLES[code.value].happened.format(encf="E310000000001", whose=f"de {COMPANY}") in text
    assert TROUBLES[code.value].advice in text
    assert f"{PORTAL}/comprobantes\n" in text


def test_an_alarm_that_a_newer_dgii_gives_asks_to_look() -> None:
    subject, text = said(ALARMED, code="ALGO_NUEVO")
    assert subject == "Un comprobante necesita que usted lo mire: E310000000001"
    assert "una persona debe mirarlo" in text


def test_the_words_of_alarms_are_those_of_dgiis_codes_and_no_others() -> None:
    assert set(TROUBLES) == {code.value for code in Code} - TOLD_OTHERWISE


def test_a_deadline_that_is_near_says_for_how_many_until_when_and_which_come_first() -> None:
    subject, text = said(DUE)
    assert subject == "Se acaba el plazo para enviar 7 comprobantes de Colmado Ñandú SRL a la DGII"
    assert "El primer plazo vence el 1 de diciembre de 2026, 4:05 p. m. (hora dominicana)." in text
    assert f"Por orden de su plazo: {', '.join(ENCFS[:5])} y 2 más." in text
    assert f"{PORTAL}/contingencias\n" in text


def test_a_deadline_that_has_passed_says_so() -> None:
    subject, text = said(DUE, phase="passed", count=1, encfs=ENCFS[:1])
    assert subject == "Venció el plazo para enviar 1 comprobante de Colmado Ñandú SRL a la DGII"
    assert "y ya venció el plazo: el primero, el 1 de diciembre de 2026, 4:05 p. m. (hora dominicana)." in text
    assert "Por orden de su plazo: E310000000001." in text


@pytest.mark.parametrize(
    ("deadline", "phase", "subject", "happened"),
    [
        ("paper", "near", "Se acaban los días de papel", "El 9 de diciembre de 2026 es el último día en que valen"),
        ("paper", "passed", "Ya no vale el papel", "El 9 de diciembre de 2026 fue el último día en que valían"),
        ("replacement", "near", "Se acaba el plazo para reemplazar 2 comprobantes de papel", "El plazo vence el 9 de diciembre"),
        ("replacement", "passed", "Venció el plazo para reemplazar 2 comprobantes de papel", "El plazo venció el 9 de diciembre"),
    ],
)
def test_a_contingency_says_which_of_its_last_days_it_is(deadline: str, phase: str, subject: str, happened: str) -> None:
    told, text = said(PAPER, deadline=deadline, phase=phase)
    assert told.startswith(subject)
    assert happened in text
    assert "(sucursal NORTE)" in text
    assert f"{PORTAL}/contingencias\n" in text


def test_an_unclear_voiding_says_that_nothing_is_issued_and_whom_to_ask() -> None:
    subject, text = said(UNCLEAR)
    assert subject == "No está claro qué e-NCF de Colmado Ñandú SRL anuló la DGII"
    assert "Los apartamos todos: no se emite con ninguno." in text
    assert "Pregunte a la DGII cuáles anuló." in text
    assert f"{PORTAL}/secuencias\n" in text


@pytest.mark.parametrize("news", EVERY, ids=lambda news: type(news).__name__)
def test_a_letter_holds_no_secret_and_nothing_that_dgii_said(news: News) -> None:
    mail = sent(news)
    whole = part(mail, "plain") + part(mail, "html") + str(mail.items())
    assert "token" not in whole
    assert "semilla" not in whole
    assert "de Colmado" in whole
    assert "de su empresa" in part(sent(news, company=""), "plain")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("news", EVERY, ids=lambda news: type(news).__name__)
def test_a_hostile_name_changes_neither_head_nor_structure(news: News, hostile: str) -> None:
    evil = {name: hostile for name in ("holder_name", "sucursal", "detail") if name in type(news).model_fields}
    usual, mail = sent(news), sent(news.model_copy(update=evil), company=hostile)
    assert (mail.keys(), mail["To"], mail["From"]) == (usual.keys(), usual["To"], usual["From"])
    assert [tag for tag, _ in seen(part(mail, "html"))] == [tag for tag, _ in seen(part(usual, "html"))]
    assert len(part(mail, "plain").splitlines()) == len(part(usual, "plain").splitlines())
