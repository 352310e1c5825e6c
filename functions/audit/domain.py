"""The chain: what a record says, how it is hashed, when a chain holds. Pure; the format is version 1 for ever.

A record holds attributes and the hash of the data, never the data: no personal data can enter the chain (security D-19).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

GENESIS = "0" * 128
_DOMAIN = b"getupnet-audit-v1"


@dataclass(frozen=True)
class Fact:
    """One outbox row as audit reads it."""

    id: str
    type: str
    source: str
    subject: str
    sequence: int
    traceparent: str
    recorded_at: datetime
    data: str


@dataclass(frozen=True)
class Sealed:
    seq: int
    event_id: str
    record: str
    hash_prev: str
    hash_curr: str


@dataclass(frozen=True)
class Verdict:
    """`broken_at` is the first sequence number that does not follow from the one before, None when all do."""

    records: int
    head: str
    broken_at: int | None


def seal(tenant: str, seq: int, hash_prev: str, fact: Fact) -> Sealed:
    """The next record of a tenant's chain."""
    record = json.dumps(
        {
            "v": 1,
            "tenant": tenant,
            "seq": seq,
            "id": fact.id,
            "type": fact.type,
            "source": fact.source,
            "subject": fact.subject,
            "sequence": fact.sequence,
            "trace": fact.traceparent,
            "recorded_at": fact.recorded_at.isoformat(),
            "data_sha256": hashlib.sha256(fact.data.encode()).hexdigest(),
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return Sealed(seq, fact.id, record, hash_prev, link(hash_prev, record))


def link(hash_prev: str, record: str) -> str:
    """SHA-512 over length-framed parts, so that no two chains can be cut differently into the same bytes."""
    digest = hashlib.sha512()
    for part in (_DOMAIN, hash_prev.encode(), record.encode()):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def verify(records: Iterable[Sealed], *, seq: int, head: str) -> Verdict:
    """Recompute a whole chain, oldest first, and compare its length and its end with the stored head."""
    expected_seq, previous, count = 1, GENESIS, 0
    for sealed in records:
        follows = sealed.seq == expected_seq and sealed.hash_prev == previous
        if not follows or link(previous, sealed.record) != sealed.hash_curr:
            return Verdict(count, previous, expected_seq)
        expected_seq, previous, count = expected_seq + 1, sealed.hash_curr, count + 1
    return Verdict(count, previous, None if (count, previous) == (seq, head) else expected_seq)
