"""What SES was given, as mails that can be read; facts that ask for a mail; and the outside made worse for a while."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from functions.notify.handlers import JOBS
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.events.envelope import Envelope
from shared.events.event import Event
from shared.events.people import PasswordResetAsked, PersonInvited
from shared.http.work import run_due
from tests.data.facts import delivered, example, signed
from tests.functions.auth.people import Somebody
from tests.house import House


def mails_to(address: str) -> list[EmailMessage]:
    """Every mail to this address, oldest first."""
    sent = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
    read = [message_from_string(m.raw_data, policy=default) for m in sent if address in m.destinations]
    return [mail for mail in read if isinstance(mail, EmailMessage)]


def part(mail: EmailMessage, kind: str) -> str:
    """The `plain` or the `html` part."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def token_in(mail: EmailMessage) -> str:
    found = re.search(r"#token=([\w-]{20,})", part(mail, "plain"))
    assert found
    return found[1]


def person(house: House, *, name: str = "Ana Pérez", company: str | None = None) -> Somebody:
    """Somebody who was never mailed, with a role in a company."""
    made = Somebody(f"{uuid7()}@example.com", company or uuid7(), uuid7())
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("INSERT INTO auth.users (id, email, name) VALUES (CAST(:i AS uuid), :e, :n)", i=made.id, e=made.email, n=name)
        tx.rows("INSERT INTO auth.companies VALUES (:c, 'EMPRESA DE PRUEBA SRL', 'testecf') ON CONFLICT DO NOTHING", c=made.tenant)
        tx.rows(
            "INSERT INTO auth.grants (user_id, company, role) VALUES (CAST(:i AS uuid), :c, 'issuer')", i=made.id, c=made.tenant
        )
    return made


def owner(house: House, company: str | None = None) -> Somebody:
    """Somebody who owns a company."""
    somebody = person(house, company=company)
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.grants SET role = 'owner' WHERE user_id = CAST(:u AS uuid)", u=somebody.id)
    return somebody


def told(house: House, fact: Event, company: str, *, at: datetime | None = None) -> Envelope:
    """A fact about a company, by its emitter."""
    return _at(house, signed(house.keys[fact.emitter], fact, tenant=company), fact.emitter, at)


def invited(house: House, somebody: Somebody, *, at: datetime | None = None) -> Envelope:
    fact = example(PersonInvited, company=somebody.tenant)
    return _at(house, signed(house.keys["auth"], fact, tenant=somebody.tenant, subject=somebody.id), "auth", at)


def reset_asked(house: House, somebody: Somebody, *, at: datetime | None = None) -> Envelope:
    return _at(house, signed(house.keys["auth"], example(PasswordResetAsked), tenant=PLATFORM, subject=somebody.id), "auth", at)


def _at(house: House, envelope: Envelope, emitter: str, at: datetime | None) -> Envelope:
    moved = replace(envelope, time=at or envelope.time)
    return replace(moved, sig=house.keys[emitter].sign(moved.message()))


def deliver(house: House, envelope: Envelope) -> int:
    headers, body = delivered(envelope)
    return house.client("notify").post("/events", content=body, headers=headers).status_code


@contextmanager
def outside(house: House, **change: object) -> Iterator[None]:
    """The gateway with parts replaced."""
    shell = house.shell("notify")
    app: Any = house.client("notify").app
    app.state.shell = replace(shell, outside=replace(shell.outside, **change))
    try:
        yield
    finally:
        app.state.shell = shell


def work_again(house: House, tenant: str, mail: str) -> int:
    """Make the job due and let notify work, as relay's wake-up would."""
    with house.database("notify").transaction(tenant) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() WHERE key = :k AND state = 'pending'", k=mail)
    return run_due(house.shell("notify"), JOBS, jobs=5, seconds=20)


def job(house: House, tenant: str, mail: str) -> Any:
    with house.database("notify").transaction(tenant) as tx:
        return tx.rows("SELECT state, failures, last_error, due_at FROM flow.work WHERE key = :k", k=mail)[0]


def row(house: House, mail: str) -> Any:
    with house.database("notify").transaction(PLATFORM) as tx:
        return tx.rows("SELECT * FROM notify.mails WHERE id = CAST(:m AS uuid)", m=mail)[0]


def rows(house: House, company: str) -> list[Any]:
    """Every mail on behalf of the company."""
    with house.database("notify").transaction(PLATFORM) as tx:
        return list(tx.rows("SELECT * FROM notify.mails WHERE company = :c", c=company))
