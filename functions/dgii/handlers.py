"""A signed document becomes a submission and a job; the job takes it through DGII step by step."""

import json
import logging
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from functions.dgii import blocks, clients, domain, portal, store, survey, voiding, watch, withdrawal
from functions.dgii.alarms import Alarm, Code
from functions.dgii.attempt import FINAL, REVIEW, SUBMISSION, Submission
from functions.dgii.decision import BLOCKED_FOR, Decision
from functions.dgii.domain import Step
from functions.dgii.gateway import Authority
from functions.dgii.observations import Lost, NotFound, Observation
from functions.dgii.pace import USUAL, Pace, Waits
from functions.dgii.reasons import evidence
from functions.dgii.store import Standing
from shared.db.engine import Transaction
from shared.events.authority import Evidence, SubmissionAlarmed, SubmissionExplained
from shared.events.catalogue import CertificateRegistered, CompanyCreated, EcfSigned
from shared.events.certificates import CertificateRevoked
from shared.events.envelope import Envelope
from shared.events.packed import unpack
from shared.events.remission import EcfHeld
from shared.events.sequences import ReconciliationBegan, SequenceForeignUse
from shared.events.voidings import VoidingSigned
from shared.events.withdrawal import WithdrawalAsked
from shared.flow.work import Job
from shared.http.events import Events
from shared.http.shell import Shell
from shared.http.work import Jobs

log = logging.getLogger(__name__)

INLINE = timedelta(seconds=5)
BLOCK_SEEN_AFTER = timedelta(minutes=10)
"""So long after a block has ended its last document goes."""


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
        xml=unpack(event.rfce or event.ecf),
        created_at=envelope.time,
    )
    store.add(tx, submission)
    if event.remitir_hasta:
        store.keep_deadline(tx, event.invoice_id, event.remitir_hasta)
    shell.work.add(tx, SUBMISSION, submission.key)


def on_held(shell: Shell[Authority], tx: Transaction, event: EcfHeld, envelope: Envelope) -> None:
    store.keep_deadline(tx, event.invoice_id, event.remitir_hasta)


def on_company(shell: Shell[Authority], tx: Transaction, event: CompanyCreated, envelope: Envelope) -> None:
    clients.remember_company(tx, event.rnc, event.environment)


def on_certificate(shell: Shell[Authority], tx: Transaction, event: CertificateRegistered, envelope: Envelope) -> None:
    starts = datetime.fromisoformat(event.active_from) if event.active_from else envelope.time
    clients.remember_certificate(tx, event.certificate_id, starts)


def on_revoked(shell: Shell[Authority], tx: Transaction, event: CertificateRevoked, envelope: Envelope) -> None:
    clients.forget_certificate(tx, event.certificate_id, envelope.time)


def submit(shell: Shell[Authority], job: Job) -> None:
    """Take one submission as far as it goes now: send, then look a few times, then leave the rest to its due time."""
    stays_until = time.monotonic() + INLINE.total_seconds()
    _watch(shell)
    while True:
        begun = _begin(shell, job)
        if begun is None:
            return
        standing, step = begun
        seen = shell.outside.perform(step, job.tenant, standing.submission)
        watch.tell(shell, standing.submission.environment)
        pause = _record(shell, job, standing, step, seen, stays_until=stays_until)
        if pause is None:
            return
        shell.outside.pause(pause.total_seconds())


def _watch(shell: Shell[Authority]) -> None:
    """Once a process: the look at DGII's status service is among the jobs."""
    if not shell.outside.watching:
        watch.ensure(shell)
        shell.outside.watching = True


def _begin(shell: Shell[Authority], job: Job) -> tuple[Standing, Step] | None:
    """What to do next; an intent to send is committed before anything leaves. The job ends here when nothing is left, and waits
    while its signer is refused: whoever was refused goes first."""
    encf, _, intento = job.key.partition(":")
    with shell.transaction(job.tenant) as tx:
        standing = store.standing(tx, encf, int(intento))
        step = domain.next_step(standing.submission) if standing else None
        if standing is None or step is None:
            shell.work.finish(tx, job)
            return None
        submission, now = standing.submission, standing.clock.now()
        if standing.blocked_until and not submission.failures:
            shell.work.postpone(tx, job, min(standing.blocked_until - now, BLOCK_SEEN_AFTER))
            return None
        intended = domain.intend(submission, now) if step is Step.SEND else domain.recover(submission)
        if intended != submission:
            version = store.save(tx, intended, step=step.value, detail="intent" if step is Step.SEND else "recovered")
            standing = replace(standing, submission=replace(intended, version=version))
    return standing, step


def _record(
    shell: Shell[Authority], job: Job, standing: Standing, step: Step, seen: Observation, *, stays_until: float
) -> timedelta | None:
    """Make the observation durable; how long this worker waits before its next look, None when it is through."""
    submission, now = standing.submission, standing.clock.now()
    with shell.transaction(job.tenant) as tx:
        pace = _pace(shell, tx, submission)
        seen = _refuse_foreign_track_id(tx, submission, seen)
        decision = domain.decide(submission, seen, now, Waits(shell.outside.quarantine, pace.first_look))
        decision = _blocking(tx, standing, decision)
        moved = decision.submission
        version = store.save(tx, moved, step=step.value, detail=_evidence(seen))
        _announce(shell, tx, decision, evidence(submission, seen, decision), version, now)
        if step is Step.POLL and moved.estado in FINAL:
            _learn(tx, pace, submission, now)
        stays = decision.again is not None and time.monotonic() + decision.again.total_seconds() <= stays_until
        if not stays:
            _end(shell, tx, job, decision)
    return decision.again if stays else None


