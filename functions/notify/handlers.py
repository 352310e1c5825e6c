"""A fact becomes a mail and a job; the job asks auth for a link and has SES send it. And the platform's list of mails.

A fact about a company becomes a job first, which asks auth for the owners and makes a mail for each.
"""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query

from functions.notify import store
from functions.notify.domain import NEWS, Kind, Mail, Never, News, NotNow, Sent, State, letter_of
from functions.notify.gateway import Post
from functions.notify.schemas import MailOut, MailPage
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
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


def on_news(shell: Shell[Post], tx: Transaction, event: News, envelope: Envelope) -> None:
    """The job bears the name of the letter, so that it is written once, however often and by how many facts it is asked for."""
    name = letter_of(event, envelope.id, envelope.time)
    if name is None:
        return
    kind = next(kind for kind, fact in NEWS.items() if isinstance(event, fact))
    payload = {"kind": kind.value, "asked_at": envelope.time.isoformat(), "news": event.model_dump()}
    shell.work.add(tx, OWNERS, name, payload)


def write_to_owners(shell: Shell[Post], job: Job) -> None:
    """A mail for each owner, which bears what it says in its own job. Errors of auth put this job back."""
    owners = shell.outside.owners(job.tenant)
    kind, asked_at = Kind(job.payload["kind"]), datetime.fromisoformat(job.payload["asked_at"])
    with shell.transaction(job.tenant) as tx:
        for owner in owners:
            mail = Mail(uuid7(), kind, owner.person_id, job.tenant, asked_at)
            store.add(tx, mail)
            shell.work.add(tx, MAIL, mail.id, job.payload["news"])
        shell.work.finish(tx, job)


def _news(kind: Kind, job: Job) -> News | None:
    """What a letter to owners tells; the other mails' jobs remember nothing."""
    return NEWS[kind].model_validate(job.payload) if kind in NEWS else None


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
    seen = shell.outside.deliver(replace(mail, news=_news(mail.kind, job)))
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

EVENTS: Events = {PersonInvited: on_invited, PasswordResetAsked: on_reset_asked, **dict.fromkeys(NEWS.values(), on_news)}

JOBS: Jobs = {MAIL: send, OWNERS: write_to_owners}
