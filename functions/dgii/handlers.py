"""A signed document becomes a submission and a job; the job takes it through DGII step by step."""

import base64
import gzip
import json
import logging
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from functions.dgii import domain, store
from functions.dgii.domain import Decision, Step, Submission
from functions.dgii.gateway import Authority
from functions.dgii.observations import Blocked, Lost, Observation, TakenByAnother
from shared.db.engine import Transaction
from shared.events.catalogue import EcfSigned
from shared.events.envelope import Envelope
from shared.events.sequences import SequenceForeignUse
from shared.flow.work import Job
from shared.http.events import Events
from shared.http.shell import Shell
from shared.http.work import Jobs

log = logging.getLogger(__name__)

SUBMISSION = "submission"
INLINE = timedelta(seconds=5)


def take_signed(shell: Shell[Authority], tx: Transaction, event: EcfSigned, envelope: Envelope) -> None:
    """Remember the bytes that will travel, and that they must."""
    submission = Submission(
        encf=event.encf,
        intento=event.intento,
        invoice_id=event.invoice_id,
        environment=event.environment,
        channel="rfce" if event.rfce else "ecf",
        rnc_emisor=event.rnc_emisor,
        rnc_comprador=event.rnc_comprador or "",
        tipo_ecf=event.tipo_ecf,
        monto_total=event.monto_total,
        codigo_seguridad=event.codigo_seguridad,
        certificate_id=event.certificate_id,
        sha256=event.sha256,
        xml=gzip.decompress(base64.b64decode(event.rfce or event.ecf)),
        created_at=envelope.time,
    )
    store.add(tx, submission)
    shell.work.add(tx, SUBMISSION, submission.key)


def submit(shell: Shell[Authority], job: Job) -> None:
    """Take one submission as far as it goes now: send, then look a few times, then leave the rest to its due time."""
    encf, _, intento = job.key.partition(":")
    started = datetime.now(UTC)
    while True:
        submission, step = _begin(shell, job, encf, int(intento))
        if submission is None or step is None:
            return
        seen = shell.outside.perform(step, job.tenant, submission)
        pause = _record(shell, job, submission, step, seen, stays_until=started + INLINE)
        if pause is None:
            return
        shell.outside.pause(pause.total_seconds())


def _begin(shell: Shell[Authority], job: Job, encf: str, intento: int) -> tuple[Submission | None, Step | None]:
    """What to do next; an intent to send is committed before anything leaves. The job ends here when nothing is left."""
    with shell.transaction(job.tenant) as tx:
        submission = store.load(tx, encf, intento)
        step = domain.next_step(submission) if submission else None
        if submission is None or step is None:
            shell.work.finish(tx, job)
            return None, None
        intended = domain.intend(submission, datetime.now(UTC)) if step is Step.SEND else domain.recover(submission)
        if intended != submission:
            version = store.save(tx, intended, step=step.value, detail="intent" if step is Step.SEND else "recovered")
            intended = replace(intended, version=version)
    return intended, step


def _record(
    shell: Shell[Authority],
    job: Job,
    submission: Submission,
    step: Step,
    seen: Observation,
    *,
    stays_until: datetime,
) -> timedelta | None:
    """Make the observation durable; how long this worker waits before its next look, None when it is through."""
    now = datetime.now(UTC)
    with shell.transaction(job.tenant) as tx:
        track_id = getattr(seen, "track_id", None)
        if track_id and store.is_foreign_track_id(tx, submission, track_id):
            log.error("DGII gave the trackId of another document", extra={"encf": submission.encf})
            seen = Lost("the trackId belongs to another document")
        decision = domain.decide(submission, seen, now, shell.outside.quarantine)
        moved = decision.submission
        version = store.save(tx, moved, step=step.value, detail=_evidence(seen))
        if decision.announce is not None:
            event = decision.announce(
                invoice_id=moved.invoice_id,
                encf=moved.encf,
                intento=moved.intento,
                tipo_ecf=moved.tipo_ecf,
                monto_total=moved.monto_total,
                track_id=moved.track_id,
                mensajes=[{"codigo": m.codigo, "valor": m.valor} for m in moved.mensajes],
                secuencia_utilizada=moved.secuencia_utilizada,
                observed_at=now.isoformat(),
            )
            shell.announce(tx, event, subject=moved.invoice_id, sequence=version)
        if decision.foreign:
            told = SequenceForeignUse(
                invoice_id=moved.invoice_id, encf=moved.encf, tipo_ecf=moved.tipo_ecf, observed_at=now.isoformat()
            )
            shell.announce(tx, told, subject=moved.encf, sequence=version)
        stays = decision.again is not None and now + decision.again <= stays_until
        if not stays:
            _end(shell, tx, job, decision)
    if isinstance(seen, Blocked | TakenByAnother) or decision.bury:
        reason = decision.bury or type(seen).__name__
        log.warning("a document needs people", extra={"encf": moved.encf, "reason": reason})
    return decision.again if stays else None


def _end(shell: Shell[Authority], tx: Transaction, job: Job, decision: Decision) -> None:
    if decision.bury is not None:
        shell.work.bury(tx, job, decision.bury)
    elif decision.again is None:
        shell.work.finish(tx, job)
    else:
        shell.work.postpone(tx, job, decision.again)


def _evidence(seen: Observation) -> str:
    """The raw answer when there is one, otherwise what was observed."""
    raw = getattr(getattr(seen, "outcome", None), "raw", "")
    return raw or json.dumps({type(seen).__name__: asdict(seen)}, ensure_ascii=False, default=str)


EVENTS: Events = {EcfSigned: take_signed}
JOBS: Jobs = {SUBMISSION: submit}
