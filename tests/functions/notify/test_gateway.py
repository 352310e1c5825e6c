"""One attempt and what it saw: auth gone, auth saying no, an address nobody can write to, SES refusing or busy."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from botocore.stub import Stubber

from functions.notify.domain import Kind, Mail, Never, NotNow, Sent
from functions.notify.gateway import Post
from shared.cloud.session import Aws
from shared.db.seal import PLATFORM
from shared.identity.callee import Callee
from tests.functions.auth.people import Somebody
from tests.functions.notify.post import mails_to, person
from tests.house import House


@pytest.fixture
def post(house: House) -> Post:
    made: Post = house.shell("notify").outside
    return made


@pytest.fixture
def somebody(house: House) -> Somebody:
    return person(house)


def mail(somebody: Somebody, kind: Kind = Kind.INVITATION) -> Mail:
    return Mail("m", kind, somebody.id, somebody.tenant, datetime.now(UTC))


def test_a_mail_that_ses_took_is_told_with_its_id_and_a_masked_address(post: Post, somebody: Somebody) -> None:
    seen = post.deliver(mail(somebody))
    assert isinstance(seen, Sent)
    assert seen.address == f"{somebody.email[0]}***@example.com"
    assert len(mails_to(somebody.email)) == 1


def test_auth_that_does_not_answer_may_answer_later(post: Post, house: House, somebody: Somebody) -> None:
    gone = replace(post, auth=Callee("auth", "http://127.0.0.1:1", house.keys["notify"]))
    assert gone.deliver(mail(somebody)) == NotNow("auth does not answer")


def test_a_key_that_auth_does_not_believe_is_ours_to_mend(post: Post, house: House, somebody: Somebody) -> None:
    stranger = replace(post, auth=Callee("auth", house.address("auth"), house.keys["dgii"]))
    assert stranger.deliver(mail(somebody)) == NotNow("auth answered 401")


def test_nobody_is_written_to_whom_auth_does_not_know_or_has_disabled(post: Post, house: House, somebody: Somebody) -> None:
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.users SET disabled_at = now() WHERE id = CAST(:u AS uuid)", u=somebody.id)
    assert post.deliver(mail(somebody)) == Never("person-unknown")


def test_an_address_that_no_mail_reaches_is_not_tried_again(post: Post, house: House, somebody: Somebody) -> None:
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.users SET email = :e WHERE id = CAST(:u AS uuid)", u=somebody.id, e=f"ñ{somebody.email}")
    assert post.deliver(mail(somebody)) == Never("address-unusable")


def test_a_sender_that_ses_does_not_know_as_ours_is_refused(post: Post, somebody: Somebody) -> None:
    assert replace(post, sender="otro@otro.example").deliver(mail(somebody)) == Never("SES MessageRejected")


def test_ses_that_is_busy_may_take_it_later(post: Post, somebody: Somebody) -> None:
    with Stubber(post.aws.client("sesv2")) as ses:
        for _ in range(3):  # boto asks again by itself first
            ses.add_client_error("send_email", "TooManyRequestsException", http_status_code=429)
        assert post.deliver(mail(somebody)) == NotNow("SES TooManyRequestsException")


def test_ses_that_is_not_there_may_be_there_later(post: Post, somebody: Somebody) -> None:
    nowhere = replace(post, aws=Aws("us-east-1", "http://127.0.0.1:1", "test", "test"))
    assert nowhere.deliver(mail(somebody)) == NotNow("SES EndpointConnectionError")
