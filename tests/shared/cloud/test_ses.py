"""SES: what it took, what it will never take, what it may take later."""

from collections.abc import Iterator

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from shared.cloud.ses import MailRefused, ensure_sender, send_mail
from shared.cloud.session import Aws, CloudUnavailable

AWS = Aws("us-east-1", None, "test", "test")
SENDER = "no-responder@ses.example"
MAIL = b"From: no-responder@ses.example\r\nTo: ana@example.com\r\nSubject: Hola\r\n\r\nHola.\r\n"


@pytest.fixture(autouse=True)
def cloud() -> Iterator[None]:
    with mock_aws():
        ensure_sender(AWS, SENDER)
        yield


def send(sender: str = SENDER) -> str:
    return send_mail(AWS, sender=sender, recipient="ana@example.com", message=MAIL)


def test_each_mail_has_its_own_id() -> None:
    assert send() != send() != ""


def test_a_sender_is_registered_once_and_again_without_harm() -> None:
    ensure_sender(AWS, SENDER)
    assert send()


def test_a_sender_that_is_not_ours_is_refused_for_good() -> None:
    with pytest.raises(MailRefused) as refused:
        send("otro@otro.example")
    assert refused.value.facts == {"reason": "MessageRejected"}, "the code, not the words that repeat addresses"


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("TooManyRequestsException", 429, CloudUnavailable),
        ("LimitExceededException", 400, CloudUnavailable),
        ("SendingPausedException", 400, CloudUnavailable),
        ("ExpiredTokenException", 403, CloudUnavailable),
        ("InternalFailure", 500, CloudUnavailable),
        ("ServiceUnavailable", 503, CloudUnavailable),
        ("MessageRejected", 400, MailRefused),
        ("BadRequestException", 400, MailRefused),
        ("MailFromDomainNotVerifiedException", 400, MailRefused),
        ("AccountSuspendedException", 400, MailRefused),
        ("AccessDeniedException", 403, MailRefused),
    ],
)
def test_a_refusal_that_time_mends_is_told_from_one_that_stays(code: str, status: int, expected: type[Exception]) -> None:
    with Stubber(AWS.client("sesv2")) as ses:
        ses.add_client_error("send_email", code, http_status_code=status)
        with pytest.raises(expected) as seen:
            send()
        assert getattr(seen.value, "facts", {}) == {"reason": code}


def test_nobody_at_the_address_is_unavailable() -> None:
    nowhere = Aws("us-east-1", "http://127.0.0.1:1", "test", "test")
    with pytest.raises(CloudUnavailable):
        send_mail(nowhere, sender=SENDER, recipient="ana@example.com", message=MAIL)
