"""The checker: each counter moves for what it counts, and for nothing else."""

from dataclasses import replace

import pytest

from tests.reliability.checker import Counters, Facts, Invoice, Received, Step, check
from tests.reliability.erp import Operation

WISH = Operation("a-tenant", "a-key", 0.0, 1.0, 201, "E310000000001", 1)
INVOICE = Invoice("a-tenant", "a-key", "101000001", "a-range", 31, 1, 1, "E310000000001", "aceptado", "aa", 1)
RECEIVED = Received("101000001", "E310000000001", "aa", True)
INTENT = Step("a-tenant", "E310000000001", "send", "intent")
QUERY, SEND = replace(INTENT, step="query"), INTENT
FACTS = Facts([INVOICE], [RECEIVED], [INTENT], {"another": 7})


def moved(facts: Facts, *wishes: Operation) -> set[str]:
    counters = check(wishes or (WISH,), facts, ["a-tenant"])
    zeros = set(Counters.__dataclass_fields__) - {"operations", "acknowledged"}
    return {name for name in zeros if getattr(counters, name)}


def test_a_run_without_a_fault_moves_nothing() -> None:
    assert moved(FACTS) == set()
    assert check([WISH], FACTS, ["a-tenant"]).clean


@pytest.mark.parametrize(
    ("facts", "counters"),
    [
        (replace(FACTS, invoices=[]), {"lost"}),
        (replace(FACTS, received=[]), {"lost"}),
        (replace(FACTS, invoices=[replace(INVOICE, estado="rechazado")]), {"lost", "unknown", "unfinished"}),
        (replace(FACTS, invoices=[replace(INVOICE, estado="enviado")]), {"lost", "unknown", "unfinished"}),
        (replace(FACTS, invoices=[INVOICE, replace(INVOICE, encf="E310000000002", secuencia=2)]), {"double"}),
        (replace(FACTS, invoices=[INVOICE, replace(INVOICE, key=None, encf="E310000000002", secuencia=2)]), {"double"}),
        (replace(FACTS, invoices=[replace(INVOICE, charges=2)]), {"double"}),
        (replace(FACTS, received=[RECEIVED, RECEIVED]), {"double"}),
        (replace(FACTS, invoices=[replace(INVOICE, secuencia=2)]), {"gaps"}),
        (replace(FACTS, received=[RECEIVED, replace(RECEIVED, sha256="bb", accepted=False)]), {"other_bytes"}),
        (replace(FACTS, evidence=[INTENT, INTENT]), {"blind"}),
        (replace(FACTS, evidence=[INTENT, replace(QUERY, detail='{"NotFound": {}}'), INTENT]), set()),
        (replace(FACTS, evidence=[INTENT, replace(SEND, detail='{"NotDone": {"reason": "refused"}}'), INTENT]), set()),
        (replace(FACTS, evidence=[INTENT, replace(SEND, detail='{"Blocked": {"reason": "delegation"}}'), INTENT]), set()),
        (replace(FACTS, evidence=[INTENT, replace(QUERY, detail='{"NotDone": {"reason": "502"}}'), INTENT]), {"blind"}),
        (replace(FACTS, evidence=[INTENT, replace(SEND, detail="<h1>NotFound</h1>"), INTENT]), {"blind"}),
        (replace(FACTS, received=[RECEIVED, replace(RECEIVED, encf="E310000000009", sha256="x")]), {"unknown", "other_bytes"}),
        (replace(FACTS, pending={"a-tenant": 1}), {"unfinished"}),
    ],
)
def test_each_fault_moves_its_counter(facts: Facts, counters: set[str]) -> None:
    assert moved(facts) == counters


def test_a_wish_that_was_retried_and_never_answered_is_lost_and_one_that_was_given_up_is_not() -> None:
    nothing = replace(FACTS, invoices=[], received=[], evidence=[])
    unanswered = replace(WISH, answered=503, encf=None)
    assert moved(nothing, replace(unanswered, tries=9)) == {"lost"}
    assert moved(nothing, unanswered) == set()


def numbered(
    secuencia: int, began: float, ended: float, *, sequence_id: str = "a-range", intento: int = 1
) -> tuple[Operation, Invoice]:
    encf, key = f"E31{secuencia:010d}", f"key-{secuencia}"
    wish = replace(WISH, key=key, began=began, ended=ended, encf=encf)
    return wish, replace(INVOICE, key=key, sequence_id=sequence_id, secuencia=secuencia, intento=intento, encf=encf)


@pytest.mark.parametrize(
    ("emitted", "inversions"),
    [
        ([numbered(1, 0, 1), numbered(2, 2, 3), numbered(3, 4, 5)], 0),
        ([numbered(1, 2, 3), numbered(2, 0, 1)], 1),
        ([numbered(3, 0, 1), numbered(1, 2, 3), numbered(2, 4, 5)], 2),
        ([numbered(1, 1, 3), numbered(2, 0, 2)], 0),
        ([numbered(1, 2, 3), numbered(2, 0, 1, sequence_id="another")], 0),
        ([numbered(1, 2, 3, intento=2), numbered(2, 0, 1)], 0),
    ],
)
def test_whoever_begins_after_another_was_through_has_the_greater_number(
    emitted: list[tuple[Operation, Invoice]], inversions: int
) -> None:
    wishes, invoices = [wish for wish, _ in emitted], [invoice for _, invoice in emitted]
    counters = check(wishes, replace(FACTS, invoices=invoices), ["a-tenant"])
    assert counters.inversions == inversions
