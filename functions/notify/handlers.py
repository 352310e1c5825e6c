"""A fact becomes a mail and a job; the job asks auth for a link and has SES send it. And the platform's list of mails.

A fact about a company becomes a job first, which asks auth for the owners and makes a mail for each.
"""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query

from functions.notify import store
from functions.notify.domain import Expiry, Kind, Mail, Never, NotNow, Sent, State
from functions.notify.gateway import Post
from functions.notify.schemas import MailOut, MailPage
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.events.certificates import CertificateExpiring
from shared.events.envelope import Envelope
from shared.events.people import PasswordResetAsked, PersonInvited
from shared.flow.work import Job, backoff
from shared.http.events import Events
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.http.work import FAILURES, Jobs
from shared.identity.permissions import Permission

House = Annotated[Shell[Post], Depends(shell_of)]
MAIL, OWNERS = "mail", "owners"
log = logging.getLogger(__name__)


def on_invited(shell: Shell[Post], tx: Transaction, event: PersonInvited, envelope: Envelope) -> None:
    _ask(shell, tx, Mail(envelope.id, Kind.INVITATION, envelope.subject, event.company, envelope.time))


def on_reset_asked(shell: Shell[Post], tx: Transaction, event: PasswordResetAsked, envelope: Envelope) -> None:
    _ask(shell, tx, Mail(envelope.id, Kind.PASSWORD_RESET, envelope.subject, None, envelope.time))


def _ask(shell: Shell[Post], tx: Transaction, mail: Mail) -> None:
    """The mail bears the id of the event behind it, so that one fact is one mail."""
    store.add(tx, mail)
    shell.work.add(tx, MAIL, mail.id)


def on_expiring(shell: Shell[Post], tx: Transaction, event: CertificateExpiring, envelope: Envelope) -> None:
    """A company that has the next certificate already needs no letter."""
    if event.replaced:
        return
    facts = {"holder": event.holder_name, "days_left": event.days_left, "not_after": event.not_after}
    shell.work.add(tx, OWNERS, envelope.id, facts | {"asked_at": envelope.time.isoformat()})


def write_to_owners(shell: Shell[Post], job: Job) -> None:
    """A mail for each owner, which bears what it says in its own job. Errors of auth put this job back."""
    owners = shell.outside.owners(job.tenant)
    asked_at = datetime.fromisoformat(job.payload["asked_at"])
    with shell.transaction(job.tenant) as tx:
        for owner in owners:
            mail = Mail(uuid7(), Kind.CERTIFICATE_EXPIRING, owner.person_id, job.tenant, asked_at)
            store.add(tx, mail)
            shell.work.add(tx, MAIL, mail.id, job.payload)
        shell.work.finish(tx, job)


def _expiry(job: Job) -> Expiry | None:
    """What a warning says; the other mails' jobs remember nothing."""
    said = job.payload
    return Expiry(said["holder"], said["days_left"], datetime.fromisoformat(said["not_after"])) if said else None


def send(shell: Shell[Post], job: Job) -> None:
    """One attempt. A crash after SES took the mail and before that was recorded sends it once more, with a secret of its own."""
    with shell.transaction(job.tenant) as tx:
        mail = store.load(tx, job.key)
        if mail is None or mail.over:
            shell.work.finish(tx, job)
            return
        if mail.stale(datetime.now(UTC)):
            store.record(tx, mail.id, State.EXPIRED, reason="too late")
            shell.work.finish(tx, job)
            return
    seen = shell.outside.deliver(replace(mail, expiry=_expiry(job)))
    with shell.transaction(job.tenant) as tx:
        match seen:
            case Sent():
                store.record(tx, mail.id, State.SENT, sent=seen)
                shell.work.finish(tx, job)
            case NotNow(reason) if job.failures + 1 < FAILURES:
                store.record(tx, mail.id, State.PENDING, reason=reason)
                shell.work.postpone(tx, job, backoff(job.failures + 1), error=reason)
            case NotNow(reason) | Never(reason):
                store.record(tx, mail.id, State.FAILED, reason=reason)
                shell.work.bury(tx, job, reason)
                log.warning("a mail needs people", extra={"mail": mail.id, "kind": mail.kind.value, "reason": reason})


def mails(caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None) -> MailPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(PLATFORM) as tx:
        rows = store.page(tx, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return MailPage(items=[_out(row) for row in rows[:limit]], next=following)


def _out(row: Record) -> MailOut:
    times = {"asked_at": row.asked_at.isoformat(), "ended_at": row.ended_at and row.ended_at.isoformat()}
    return MailOut(**{**row._mapping, **times})


ROUTES = [Route("GET", "/admin/mails", mails, Permission.MAILS_READ, summary="Mails and what became of them, newest first")]

EVENTS: Events = {PersonInvited: on_invited, PasswordResetAsked: on_reset_asked, CertificateExpiring: on_expiring}

JOBS: Jobs = {MAIL: send, OWNERS: write_to_owners}
