"""The outbox: a fact is announced by writing it in the transaction that made it true. The outbox is the log."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.events.envelope import Envelope
from shared.events.event import Event
from shared.events.keys import FunctionKey
from shared.telemetry.traces import current_traceparent

_INSERT = """
INSERT INTO flow.outbox (id, tenant_id, type, source, subject, sequence, partitionkey, traceparent, sig, data, recorded_at)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:types AS text[]), CAST(:sources AS text[]),
  CAST(:subjects AS text[]), CAST(:sequences AS int[]), CAST(:partitionkeys AS text[]), CAST(:traceparents AS text[]),
  CAST(:sigs AS text[]), CAST(:datas AS text[]), CAST(:times AS timestamptz[]))
"""


@dataclass(frozen=True)
class Announcer:
    """Writes events in the name of one function and hands them to the publisher after commit."""

    key: FunctionKey

    def announce(self, tx: Transaction, event: Event, *, subject: str, sequence: int = 1) -> Envelope:
        """Record `event` about the aggregate `subject`, whose row has version `sequence`; it exists only if `tx` commits."""
        envelope = self.envelope(event, tenant=tx.tenant, subject=subject, sequence=sequence)
        if not tx.announced:
            tx.before_commit.append(write)
        tx.announced.append(envelope)
        return envelope

    def envelope(self, event: Event, *, tenant: str, subject: str, sequence: int = 1) -> Envelope:
        """A signed envelope that is not recorded anywhere: for a wake-up, which is no fact."""
        if not event.may_come_from(self.key.function):
            raise ValueError(f"{self.key.function} does not announce {event.type}")
        unsigned = Envelope(
            id=uuid7(),
            type=event.type,
            source=f"/functions/{self.key.function}",
            subject=subject,
            tenant=tenant,
            time=datetime.now(UTC),
            sequence=sequence,
            partitionkey=f"{tenant}:{subject}",
            traceparent=current_traceparent(),
            sig="",
            data=event.model_dump_json(),
        )
        return replace(unsigned, sig=self.key.sign(unsigned.message()))


def write(tx: Transaction) -> None:
    """All events of one transaction in one statement."""
    rows = tx.announced
    tx.rows(
        _INSERT,
        ids=[e.id for e in rows],
        tenants=[e.tenant for e in rows],
        types=[e.type for e in rows],
        sources=[e.source for e in rows],
        subjects=[e.subject for e in rows],
        sequences=[e.sequence for e in rows],
        partitionkeys=[e.partitionkey for e in rows],
        traceparents=[e.traceparent for e in rows],
        sigs=[e.sig for e in rows],
        datas=[e.data for e in rows],
        times=[e.time.isoformat() for e in rows],
    )
