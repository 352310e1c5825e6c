"""The month's statement: figures by range, type and branch, a CSV that no spreadsheet runs, and a PDF of the same figures."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.billing import statement
from functions.billing.figures import Figures, Line
from functions.billing.gateway import Press
from shared.ecf.clock import SANTO_DOMINGO
from tests.functions.billing.bodies import CONSUMO, FACTURA, altered
from tests.functions.billing.test_emission import refusing, signer_that
from tests.functions.billing.test_ledger_doors import UNTIL, a_range, get, post
from tests.functions.billing.test_voiding import answer, void
from tests.functions.ri.reports import read, wanted
from tests.house import House

MONTH = f"{datetime.now(UTC).astimezone(SANTO_DOMINGO):%Y-%m}"


@pytest.fixture(scope="module")
def a_month(house: House) -> str:
    """A company with two types, two ranges of one of them, a branch with a lease, three voided numbers and every kind of answer."""
    tenant = house.company(ranges=False)
    a_range(house, tenant, 1, 9)
    a_range(house, tenant, 21, 29)
    north = a_range(house, tenant, 101, 109, sucursal="=NORTE")
    house.register_range(tenant, 31, 1, 9)
    house.settle()
    for body in (CONSUMO, CONSUMO, FACTURA, altered(CONSUMO, "/emisor", {"sucursal": "=NORTE"})):
        assert house.emit(tenant, body).status_code == 201
    assert post(house, tenant, f"/{north}/leases", {"holder": "Caja 1", "count": 2, "until": UNTIL}).status_code == 201
    with signer_that(house, refusing):
        house.emit(tenant, FACTURA)
    made = void(house, tenant, (5, 7)).json()
    answer(house, tenant, made["id"], "done", "ok")
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.invoices SET estado = 'aceptado' WHERE estado NOT IN ('sin_usar')")
        tx.rows("UPDATE billing.invoices SET estado = 'rechazado' WHERE secuencia = 2 AND tipo_ecf = 32")
        tx.rows("UPDATE billing.invoices SET estado = 'aceptado_condicional' WHERE secuencia = 101")
    return tenant


def test_a_month_says_what_was_issued_and_what_became_of_it(house: House, a_month: str) -> None:
    tenant = a_month
    said = get(house, tenant, f"/statement?month={MONTH}")
    keys = ("tipo_ecf", "sucursal", "rangos", "emitidos", "aceptados", "rechazados", "sin_usar", "anulados", "sin_explicar")
    assert [tuple(line[key] for key in keys) for line in said["lines"]] == [
        (31, "", 1, 1, 1, 0, 1, 0, 0),
        (32, "", 2, 2, 1, 1, 0, 3, 0),
        (32, "=NORTE", 1, 1, 1, 0, 0, 0, 0),
    ]
    assert [line["monto_aceptado"] for line in said["lines"]] == ["1180.00", "500.00", "500.00"]
    headers = house.token(tenant) | {"Accept": "text/csv"}
    answered = house.client("billing").get(f"/tenant/sequences/statement?month={MONTH}", headers=headers)
    assert answered.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answered.text)))
    assert [row["sucursal"] for row in rows] == ["", "", "'=NORTE"]
    assert [{k: v for k, v in row.items() if k != "sucursal"} for row in rows] == [
        {k: str(v) for k, v in line.items() if k != "sucursal"} for line in said["lines"]
    ]
    assert get(house, tenant, "/statement?month=2020-01")["lines"] == []


def asked_as(house: House, tenant: str, form: str, **headers: str) -> httpx.Response:
    path = f"/tenant/sequences/statement?month={MONTH}" + (f"&format={form}" if form else "")
    return house.client("billing").get(path, headers=house.token(tenant) | headers)


def test_every_figure_of_the_json_stands_in_the_pdf(house: House, a_month: str) -> None:
    said = asked_as(house, a_month, "json").json()
    assert said["company"]["razon_social"] == "EMPRESA DE PRUEBA SRL"
    assert [one["gaps"] for one in said["ranges"] if one["gaps"]] == [[{"desde": 102, "hasta": 103, "estado": "arrendado"}]]
    assert said["totals"]["condicionales"] == 1
    answer = asked_as(house, a_month, "pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == f'attachment; filename="numeros-{MONTH}.pdf"'
    assert read(answer.content) == wanted(said)
    assert read(asked_as(house, a_month, "", Accept="application/pdf").content) == wanted(said)


@pytest.mark.parametrize("absence", ["nobody answers", "our key is not believed"])
def test_without_ri_there_is_no_pdf_and_all_the_rest(house: House, a_month: str, absence: str) -> None:
    gone = Press("http://127.0.0.1:1", house.keys["billing"])
    stranger = Press(house.address("ri"), house.keys["dgii"])
    with press(house, gone if absence == "nobody answers" else stranger):
        refused = asked_as(house, a_month, "pdf")
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:getupnet:statement-not-printed")
        assert "format=csv" in refused.json()["detail"]
        assert asked_as(house, a_month, "json").json()["lines"]
        assert asked_as(house, a_month, "csv").text.startswith("tipo_ecf,")


@contextmanager
def press(house: House, other: Press) -> Iterator[None]:
    """Billing with another way to ri."""
    shell = house.shell("billing")
    app: Any = house.client("billing").app
    app.state.shell = replace(shell, outside=replace(shell.outside, press=other))
    try:
        yield
    finally:
        app.state.shell = shell


@pytest.mark.parametrize("month", ["2026-13", "2026", "26-01", "2026-1", "", "2026-01-01"])
def test_a_month_that_is_none_is_refused(house: House, month: str) -> None:
    tenant = house.company(certificate=False, ranges=False)
    answer = house.client("billing").get(f"/tenant/sequences/statement?month={month}", headers=house.token(tenant))
    assert answer.status_code == 422


@pytest.mark.parametrize(("month", "first"), [("2026-12", date(2026, 12, 1)), ("2024-02", date(2024, 2, 1))])
def test_a_month_is_its_first_day(month: str, first: date) -> None:
    assert statement.month_of(month) == first


@given(st.text(max_size=20))
def test_no_cell_of_the_csv_is_a_formula_and_none_loses_a_character(sucursal: str) -> None:
    line = Line(31, sucursal, 1, Figures(2, 1, monto_aceptado=Decimal("1180.00")))
    text = statement.as_csv([line])
    cell = list(csv.reader(io.StringIO(text, newline="")))[1][1]
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell.removeprefix("'") == sucursal.removeprefix("'")
