"""What the platform and the authority hold against what the ERPs were told: counters that must be zero."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from tests.reliability.erp import Operation

ACCEPTED = frozenset({"aceptado", "aceptado_condicional"})


@dataclass(frozen=True)
class Invoice:
    """A row of billing: `key` is the Idempotency-Key it was made for, `sent_sha256` that of the bytes dgii sends, `intento` is
    above 1 for a number that had come back."""

    tenant: str
    key: str | None
    rnc: str
    sequence_id: str
    tipo: int
    secuencia: int
    intento: int
    encf: str
    estado: str
    sent_sha256: str | None
    charges: int


@dataclass(frozen=True)
class Received:
    """A submission as the authority has it."""

    rnc: str
    encf: str
    sha256: str
    accepted: bool


@dataclass(frozen=True)
class Step:
    """A line of dgii's evidence, in order."""

    tenant: str
    encf: str
    step: str
    detail: str


@dataclass(frozen=True)
class Facts:
    """Everything behind the doors. `pending` counts unsent facts and work that is not done, by tenant."""

    invoices: Sequence[Invoice]
    received: Sequence[Received]
    evidence: Sequence[Step]
    pending: dict[str, int]


@dataclass(frozen=True)
class Counters:
    """`lost`: acknowledged, and not accepted at DGII and here. `double`: more than one e-NCF for one wish, or more than one charge
    or acceptance for one e-NCF. `gaps`: numbers nobody has. `other_bytes`: DGII got other bytes than we stored. `blind`: sent
    again though nobody had asked. `unknown`: DGII accepted what we do not hold for accepted. `inversions`: smaller numbers
    than that of somebody who was through before. `unfinished`: documents without a verdict, and whatever still waits."""

    operations: int
    acknowledged: int
    lost: int
    double: int
    gaps: int
    other_bytes: int
    blind: int
    unknown: int
    inversions: int
    unfinished: int

    @property
    def clean(self) -> bool:
        zeros = (self.lost, self.double, self.gaps, self.other_bytes, self.blind, self.unknown, self.inversions, self.unfinished)
        return not any(zeros)

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in asdict(self).items())


def check(operations: Iterable[Operation], facts: Facts, tenants: Iterable[str]) -> Counters:
    """The counters of some companies."""
    ours = frozenset(tenants)
    wishes = [o for o in operations if o.tenant in ours]
    invoices = [i for i in facts.invoices if i.tenant in ours]
    rncs = {i.rnc for i in invoices}
    received = [r for r in facts.received if r.rnc in rncs]
    return Counters(
        operations=len(wishes),
        acknowledged=sum(wish.acknowledged for wish in wishes),
        lost=_lost(wishes, invoices, received),
        double=_double(wishes, invoices, received),
        gaps=_gaps(invoices),
        other_bytes=_other_bytes(invoices, received),
        blind=_blind([step for step in facts.evidence if step.tenant in ours]),
        unknown=_unknown(invoices, received),
        inversions=_inversions(wishes, invoices),
        unfinished=sum(i.estado not in ACCEPTED for i in invoices) + sum(n for t, n in facts.pending.items() if t in ours),
    )


def _lost(wishes: list[Operation], invoices: list[Invoice], received: list[Received]) -> int:
    held = {(i.tenant, i.encf): i for i in invoices}
    arrived = {(r.rnc, r.encf) for r in received if r.accepted}
    patient = [wish for wish in wishes if wish.tries > 1 or wish.acknowledged]
    found = (held.get((wish.tenant, wish.encf or "")) for wish in patient)
    return sum(i is None or i.estado not in ACCEPTED or (i.rnc, i.encf) not in arrived for i in found)


def _double(wishes: list[Operation], invoices: list[Invoice], received: list[Received]) -> int:
    keys = {(wish.tenant, wish.key) for wish in wishes}
    strangers = sum((i.tenant, i.key) not in keys for i in invoices)
    again = Counter((i.tenant, i.key) for i in invoices)
    accepted = Counter((r.rnc, r.encf) for r in received if r.accepted)
    charged = sum(max(0, i.charges - 1) for i in invoices)
    return strangers + sum(n - 1 for n in again.values()) + sum(n - 1 for n in accepted.values()) + charged


def _gaps(invoices: list[Invoice]) -> int:
    numbers = defaultdict(set)
    for i in invoices:
        numbers[i.tenant, i.tipo].add(i.secuencia)
    return sum(max(taken) - len(taken) for taken in numbers.values())


def _other_bytes(invoices: list[Invoice], received: list[Received]) -> int:
    stored = {(i.rnc, i.encf): i.sent_sha256 for i in invoices}
    return sum(stored.get((r.rnc, r.encf)) != r.sha256 for r in received)


def _blind(evidence: list[Step]) -> int:
    """Intents to send that follow another one with nothing between that says it did not arrive."""
    open_intents, blind = set[tuple[str, str]](), 0
    for step in evidence:
        document = (step.tenant, step.encf)
        if step.step == "send" and step.detail == "intent":
            blind += document in open_intents
            open_intents.add(document)
        elif step.detail.startswith(_NOT_ARRIVED.get(step.step, ())):
            open_intents.discard(document)
    return blind


_NOT_ARRIVED: dict[str, tuple[str, ...]] = {"query": ('{"NotFound"',), "send": ('{"NotDone"', '{"Blocked"')}
"""What says that DGII does not have it: a query that found nothing, or a sending of which nothing left."""


def _unknown(invoices: list[Invoice], received: list[Received]) -> int:
    held = {(i.rnc, i.encf) for i in invoices if i.estado in ACCEPTED}
    return len({(r.rnc, r.encf) for r in received if r.accepted} - held)


def _inversions(wishes: list[Operation], invoices: list[Invoice]) -> int:
    """Numbers of one range below that of an operation that had ended before theirs began. One that came back is out of turn."""
    fresh = {(i.tenant, i.encf): i for i in invoices if i.intento == 1}
    numbered = [(wish, fresh[wish.tenant, wish.encf]) for wish in wishes if wish.encf and (wish.tenant, wish.encf) in fresh]
    ended = sorted(numbered, key=lambda one: one[0].ended)
    highest, inversions, through = defaultdict[str, int](int), 0, 0
    for wish, invoice in sorted(numbered, key=lambda one: one[0].began):
        while through < len(ended) and ended[through][0].ended < wish.began:
            before = ended[through][1]
            highest[before.sequence_id] = max(highest[before.sequence_id], before.secuencia)
            through += 1
        inversions += invoice.secuencia < highest[invoice.sequence_id]
    return inversions
