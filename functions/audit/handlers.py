"""Sealing as a job, and the auditor's door."""

import json
from typing import Annotated

from fastapi import Depends, Query

from functions.audit import domain, store
from functions.audit.schemas import RecordOut, RecordPage, VerifyOut
from shared.flow.work import Job
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.http.work import Jobs
from shared.identity.permissions import Permission

House = Annotated[Shell[None], Depends(shell_of)]
BATCH = 1000
NEWEST = 2**62


def seal(shell: Shell[None], job: Job) -> None:
    """Seal everything the tenant has recorded, a thousand facts a transaction."""
    while _seal_batch(shell, job.tenant) == BATCH:
        continue
    with shell.transaction(job.tenant) as tx:
        shell.work.finish(tx, job)


def _seal_batch(shell: Shell[None], tenant: str) -> int:
    with shell.transaction(tenant) as tx:
        seq, hash_prev = store.lock_head(tx)
        sealed: list[domain.Sealed] = []
        for fact in store.unsealed(tx, BATCH):
            sealed.append(domain.seal(tenant, seq + len(sealed) + 1, sealed[-1].hash_curr if sealed else hash_prev, fact))
        if sealed:
            store.add(tx, sealed)
    return len(sealed)


def verify(caller: Caller, shell: House) -> VerifyOut:
    with shell.transaction(caller.tenant) as tx:
        seq, head, last = store.head(tx)
        verdict = domain.verify(store.chain(tx, last), seq=seq, head=head)
        pending = store.pending(tx)
    return VerifyOut(
        intact=verdict.broken_at is None,
        records=verdict.records,
        head=verdict.head,
        broken_at=verdict.broken_at,
        pending=pending,
    )


def logs(caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None) -> RecordPage:
    position = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = store.page(tx, before=int(position) if position else NEWEST, limit=limit + 1)
    items = [
        RecordOut(
            seq=r.seq,
            record=json.loads(r.record),
            hash_prev=r.hash_prev,
            hash_curr=r.hash_curr,
            sealed_at=r.sealed_at.isoformat(),
        )
        for r in rows[:limit]
    ]
    return RecordPage(items=items, next=seal_cursor(str(items[-1].seq), caller.tenant) if len(rows) > limit else None)


ROUTES = [
    Route("GET", "/audit/verify", verify, Permission.AUDIT_READ, summary="Recompute the company's whole chain"),
    Route("GET", "/audit/logs", logs, Permission.AUDIT_READ, summary="Sealed records, newest first"),
]

JOBS: Jobs = {"seal": seal}
