"""A signed ANECF becomes a job that brings it to DGII and tells billing its answer."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from functions.dgii.decision import BLOCKED_FOR
from functions.dgii.domain import LONGEST_BACKOFF
from functions.dgii.gateway import Authority
from functions.dgii.voided import Verdict, asked_for, verdict
from shared.db.engine import Transaction
from shared.dgii.failures import AnswerLost, AuthorityTokenRefused, SeedRefused, SignerNotDelegated, SubmissionRefused
from shared.dgii.services import Processed
from shared.ecf.types import Environment
from shared.errors import AppError, Unavailable
from shared.events.envelope import Envelope
from shared.events.packed import unpack
from shared.events.voidings import VoidingAnswered, VoidingSigned
from shared.flow.work import Job, backoff
from shared.http.shell import Shell
from shared.signer.client import SigningRefused

log = logging.getLogger(__name__)

VOIDING = "voiding"
IN_DOUBT, TOLD = "lost", "told"
"""What the job remembers beside the fact: a sending may have arrived; people were told that they must look."""

_BLOCKED = (SignerNotDelegated, SeedRefused, SigningRefused, AuthorityTokenRefused)


def take_voiding(shell: Shell[Authority], tx: Transaction, event: VoidingSigned, envelope: Envelope) -> None:
    """The job holds the bytes: they travel until they have an answer, and the answer is billing's to keep."""
    shell.work.add(tx, VOIDING, event.voiding_id, event.model_dump())


def bring(shell: Shell[Authority], job: Job) -> None:
    """Send it until DGII has answered, however long it is away; what may have arrived once never sets its numbers free."""
    signed, in_doubt = _fact(job), bool(job.payload.get(IN_DOUBT))
    with shell.transaction(job.tenant) as tx:
        job = shell.work.remember(tx, job, job.payload | {IN_DOUBT: True})
    try:
        seen = _send(shell.outside, job.tenant, signed)
    except AnswerLost as error:
        _again(shell, job, error)
    except Unavailable as error:
        _again(shell, job, error, in_doubt=in_doubt)
    except _BLOCKED as error:
        _blocked(shell, job, signed, error, in_doubt=in_doubt)
    else:
        _answer(shell, job, signed, verdict(seen, asked_for(unpack(signed.anecf)), in_doubt=in_doubt), seen.words)


def _fact(job: Job) -> VoidingSigned:
    return VoidingSigned.model_validate({name: job.payload[name] for name in VoidingSigned.model_fields})


def _send(authority: Authority, tenant: str, signed: VoidingSigned) -> Processed:
    xml, name = unpack(signed.anecf), f"{signed.rnc_emisor}ANECF.xml"
    try:
        return authority.ask(tenant, Environment(signed.environment), signed.certificate_id, lambda d, t: d.void(t, name, xml))
    except SubmissionRefused as refusal:
        said = refusal.outcome
        return Processed(False, tuple(m.valor for m in said.mensajes), said.raw)


def _again(shell: Shell[Authority], job: Job, error: AppError, *, in_doubt: bool = True) -> None:
    """`in_doubt`: whether any sending so far may have arrived."""
    wait = error.facts.get("retry_after")
    pause = timedelta(seconds=wait) if isinstance(wait, int) else backoff(job.attempts, cap=LONGEST_BACKOFF)
    with shell.transaction(job.tenant) as tx:
        shell.work.postpone(tx, job, pause, payload=job.payload | {IN_DOUBT: in_doubt})


def _blocked(shell: Shell[Authority], job: Job, signed: VoidingSigned, error: AppError, *, in_doubt: bool) -> None:
    """Nothing was taken now; what may have been taken before is asked for again once people have mended what blocks it."""
    words = [str(error.facts.get("reason") or error.slug)]
    if not in_doubt:
        _answer(shell, job, signed, Verdict("refused"), words)
        return
    with shell.transaction(job.tenant) as tx:
        if not job.payload.get(TOLD):
            _announce(shell, tx, job, signed, Verdict("unclear"), words)
        shell.work.postpone(tx, job, BLOCKED_FOR, payload=job.payload | {TOLD: True})


def _answer(shell: Shell[Authority], job: Job, signed: VoidingSigned, found: Verdict, words: Sequence[str]) -> None:
    with shell.transaction(job.tenant) as tx:
        _announce(shell, tx, job, signed, found, words)
        shell.work.finish(tx, job)


def _announce(
    shell: Shell[Authority], tx: Transaction, job: Job, signed: VoidingSigned, found: Verdict, words: Sequence[str]
) -> None:
    if found.outcome == "unclear":
        log.warning("a voiding needs people", extra={"voiding": signed.voiding_id, "reason": " ".join(words)[:500]})
    event = VoidingAnswered(
        voiding_id=signed.voiding_id,
        outcome=found.outcome,
        mensajes=list(words),
        left_out=[(str(first), str(last)) for first, last in found.left_out],
        observed_at=datetime.now(UTC).isoformat(),
    )
    shell.announce(tx, event, subject=signed.voiding_id, sequence=2 if job.payload.get(TOLD) else 1)
