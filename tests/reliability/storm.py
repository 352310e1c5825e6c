"""REL-04: every fact delivered again and again to whoever heard it, shuffled, many at once: 2xx each time, and nothing changes."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from shared.events.envelope import Envelope
from tests.reliability.patience import until
from tests.reliability.platform import Platform

AT_ONCE = 16
STILL_SECONDS, STILL_WITHIN_SECONDS = 5, 90
_FACTS = """
SELECT i.consumer, o.id::text, o.type, o.source, o.subject, o.tenant_id, o.recorded_at, o.sequence, o.partitionkey, o.traceparent,
  o.sig, o.data, o.dataref
FROM flow.outbox o JOIN flow.inbox i ON i.tenant_id = o.tenant_id AND i.source = o.source AND i.id = CAST(o.id AS text)
WHERE o.tenant_id = ANY(CAST(:tenants AS text[])) ORDER BY o.seq DESC LIMIT :limit
"""
# Everything that a delivery can leave behind.
_EFFECTS = """
SELECT (SELECT count(*) FROM flow.inbox WHERE tenant_id = ANY(CAST(:tenants AS text[]))),
  (SELECT count(*) FROM flow.outbox WHERE tenant_id = ANY(CAST(:tenants AS text[]))),
  (SELECT count(*) FROM flow.work WHERE tenant_id = ANY(CAST(:tenants AS text[])) AND kind <> 'seal'),
  (SELECT count(*) FROM billing.trail WHERE tenant_id = ANY(CAST(:tenants AS text[]))),
  (SELECT count(*) FROM dgii.evidence WHERE tenant_id = ANY(CAST(:tenants AS text[]))),
  (SELECT count(*) FROM plans.charges WHERE tenant_id = ANY(CAST(:tenants AS text[])))
"""


@dataclass(frozen=True)
class Storm:
    """`refused` copies were answered otherwise than 2xx; `effects` is what appeared that was not there before."""

    copies: int
    refused: int
    effects: int

    @property
    def clean(self) -> bool:
        return self.copies > 0 and not self.refused and not self.effects


def _still(platform: Platform, tenants: Sequence[str]) -> list[int]:
    """The effects once nothing has moved for a while: what was delivered before may still be worked."""
    seen, since = list[int](), 0.0
    for passed in until("nothing moves", seconds=STILL_WITHIN_SECONDS, every=0.5):
        now = platform.ask(_EFFECTS, tenants=list(tenants))[0]
        if now != seen:
            seen, since = now, passed
        elif passed - since >= STILL_SECONDS:
            break
    return seen


def storm(platform: Platform, tenants: Sequence[str], *, facts: int, copies: int) -> Storm:
    """Deliver the newest `facts` of these companies `copies` more times each to the functions that have seen them."""
    rows = platform.ask(_FACTS, tenants=list(tenants), limit=facts)
    deliveries = [(row[0], Envelope(*row[1:])) for row in rows] * copies
    random.shuffle(deliveries)
    before = _still(platform, tenants)
    with httpx.Client(timeout=60, trust_env=False) as http, ThreadPoolExecutor(AT_ONCE) as pool:

        def deliver(delivery: tuple[str, Envelope]) -> bool:
            function, envelope = delivery
            headers, body = envelope.to_http()
            return http.post(f"{platform.url_of(function)}/events", headers=headers, content=body).is_success

        answers = list(pool.map(deliver, deliveries))
    after = platform.ask(_EFFECTS, tenants=list(tenants))[0]
    return Storm(len(answers), answers.count(False), sum(abs(now - then) for now, then in zip(after, before, strict=True)))
