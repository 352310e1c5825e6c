"""SES: hand one finished message over, and know whether asking again can help."""

from shared.cloud.session import Aws, CloudUnavailable
from shared.errors import AppError

_PASSING = frozenset(
    {
        "TooManyRequestsException",
        "LimitExceededException",
        "SendingPausedException",
        "Throttling",
        "ThrottlingException",
        "RequestTimeout",
        "RequestTimeTooSkewed",
        "RequestExpired",
        "ExpiredToken",
        "ExpiredTokenException",
    }
)
"""Refusals with a status below 500 that time alone mends."""


class MailRefused(AppError):
    """SES will say the same again; `reason` is its code. Its words are not kept: they repeat addresses."""

    status, slug = 502, "mail-refused"


def send_mail(aws: Aws, *, sender: str, recipient: str, message: bytes) -> str:
    """SES's id of the message (RFC 5322, whole) for one recipient. MailRefused, or CloudUnavailable when a retry may help."""
    from botocore.exceptions import BotoCoreError, ClientError  # boto3 is loaded with its first use

    try:
        answer = aws.client("sesv2").send_email(
            FromEmailAddress=sender, Destination={"ToAddresses": [recipient]}, Content={"Raw": {"Data": message}}
        )
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status >= 500 or status == 429 or code in _PASSING:
            raise CloudUnavailable(reason=code) from error
        raise MailRefused(reason=code) from error
    except BotoCoreError as error:
        raise CloudUnavailable(reason=type(error).__name__) from error
    return str(answer["MessageId"])


def ensure_sender(aws: Aws, identity: str) -> None:
    """Register an address or a domain to send from; for emulators, where nobody has to prove that it is theirs."""
    client = aws.client("sesv2")
    try:
        client.create_email_identity(EmailIdentity=identity)
    except client.exceptions.AlreadyExistsException:
        return
