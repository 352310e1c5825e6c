"""A batch in the whole house: its sales go to DGII's stand-in, and its note goes only after the sale was accepted."""

import time
from typing import Any

from shared.http.work import run_due
from tests.flows.following import PATIENCE_SECONDS, await_state, facts_of, jobs_of
from tests.functions.billing.batches import a_company_with_notes, get, ndjson, rows_of, send
from tests.functions.billing.bodies import CONSUMO, FACTURA, referring
from tests.house import House


def test_a_note_is_signed_only_after_its_sale_was_accepted_and_both_end_accepted(fresh: House) -> None:
    tenant = a_company_with_notes(fresh)
    body = ndjson(
        {"key": "sale", "document": FACTURA},
        {"key": "return", "document": referring(), "refers_to": "sale"},
        {"key": "small", "document": CONSUMO},
    )
    batch = send(fresh, tenant, body).json()["id"]
    seen = _run(fresh, tenant, batch)
    assert ("emitida", "esperando", "emitida") in seen, "the note waited"
    rows = rows_of(fresh, tenant, batch)
    assert [row["estado"] for row in rows] == ["emitida"] * 3, rows
    for row in rows:
        await_state(fresh, tenant, row["invoice_id"], "aceptado")
    order = [(fact.type, fact.subject) for fact in facts_of(fresh, tenant)]
    sale, note = rows[0]["invoice_id"], rows[1]["invoice_id"]
    assert order.index(("do.getupnet.ecf.accepted.v1", sale)) < order.index(("do.getupnet.ecf.signed.v1", note))


def _run(house: House, tenant: str, batch: str) -> set[tuple[str, ...]]:
    """Everything the house does until the batch is done; every picture of its rows that was seen."""
    seen: set[tuple[str, ...]] = set()
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        for name in ("billing", "dgii"):
            run_due(house.shell(name), jobs_of(name), jobs=10, seconds=5)
            seen.add(tuple(row["estado"] for row in rows_of(house, tenant, batch)))
        house.settle()
        progress: dict[str, Any] = get(house, tenant, f"/tenant/emit/batch/{batch}")
        if progress["estado"] == "terminado":
            return seen
        assert time.monotonic() < until, progress
        time.sleep(0.1)
