"""What the platform and the authority hold against what the ERPs were told: counters that must be zero."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from tests.reliability.erp import Operation

ACCEPTED = frozenset({"aceptado", "aceptado_condicional"})


@dataclass(frozen=True)
class Invoice:
    """A row of billing: `key` is the Idempotency-Key it was made for, `sent_sha256` that of the bytes dgii sends."""

    tenant: str
    key: str | None
    rnc: str
    tipo: int
    secuencia: int
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
    again though nobody had asked. `unknown`: DGII accepted what we do not hold for accepted. `unfinished`: documents without a
    verdict, and whatever still waits."""

    operations: int
    acknowledged: int
    lost: int
    double: int
    gaps: int
    other_bytes: int
    blind: int
    unknown: int
    unfinished: int

    @property
    def clean(self) -> bool:
        return not any((self.lost, self.double, self.gaps, self.other_bytes, self.blind, self.unknown, self.unfinished))

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
    """Intents to send that follow another one with no answer between that says it did not arrive."""
    open_intents, blind = set[tuple[str, str]](), 0
    for step in evidence:
        document = (step.tenant, step.encf)
        if step.step == "send" and step.detail == "intent":
            blind += document in open_intents
            open_intents.add(document)
        elif "NotFound" in step.detail or "NotDone" in step.detail:
            open_intents.discard(document)
    return blind


def _unknown(invoices: list[Invoice], received: list[Received]) -> int:
    held = {(i.rnc, i.encf) for i in invoices if i.estado in ACCEPTED}
    return len({(r.rnc, r.encf) for r in received if r.accepted} - held)
