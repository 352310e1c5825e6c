"""Short ways for the tests of amounts: a body computed, its totals, its findings."""

from typing import Any

from shared.ecf.amounts import compute
from shared.ecf.document import Document, parse
from shared.ecf.findings import Finding, Verdict
from shared.ecf.tree import Tree
from tests.shared.ecf.bodies import EMISOR, HOY


def computed(payload: dict[str, Any]) -> tuple[Document, tuple[Finding, ...]]:
    return compute(parse(payload, emisor=EMISOR, today=HOY))


def totals(payload: dict[str, Any]) -> Tree:
    document, findings = computed(payload)
    assert findings == ()
    found = document.tree["totales"]
    assert isinstance(found, dict)
    return found


def with_tax(payload: dict[str, Any]) -> dict[str, Any]:
    payload["id_doc"]["indicador_monto_gravado"] = 1
    return payload


def found(payload: dict[str, Any]) -> dict[str, tuple[str, Verdict]]:
    return {one.pointer: (one.code, one.verdict) for one in computed(payload)[1]}
