"""A note is signed at once and goes to DGII when its original is accepted, once; when that is refused its number comes back."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.billing import waiting
from functions.billing.domain import Step
from functions.billing.handlers import JOBS, on_outcome
from shared.db.ids import uuid7
from shared.events.catalogue import EcfAccepted, EcfOutcome, EcfRejected
from shared.http.work import run_due
from tests.functions.billing.batches import a_company_with_notes, an_original, set_state
from tests.functions.billing.bodies import credit
from tests.house import House


@pytest.fixture
def tenant(fresh: House) -> str:
    return a_company_with_notes(fresh)


def judged(house: House, tenant: str, invoice: dict[str, Any], kind: type[EcfOutcome], step: Step) -> None:
    """DGII's verdict on an invoice, as the event door would bring it."""
    shell = house.shell("billing")
    event = kind(
        invoice_id=invoice["id"],
        encf=invoice["encf"],
        intento=1,
        tipo_ecf=invoice["tipo_ecf"],
        monto_total=invoice["monto_total"],
        track_id=uuid7(),
        mensajes=[],
        secuencia_utilizada=True,
        observed_at="2026-11-24T00:00:00Z",
    )
    with shell.transaction(tenant) as tx:
        on_outcome(step, shell, tx, event, None)  # type: ignore[arg-type]


def work(house: House) -> None:
    run_due(house.shell("billing"), JOBS, jobs=20, seconds=10)


def due_at_once(house: House, tenant: str) -> None:
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = :kind AND state = 'pending'", kind=waiting.RELEASE)


def announced(house: House, tenant: str, invoice: dict[str, Any]) -> int:
    with house.database("billing").transaction(tenant) as tx:
        sql = "SELECT count(*) AS n FROM flow.outbox WHERE type LIKE '%.ecf.signed.v1' AND subject = :id"
        return int(tx.rows(sql, id=invoice["id"])[0].n)


def show(house: House, tenant: str, invoice: dict[str, Any], part: str = "") -> Any:
    return house.client("billing").get(f"/tenant/invoices/{invoice['id']}{part}", headers=house.token(tenant)).json()


def a_waiting_note(house: House, tenant: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(its original, the note)."""
    original = an_original(house, tenant, "enviado")
    made = house.emit(tenant, credit(original["encf"], original["fecha"]))
    assert made.status_code == 201, made.text
    return original, made.json()


def test_a_note_on_a_document_without_a_verdict_is_signed_and_waits(fresh: House, tenant: str) -> None:
    _, note = a_waiting_note(fresh, tenant)
    assert (note["estado"], announced(fresh, tenant, note)) == ("firmado", 0)
    due_at_once(fresh, tenant)
    work(fresh)
    assert announced(fresh, tenant, note) == 0
    steps = [step["step"] for step in show(fresh, tenant, note, "/trail")["items"]]
    assert steps == ["numbered", "signed", "waiting_for_original"]


def test_the_verdict_on_the_original_sends_the_note_once(fresh: House, tenant: str) -> None:
    original, note = a_waiting_note(fresh, tenant)
    judged(fresh, tenant, original, EcfAccepted, Step.ACCEPT)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: work(fresh), range(4)))
    due_at_once(fresh, tenant)
    work(fresh)
    assert announced(fresh, tenant, note) == 1
    assert show(fresh, tenant, note, "/trail")["items"][-1]["step"] == "released"
    with fresh.database("billing").transaction(tenant) as tx:
        row = tx.rows("SELECT data FROM flow.outbox WHERE type LIKE '%.ecf.signed.v1' AND subject = :id", id=note["id"])[0]
    assert (note["encf"] in str(row.data), note["codigo_seguridad"] in str(row.data)) == (True, True)


def test_a_note_whose_original_is_refused_is_not_sent_and_its_number_is_used_next(fresh: House, tenant: str) -> None:
    original, note = a_waiting_note(fresh, tenant)
    judged(fresh, tenant, original, EcfRejected, Step.REJECT)
    work(fresh)
    seen = show(fresh, tenant, note)
    assert (seen["estado"], announced(fresh, tenant, note)) == ("sin_usar", 0)
    assert original["encf"] in seen["mensajes"][0]["valor"]
    other = an_original(fresh, tenant)
    again = fresh.emit(tenant, credit(other["encf"], other["fecha"])).json()
    assert (again["encf"], announced(fresh, tenant, again)) == (note["encf"], 1)


def test_a_note_on_an_accepted_document_does_not_wait(fresh: House, tenant: str) -> None:
    original = an_original(fresh, tenant)
    note = fresh.emit(tenant, credit(original["encf"], original["fecha"])).json()
    assert announced(fresh, tenant, note) == 1


def test_the_work_row_finds_the_verdict_when_no_event_woke_it(fresh: House, tenant: str) -> None:
    original, note = a_waiting_note(fresh, tenant)
    set_state(fresh, tenant, original["id"], "aceptado_condicional")
    work(fresh)
    assert announced(fresh, tenant, note) == 0
    due_at_once(fresh, tenant)
    work(fresh)
    assert announced(fresh, tenant, note) == 1