def _blocking(tx: Transaction, standing: Standing, decision: Decision) -> Decision:
    """One alarm a block, however many documents meet it; whoever gets through ends it."""
    if decision.blocked:
        reason = decision.alarm.detail if decision.alarm else ""
        return decision if blocks.block(tx, standing.submission, reason, BLOCKED_FOR) else replace(decision, alarm=None)
    if standing.blocked_until and decision.submission.failures <= standing.submission.failures:
        blocks.unblock(tx, standing.submission)
    return decision


def _refuse_foreign_track_id(tx: Transaction, submission: Submission, seen: Observation) -> Observation:
    track_id = getattr(seen, "track_id", None)
    if track_id and store.is_foreign_track_id(tx, submission, track_id):
        return Lost(f"the trackId {track_id} belongs to another document", Code.TRACK_ID_AJENO)
    return seen


def _announce(
    shell: Shell[Authority], tx: Transaction, decision: Decision, shown: Evidence | None, version: int, now: datetime
) -> None:
    """What was shown travels with the fact of the step; a step that has none, and is worth telling, is a fact of its own."""
    moved, at = decision.submission, now.isoformat()
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
            observed_at=at,
            evidence=shown,
        )
        shell.announce(tx, event, subject=moved.invoice_id, sequence=version)
    elif shown is not None:
        told = SubmissionExplained(
            invoice_id=moved.invoice_id, encf=moved.encf, intento=moved.intento, evidence=shown, observed_at=at
        )
        shell.announce(tx, told, subject=moved.invoice_id, sequence=version)
    if decision.alarm is not None:
        _alarm(shell, tx, moved, decision.alarm, version, now)
    if decision.foreign:
        use = SequenceForeignUse(invoice_id=moved.invoice_id, encf=moved.encf, tipo_ecf=moved.tipo_ecf, observed_at=at)
        shell.announce(tx, use, subject=moved.encf, sequence=version)


def _alarm(shell: Shell[Authority], tx: Transaction, s: Submission, alarm: Alarm, version: int, now: datetime) -> None:
    log.warning("a document needs people", extra={"encf": s.encf, "reason": alarm.code.value})
    store.note(tx, s, step="alarm", detail=f"{alarm.code.value}: {alarm.detail}")
    event = SubmissionAlarmed(
        invoice_id=s.invoice_id,
        encf=s.encf,
        intento=s.intento,
        code=alarm.code.value,
        detail=alarm.detail[:1000],
        observed_at=now.isoformat(),
    )
    shell.announce(tx, event, subject=s.invoice_id, sequence=version)


def _pace(shell: Shell[Authority], tx: Transaction, s: Submission) -> Pace:
    """What this process knows, begun with what the others kept."""
    key = (s.environment, s.tipo_ecf)
    if key not in shell.outside.paces:
        shell.outside.paces[key] = Pace(store.first_look(tx, *key) or USUAL)
    return shell.outside.paces[key]


def _learn(tx: Transaction, pace: Pace, s: Submission, now: datetime) -> None:
    pace.learn(s.polls, now - (s.posted_at or s.created_at))
    if first := pace.to_keep(time.monotonic()):
        store.keep_first_look(tx, s.environment, s.tipo_ecf, first)


def review(shell: Shell[Authority], job: Job) -> None:
    """Ask for a verdict that is there: kept as evidence; another verdict is an alarm, and what was said first stands."""
    encf, intento, _ = job.key.split(":")
    with shell.transaction(job.tenant) as tx:
        held = store.load(tx, encf, int(intento))
    if held is None or held.estado not in FINAL:
        seen: Observation = NotFound()
    else:
        seen = shell.outside.perform(Step.POLL if held.track_id else Step.QUERY, job.tenant, held)
    now = datetime.now(UTC)
    with shell.transaction(job.tenant) as tx:
        if held is not None:
            store.note(tx, held, step=REVIEW, detail=_evidence(seen))
            alarm = domain.contradiction(held, seen)
            if alarm is not None:
                _alarm(shell, tx, held, alarm, held.version, now)
        shell.work.finish(tx, job)


def _end(shell: Shell[Authority], tx: Transaction, job: Job, decision: Decision) -> None:
    if decision.bury is not None:
        shell.work.bury(tx, job, decision.bury)
    elif decision.again is None:
        shell.work.finish(tx, job)
    else:
        shell.work.postpone(tx, job, decision.again)


def _evidence(seen: Observation) -> str:
    """The raw answer when there is one, otherwise what was observed."""
    raw = getattr(getattr(seen, "outcome", seen), "raw", "")
    return raw or json.dumps({type(seen).__name__: asdict(seen)}, ensure_ascii=False, default=str)


ROUTES = portal.ROUTES
EVENTS: Events = {
    EcfSigned: take_signed,
    EcfHeld: on_held,
    VoidingSigned: voiding.take_voiding,
    WithdrawalAsked: withdrawal.on_asked,
    ReconciliationBegan: survey.take_began,
    CompanyCreated: on_company,
    CertificateRegistered: on_certificate,
    CertificateRevoked: on_revoked,
}
JOBS: Jobs = {
    SUBMISSION: submit,
    REVIEW: review,
    voiding.VOIDING: voiding.bring,
    survey.SURVEY: survey.survey,
    watch.SERVICES: watch.look,
    watch.DRAIN: watch.drain,
}
