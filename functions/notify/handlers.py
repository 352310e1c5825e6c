"""A fact becomes a mail and a job; the job asks auth for a link and has SES send it. And the platform's list of mails."""

import logging
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query

from functions.notify import store
from functions.notify.domain import Kind, Mail, Never, NotNow, Sent, State
from functions.notify.gateway import Post
from functions.notify.schemas import MailOut, MailPage
from shared.db.engine import Record, Transaction
from shared.db.seal import PLATFORM
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
MAIL = "mail"
log = logging.getLogger(__name__)


def on_invited(shell: Shell[Post], tx: Transaction, event: PersonInvited, envelope: Envelope) -> None:
    _ask(shell, tx, Mail(envelope.id, Kind.INVITATION, envelope.subject, event.company, envelope.time))


def on_reset_asked(shell: Shell[Post], tx: Transaction, event: PasswordResetAsked, envelope: Envelope) -> None:
    _ask(shell, tx, Mail(envelope.id, Kind.PASSWORD_RESET, envelope.subject, None, envelope.time))


def _ask(shell: Shell[Post], tx: Transaction, mail: Mail) -> None:
    """The mail bears the id of the event behind it, so that one fact is one mail."""
    store.add(tx, mail)
    shell.work.add(tx, MAIL, mail.id)


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
    seen = shell.outside.deliver(mail)
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

EVENTS: Events = {PersonInvited: on_invited, PasswordResetAsked: on_reset_asked}

JOBS: Jobs = {MAIL: send}
