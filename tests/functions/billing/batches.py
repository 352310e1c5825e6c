"""Companies, originals and batches that tests of notes and batches start from."""

import json
from typing import Any

import httpx

from functions.billing.handlers import JOBS
from shared.db.ids import uuid7
from shared.http.work import run_due
from tests.functions.billing.bodies import FACTURA
from tests.house import House


def a_company_with_notes(house: House) -> str:
    """One that has ranges of 31, 32, 33 and 34."""
    tenant = house.company()
    house.register_range(tenant, 33, 1, 1000)
    house.register_range(tenant, 34, 1, 1000)
    house.settle()
    return tenant


def set_state(house: House, tenant: str, invoice_id: str, estado: str) -> None:
    """As if DGII had spoken."""
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.invoices SET estado = :e WHERE id = CAST(:id AS uuid)", e=estado, id=invoice_id)


def an_original(house: House, tenant: str, estado: str = "aceptado", body: dict[str, Any] = FACTURA) -> dict[str, Any]:
    """An invoice in that state, with its date as documents write it in `fecha`."""
    made: dict[str, Any] = house.emit(tenant, body).json()
    set_state(house, tenant, made["id"], estado)
    return made | {"fecha": made["fecha_emision"]}


def ndjson(*rows: object) -> bytes:
    """Rows as a body; text stands as it is."""
    return b"".join((row if isinstance(row, str) else json.dumps(row)).encode() + b"\n" for row in rows)


def send(house: House, tenant: str, body: bytes, *, key: str | None = None, **headers: str) -> httpx.Response:
    spoken = house.token(tenant) | {"Idempotency-Key": key or uuid7(), "Content-Type": "application/x-ndjson"} | headers
    return house.client("billing").post("/tenant/emit/batch", content=body, headers=spoken)


def get(house: House, tenant: str, path: str) -> Any:
    answer = house.client("billing").get(path, headers=house.token(tenant))
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows_of(house: House, tenant: str, batch: str, estado: str | None = None) -> list[dict[str, Any]]:
    """Every row, through all pages."""
    found, cursor = list[dict[str, Any]](), None
    while True:
        query = "?limit=200" + (f"&estado={estado}" if estado else "") + (f"&cursor={cursor}" if cursor else "")
        page = get(house, tenant, f"/tenant/emit/batch/{batch}/rows{query}")
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


def work(house: House, *, jobs: int = 200) -> int:
    """Work what is due, as a wake-up would. What is signed stays in the outbox: DGII and its stand-in are the flows' matter."""
    shell = house.shell("billing")
    sink, shell.publisher._sink = shell.publisher._sink, None
    try:
        return run_due(shell, JOBS, jobs=jobs, seconds=120)
    finally:
        shell.publisher._sink = sink


def hurry(house: House, tenant: str) -> None:
    """Time passes: leases end, what was put off is due."""
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.idempotency SET lease_until = now() - interval '1 second' WHERE state = 'open'")
        tx.rows("UPDATE billing.batch_rows SET not_before = now() WHERE estado IN ('pendiente', 'esperando')")
        tx.rows("UPDATE flow.work SET due_at = now() WHERE state = 'pending'")
