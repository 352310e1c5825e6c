"""The stand-in for SES: boto3 itself sends to it, a browser reads it, and a hostile mail or page can do nothing."""

import http.client
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.notify.domain import Kind, Link
from functions.notify.letters import message
from knative.embedded.mail import Mailbox, MailSink
from knative.embedded.mail_sink import LARGEST, SEND
from shared.cloud.ses import MailRefused, send_mail
from shared.cloud.session import Aws
from tests.functions.notify.test_letters import HOSTILE, SENDER, link, seen


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailSink]:
    made = MailSink(tmp_path_factory.mktemp("sink") / "mail").start()
    yield made
    made.stop()


def aws(sink: MailSink) -> Aws:
    return Aws("us-east-1", sink.url, "test", "test")


def send(sink: MailSink, mail: EmailMessage) -> str:
    return send_mail(aws(sink), sender=SENDER, recipient=str(mail["To"]), message=mail.as_bytes())


def written(**given: str) -> EmailMessage:
    made: Link = link(**given)
    return message(Kind.INVITATION, made, sender=SENDER, portal="https://portal.example")


def page(sink: MailSink, path: str = "/") -> httpx.Response:
    return httpx.get(sink.url + path, trust_env=False)


def test_boto_sends_and_the_file_is_what_was_sent(sink: MailSink) -> None:
    mail = written()
    name = send(sink, mail)
    assert (sink.data / f"{name}.eml").read_bytes() == mail.as_bytes()
    kept = Mailbox(sink.data).read(name)
    assert kept
    assert kept.message["Subject"] == "Colmado Ñandú SRL le invita a GetUpNet"
    assert "Hola, Ana Pérez:" in kept.told()


def test_mails_are_there_after_a_restart(tmp_path: Path) -> None:
    first = MailSink(tmp_path / "mail").start()
    name = send(first, written())
    first.stop()
    assert first.pid is None
    second = MailSink(tmp_path / "mail").start()
    assert name in page(second).text
    second.stop()


def test_a_browser_sees_the_list_the_text_with_a_link_and_the_page_apart(sink: MailSink) -> None:
    name = send(sink, written())
    assert f'href="/{name}"' in page(sink).text
    one = page(sink, f"/{name}")
    assert "Hola, Ana Pérez:" in one.text
    assert ("a", "https://portal.example/invitacion#token=" + "t" * 43) in {
        (tag, attributes.get("href")) for tag, attributes in seen(one.text)
    }
    (frame,) = [attributes for tag, attributes in seen(one.text) if tag == "iframe"]
    assert frame["src"] == f"/{name}/html"
    assert frame["sandbox"] is None, "nothing is allowed in it"
    apart = page(sink, f"/{name}/html")
    assert apart.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "Elegir mi contraseña" in apart.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_mail_does_not_change_the_viewer(sink: MailSink, hostile: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = SENDER, "ana@example.com"
    mail["Subject"] = " ".join(hostile.encode("utf-8", "replace").decode().split())
    mail.set_content(f"{hostile.encode('utf-8', 'replace').decode()}\nhttps://portal.example/?a=1&b=<script>\n")
    name = send(sink, mail)
    tags = [tag for tag, _ in seen(page(sink, f"/{name}").text)]
    assert set(tags) <= {"html", "head", "meta", "title", "style", "body", "h1", "p", "a", "table", "tr", "th", "td", "pre"}
    assert "<script" not in page(sink).text
    assert "img" not in {tag for tag, _ in seen(page(sink).text)}


def test_what_ses_would_not_take_is_refused_as_ses_does(sink: MailSink) -> None:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    client = boto3.client("sesv2", endpoint_url=sink.url, config=Config(retries={"max_attempts": 1}), **keys)  # type: ignore[call-overload]
    for content, to in (
        ({"Raw": {"Data": b"From: a@example.com\r\n\r\n"}}, []),
        ({"Raw": {"Data": b""}}, ["ana@example.com"]),
        ({"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}}, ["ana@example.com"]),
    ):
        with pytest.raises(ClientError) as refused:
            client.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": to}, Content=content)
        assert refused.value.response["Error"]["Code"] == "BadRequestException"
    with pytest.raises(MailRefused):
        send_mail(aws(sink), sender=SENDER, recipient="ana@example.com", message=b"")


def test_a_page_of_another_origin_neither_reads_nor_writes(sink: MailSink) -> None:
    name = send(sink, written())
    foreign = {"host": f"mal.example:{sink.port}"}
    assert httpx.get(f"{sink.url}/{name}", headers=foreign, trust_env=False).status_code == 404
    before = len(list(Mailbox(sink.data).newest(999)))
    simple = {"content-type": "text/plain"}
    body = '{"Content": {"Raw": {"Data": "eA=="}}, "Destination": {"ToAddresses": ["a@example.com"]}}'
    signed = {"authorization": "AWS4-HMAC-SHA256 x"}
    answers = [httpx.post(sink.url + SEND, content=body, headers=h, trust_env=False) for h in (simple, signed | foreign)]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert httpx.options(sink.url + SEND, trust_env=False).status_code == 501
    assert len(list(Mailbox(sink.data).newest(999))) == before
    assert httpx.post(sink.url + SEND, content=body, headers=signed, trust_env=False).status_code == 200, "the zero means something"


@pytest.mark.parametrize("path", ["/nada", "/..%2f..%2fsecrets", "/../secrets", "/*", "/x/html"])
def test_nothing_but_mails_is_shown(sink: MailSink, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sink.port, timeout=5)
    connection.request("GET", path)
    assert connection.getresponse().status == 404


def test_a_mail_beyond_the_limit_is_not_read(sink: MailSink) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sink.port, timeout=5)
    connection.putrequest("POST", SEND)
    connection.putheader("authorization", "AWS4-HMAC-SHA256 x")
    connection.putheader("content-length", str(LARGEST + 1))
    connection.endheaders()
    assert connection.getresponse().status == 403
