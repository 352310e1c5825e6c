"""Batches as durable work: every row one number, whoever dies, waits or shouts in between."""

from typing import Any

import pytest

from functions.billing import batch as batches
from shared.db.ids import uuid7
from shared.signer.client import SignedDocument
from tests.functions.billing.batches import (
    a_company_with_notes,
    an_original,
    get,
    hurry,
    ndjson,
    rows_of,
    send,
    set_state,
    work,
)
from tests.functions.billing.bodies import CONSUMO, FACTURA, altered, credit, debit, referring
from tests.functions.billing.test_emission import refusing, signer_that, unavailable
from tests.house import House


class Killed(BaseException):
    """The process ends here: nothing that comes after is run."""


@pytest.fixture
def tenant(house: House) -> str:
    return house.company()


@pytest.fixture(scope="module")
def noting(house: House) -> str:
    return a_company_with_notes(house)


def consumos(count: int) -> bytes:
    return ndjson(*({"key": f"c{n}", "document": CONSUMO} for n in range(count)))


def numbers(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(int(row["encf"][3:]) for row in rows if row["encf"])


def progress(house: House, tenant: str, batch: str) -> dict[str, Any]:
    found: dict[str, Any] = get(house, tenant, f"/tenant/emit/batch/{batch}")
    return found


def states(house: House, tenant: str, batch: str) -> list[str]:
    return [row["estado"] for row in rows_of(house, tenant, batch)]


def codes(row: dict[str, Any]) -> set[str]:
    return {error["code"] for error in row["errors"]}


def test_a_thousand_rows_take_a_thousand_numbers_without_a_gap(fresh: House) -> None:
    """In a house of its own: whoever settled this one next would take a thousand documents to DGII."""
    tenant = fresh.company()
    batch = send(fresh, tenant, consumos(1000)).json()["id"]
    while progress(fresh, tenant, batch)["estado"] != "terminado":
        assert work(fresh)
    done = progress(fresh, tenant, batch)
    assert done["rows"] == {"pendiente": 0, "esperando": 0, "emitida": 1000, "fallida": 0}
    assert done["documents"] == {"firmado": 1000}
    assert numbers(rows_of(fresh, tenant, batch)) == list(range(1, 1001))


def test_progress_can_be_read_while_it_runs(house: House, tenant: str) -> None:
    batch = send(house, tenant, consumos(2 * batches.ROWS_A_SLICE + 1)).json()["id"]
    assert progress(house, tenant, batch)["estado"] == "en_cola"
    work(house, jobs=1)
    seen = progress(house, tenant, batch)
    assert (seen["estado"], seen["rows"]["emitida"]) == ("en_proceso", batches.ROWS_A_SLICE)
    assert seen["remaining_seconds"] >= 0
    work(house)
    assert progress(house, tenant, batch)["finished_at"]


@pytest.mark.parametrize("before", [True, False], ids=["before the signature", "after the signature"])
def test_a_killed_worker_goes_on_without_a_second_number(house: House, tenant: str, before: bool) -> None:
    sign, signed = house.shell("billing").outside.signer.sign, []

    def dying(*args: Any, **named: Any) -> SignedDocument:
        if len(signed) == 7 and before:
            raise Killed
        signed.append(sign(*args, **named))
        if len(signed) == 8:
            raise Killed
        return signed[-1]

    batch = send(house, tenant, consumos(20)).json()["id"]
    with signer_that(house, dying), pytest.raises(Killed):
        work(house)
    assert progress(house, tenant, batch)["rows"]["emitida"] == 0, "nothing of the slice was recorded"
    while progress(house, tenant, batch)["estado"] != "terminado":
        hurry(house, tenant)
        work(house)
    assert numbers(rows_of(house, tenant, batch)) == list(range(1, 21))
    listed = get(house, tenant, "/tenant/invoices?limit=200")["items"]
    assert (len(listed), {i["estado"] for i in listed}) == (20, {"firmado"})


def test_two_tenants_batches_take_turns(fresh: House) -> None:
    one, other = fresh.company(), fresh.company()
    mine, theirs = send(fresh, one, consumos(120)).json()["id"], send(fresh, other, consumos(60)).json()["id"]
    seen = []
    for _ in range(4):
        work(fresh, jobs=1)
        done = progress(fresh, one, mine)["rows"]["emitida"], progress(fresh, other, theirs)["rows"]["emitida"]
        seen.append(done)
    assert seen == [(50, 0), (50, 50), (100, 50), (100, 60)]


def test_bad_rows_are_itemised_and_the_others_go_on(house: House, tenant: str) -> None:
    body = ndjson(
        {"key": "good", "document": CONSUMO},
        "{",
        {"key": "refused", "document": altered(FACTURA, "/comprador/rnc_comprador", "1")},
        {"key": "good", "document": CONSUMO},
        {"key": "no range", "document": {"tipo_ecf": 43, "items": FACTURA["items"]}},
        {"key": "last", "document": FACTURA},
    )
    batch = send(house, tenant, body).json()["id"]
    work(house)
    rows = rows_of(house, tenant, batch)
    assert [(r["line"], r["key"], r["estado"]) for r in rows] == [
        (1, "good", "emitida"),
        (2, None, "fallida"),
        (3, "refused", "fallida"),
        (4, "good", "fallida"),
        (5, "no range", "fallida"),
        (6, "last", "emitida"),
    ]
    assert codes(rows[1]) == {"json-unreadable"}
    assert [e["pointer"] for e in rows[2]["errors"]] == ["/comprador/rnc_comprador"]
    assert codes(rows[3]) == {"key-repeated"}
    assert rows[0]["documento"] == "firmado"
    assert [r["line"] for r in rows_of(house, tenant, batch, "fallida")] == [2, 3, 4, 5]


def test_a_stalled_signer_postpones_the_batch_and_loses_nothing(house: House, tenant: str) -> None:
    batch = send(house, tenant, consumos(10)).json()["id"]
    with signer_that(house, unavailable):
        for _ in range(3):
            work(house)
            hurry(house, tenant)
    assert progress(house, tenant, batch)["rows"] == {"pendiente": 10, "esperando": 0, "emitida": 0, "fallida": 0}
    while progress(house, tenant, batch)["estado"] != "terminado":
        hurry(house, tenant)
        work(house)
    assert numbers(rows_of(house, tenant, batch)) == list(range(1, 11))


def test_a_signer_that_refuses_fails_the_row_and_its_number_is_issued_first(house: House, tenant: str) -> None:
    first = send(house, tenant, consumos(1)).json()["id"]
    with signer_that(house, refusing):
        work(house)
    (row,) = rows_of(house, tenant, first)
    assert (row["estado"], codes(row)) == ("fallida", {"signing-refused"})
    second = send(house, tenant, consumos(2)).json()["id"]
    work(house)
    assert numbers(rows_of(house, tenant, second)) == [1, 2]


def test_a_row_that_always_ends_in_an_error_of_ours_fails_and_holds_nobody_up(house: House, tenant: str) -> None:
    sign, before = house.shell("billing").outside.signer.sign, []

    def broken(xml: bytes, **named: Any) -> SignedDocument:
        if b"Malo" in xml:
            raise RuntimeError("a mistake of ours")
        before.append(xml)
        return sign(xml, **named)

    bad = altered(CONSUMO, "/items/0/nombre_item", "Malo")
    batch = send(house, tenant, ndjson({"key": "bad", "document": bad}, {"key": "good", "document": CONSUMO})).json()["id"]
    with signer_that(house, broken):
        work(house)
        assert states(house, tenant, batch) == ["pendiente", "emitida"]
        for _ in range(batches.ATTEMPTS):
            hurry(house, tenant)
            work(house)
    assert states(house, tenant, batch) == ["fallida", "emitida"]
    assert progress(house, tenant, batch)["estado"] == "terminado"


def test_a_note_waits_for_its_row_and_takes_its_number_and_date(house: House, noting: str) -> None:
    body = ndjson(
        {"key": "sale", "document": FACTURA},
        {"key": "return", "document": referring(), "refers_to": "sale"},
        {"key": "other", "document": CONSUMO},
    )
    batch = send(house, noting, body).json()["id"]
    work(house)
    assert states(house, noting, batch) == ["emitida", "esperando", "emitida"]
    hurry(house, noting)
    work(house)
    assert states(house, noting, batch)[1] == "esperando"
    sale = rows_of(house, noting, batch)[0]
    set_state(house, noting, sale["invoice_id"], "aceptado")
    hurry(house, noting)
    work(house)
    noted = rows_of(house, noting, batch)[1]
    assert noted["estado"] == "emitida", noted
    assert get(house, noting, f"/tenant/invoices/{noted['invoice_id']}")["ncf_modificado"] == sale["encf"]
    assert progress(house, noting, batch)["estado"] == "terminado"


@pytest.mark.parametrize("estado", ["rechazado", "anulado"])
def test_a_note_whose_row_was_not_accepted_fails_and_says_why(house: House, noting: str, estado: str) -> None:
    body = ndjson({"key": "sale", "document": FACTURA}, {"key": "return", "document": referring(), "refers_to": "sale"})
    batch = send(house, noting, body).json()["id"]
    work(house)
    sale = rows_of(house, noting, batch)[0]
    set_state(house, noting, sale["invoice_id"], estado)
    hurry(house, noting)
    work(house)
    noted = rows_of(house, noting, batch)[1]
    assert (noted["estado"], codes(noted)) == ("fallida", {"original-not-accepted"})
    assert estado in noted["errors"][0]["detail"]


def test_a_note_whose_row_failed_fails_too_and_so_does_a_note_on_that(house: House, noting: str) -> None:
    body = ndjson(
        {"key": "sale", "document": altered(FACTURA, "/items/0/nombre_item", "")},
        {"key": "return", "document": referring(), "refers_to": "sale"},
        {"key": "again", "document": referring(), "refers_to": "return"},
    )
    batch = send(house, noting, body).json()["id"]
    for _ in range(3):
        work(house)
        hurry(house, noting)
    assert states(house, noting, batch) == ["fallida"] * 3
    assert progress(house, noting, batch)["estado"] == "terminado"


@pytest.mark.parametrize("note", [credit, debit])
def test_a_note_on_an_earlier_invoice_waits_for_its_verdict(house: House, noting: str, note: Any) -> None:
    original = an_original(house, noting, "enviado")
    batch = send(house, noting, ndjson({"key": "n", "document": note(original["encf"], original["fecha"])})).json()["id"]
    work(house)
    assert states(house, noting, batch) == ["esperando"]
    set_state(house, noting, original["id"], "aceptado_condicional")
    hurry(house, noting)
    work(house)
    assert states(house, noting, batch) == ["emitida"]


def test_a_note_on_a_rejected_invoice_is_refused(house: House, noting: str) -> None:
    original = an_original(house, noting, "enviado")
    batch = send(house, noting, ndjson({"key": "n", "document": credit(original["encf"], original["fecha"])})).json()["id"]
    work(house)
    set_state(house, noting, original["id"], "rechazado")
    hurry(house, noting)
    work(house)
    (row,) = rows_of(house, noting, batch)
    assert (row["estado"], codes(row)) == ("fallida", {"ECF-1081"})


def test_a_strict_batch_refuses_what_dgii_takes_conditionally(house: House, tenant: str) -> None:
    body = ndjson({"key": "c", "document": altered(FACTURA, "/totales", {"monto_total": "1190.00"})})
    lenient, strict = send(house, tenant, body).json()["id"], send(house, tenant, body, Prefer="handling=strict").json()["id"]
    work(house)
    assert (states(house, tenant, lenient), states(house, tenant, strict)) == (["emitida"], ["fallida"])


def test_callers_cannot_send_the_key_of_a_row(house: House, tenant: str) -> None:
    batch = send(house, tenant, consumos(1)).json()["id"]
    assert house.emit(tenant, CONSUMO, key=f"lote-{batch}-1").status_code == 201
    work(house)
    assert numbers(rows_of(house, tenant, batch)) == [2]
    with house.database("billing").transaction(tenant) as tx:
        keys = [r.key for r in tx.rows("SELECT key FROM billing.idempotency")]
    assert [key for key in keys if not key.isascii()]


def test_the_line_is_forgotten_once_its_document_exists(house: House, tenant: str) -> None:
    batch = send(house, tenant, consumos(1)).json()["id"]
    work(house)
    with house.database("billing").transaction(tenant) as tx:
        (row,) = tx.rows("SELECT source FROM billing.batch_rows WHERE batch_id = CAST(:b AS uuid)", b=batch)
    assert row.source is None


def test_the_same_batch_twice_at_once_is_one(house: House, tenant: str) -> None:
    key, body = uuid7(), consumos(5)
    first, again = send(house, tenant, body, key=key), send(house, tenant, body, key=key)
    work(house)
    late = send(house, tenant, body, key=key)
    work(house)
    assert first.json()["id"] == again.json()["id"] == late.json()["id"]
    assert late.json()["rows"]["emitida"] == 5
    assert len(get(house, tenant, "/tenant/invoices")["items"]) == 5
