"""Following one document through the house until it is where it should be."""

import importlib
import time

from knative.rules.delivery import Attempt
from shared.events.envelope import Envelope
from shared.http.work import Jobs, run_due
from tests.house import House

PATIENCE_SECONDS = 20.0


def await_state(house: House, tenant: str, invoice_id: str, estado: str) -> list[Attempt]:
    """Deliver, and work what is due as relay's wake-ups would, until the document is in `estado`; everything attempted."""
    history: list[Attempt] = []
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        history += house.settle()
        for name in ("dgii", "ri"):
            run_due(house.shell(name), jobs_of(name), jobs=10, seconds=5)
        history += house.settle()
        answer = house.client("billing").get(f"/tenant/invoices/{invoice_id}", headers=house.token(tenant))
        if answer.json()["estado"] == estado:
            return history
        assert time.monotonic() < until, answer.text
        time.sleep(0.05)


def jobs_of(name: str) -> Jobs:
    """A function's table of jobs."""
    return importlib.import_module(f"functions.{name}.handlers").JOBS


def facts_of(house: House, tenant: str) -> list[Envelope]:
    """Everything in the tenant's log, in order."""
    with house.database("audit").transaction(tenant) as tx:
        rows = tx.rows(
            "SELECT id::text AS id, type, source, subject, sequence, partitionkey, traceparent, sig, data, dataref, recorded_at "
            "FROM flow.outbox ORDER BY seq"
        )
    return [
        Envelope(
            id=r.id,
            type=r.type,
            source=r.source,
            subject=r.subject,
            tenant=tenant,
            time=r.recorded_at,
            sequence=r.sequence,
            partitionkey=r.partitionkey,
            traceparent=r.traceparent,
            sig=r.sig,
            data=r.data,
            dataref=r.dataref,
        )
        for r in rows
    ]
