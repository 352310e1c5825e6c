"""A signed ANECF becomes a job that brings it to DGII and tells billing its answer."""

from datetime import UTC, datetime

from functions.dgii.gateway import Authority
from shared.db.engine import Transaction
from shared.dgii.failures import AnswerLost, AuthorityTokenRefused, SeedRefused, SignerNotDelegated, SubmissionRefused
from shared.dgii.services import Processed
from shared.ecf.types import Environment
from shared.errors import AppError
from shared.events.envelope import Envelope
from shared.events.packed import unpack
from shared.events.voidings import VoidingAnswered, VoidingSigned
from shared.flow.work import Job, backoff
from shared.http.shell import Shell
from shared.signer.client import SigningRefused

VOIDING = "voiding"
_USED = ("utilizad", "no fue posible anular")
_REFUSALS = (SignerNotDelegated, SeedRefused, SigningRefused, AuthorityTokenRefused, SubmissionRefused)


def take_voiding(shell: Shell[Authority], tx: Transaction, event: VoidingSigned, envelope: Envelope) -> None:
    """The job holds the bytes: they travel once, and their answer is billing's to keep."""
    shell.work.add(tx, VOIDING, event.voiding_id, event.model_dump())


def bring(shell: Shell[Authority], job: Job) -> None:
    """Send it until DGII has answered; after a lost answer the same bytes go again, and what is used by then was voided by them."""
    lost = bool(job.payload.get("lost"))
    signed = VoidingSigned.model_validate({name: value for name, value in job.payload.items() if name != "lost"})
    try:
        seen = _send(shell.outside, job.tenant, signed)
    except AnswerLost:
        with shell.transaction(job.tenant) as tx:
            shell.work.postpone(tx, job, backoff(job.attempts), payload=job.payload | {"lost": True})
        return
    except _REFUSALS as refusal:
        answer = _answer(signed, "refused", [_words(refusal)])
    else:
        if seen.transient:
            with shell.transaction(job.tenant) as tx:
                shell.work.postpone(tx, job, backoff(job.attempts))
            return
        answer = _answer(signed, outcome(seen, lost=lost), list(seen.words))
    with shell.transaction(job.tenant) as tx:
        shell.announce(tx, answer, subject=signed.voiding_id)
        shell.work.finish(tx, job)


def outcome(seen: Processed, *, lost: bool) -> str:
    """What DGII's answer says of the numbers; `lost`: an earlier answer to the same bytes never came."""
    if seen.done:
        return "partial" if len(seen.words) > 1 else "done"
    if not any(sign in words.lower() for words in seen.words for sign in _USED):
        return "refused"
    return "done" if lost else "used"


def _send(authority: Authority, tenant: str, signed: VoidingSigned) -> Processed:
    xml, name = unpack(signed.anecf), f"{signed.rnc_emisor}ANECF.xml"
    return authority.ask(tenant, Environment(signed.environment), signed.certificate_id, lambda d, t: d.void(t, name, xml))


def _answer(signed: VoidingSigned, outcome: str, words: list[str]) -> VoidingAnswered:
    return VoidingAnswered.model_validate(
        {
            "voiding_id": signed.voiding_id,
            "outcome": outcome,
            "mensajes": words,
            "observed_at": datetime.now(UTC).isoformat(),
        }
    )


def _words(refusal: AppError) -> str:
    return str(refusal.facts.get("reason") or refusal.slug)
