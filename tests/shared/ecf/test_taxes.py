"""Additional taxes: the worked examples of the documentation, rates as data, and what is missing to compute them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.ecf import taxes
from shared.ecf.fields import lists
from shared.ecf.findings import Verdict
from shared.ecf.tree import rows
from tests.shared.ecf.bodies import body, line
from tests.shared.ecf.computing import computed, found, with_tax

ESPECIFICO, ADVALOREM = "monto_impuesto_selectivo_consumo_especifico", "monto_impuesto_selectivo_consumo_advalorem"


def beer(**changes: Any) -> dict[str, Any]:
    """Row E310000000002 of DGII's set: two cases of 24 bottles of 0.355 litres at 5 degrees."""
    return line(
        precio_unitario_item="1615.00",
        unidad_medida=6,
        cantidad_referencia="24",
        unidad_referencia=5,
        subcantidades_item=[{"subcantidad": "0.355", "codigo_subcantidad": 24}],
        grados_alcohol="5.00",
        precio_unitario_referencia="65.00",
        impuestos_adicionales=[{"tipo_impuesto": "006"}, {"tipo_impuesto": "023"}],
        **changes,
    )


def rated(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"impuestos_adicionales": [{"tipo_impuesto": code, "tasa_impuesto_adicional": rate} for code, rate in pairs]}


def amounts(payload: dict[str, Any]) -> list[dict[str, Any]]:
    document, _ = computed(payload)
    held = document.tree["totales"]
    assert isinstance(held, dict)
    return [dict(row) for row in rows(held, "impuestos_adicionales")]


def test_beer_pays_specific_and_ad_valorem_and_both_pay_itbis() -> None:
    document, findings = computed(body(31, beer(), totales=rated(("006", "633.85"), ("023", "10"))))
    held = document.tree["totales"]
    assert isinstance(held, dict)
    assert findings == ()
    assert [(row.get(ESPECIFICO), row.get(ADVALOREM)) for row in rows(held, "impuestos_adicionales")] == [
        ("540.04", None),
        (None, "191.28"),
    ]
    assert (held["monto_impuesto_adicional"], held["total_itbis1"], held["monto_total"]) == ("731.32", "713.04", "4674.36")


def test_beer_of_the_technical_report() -> None:
    row = {
        **beer(),
        "cantidad_item": "1",
        "cantidad_referencia": "16",
        "grados_alcohol": "4.30",
        "precio_unitario_referencia": "80.00",
    }
    row["subcantidades_item"] = [{"subcantidad": "0.65"}]
    specific, ad_valorem = amounts(body(31, row, totales=rated(("006", "617.93"), ("023", "10"))))
    assert (specific[ESPECIFICO], ad_valorem[ADVALOREM]) == ("276.34", "73.49")


def test_cigarettes() -> None:
    row = line(
        cantidad_item="1",
        cantidad_referencia="20",
        precio_unitario_referencia="200.00",
        impuestos_adicionales=[{"tipo_impuesto": "019"}, {"tipo_impuesto": "036"}],
    )
    specific, ad_valorem = amounts(body(31, row, totales=rated(("019", "25.86"), ("036", "20"))))
    assert (specific[ESPECIFICO], ad_valorem[ADVALOREM]) == ("517.20", "478.77")


def test_alcohol_in_bulk_pays_only_ad_valorem() -> None:
    row = line(precio_unitario_item="10163.97", unidad_medida=18, impuestos_adicionales=[{"tipo_impuesto": "031"}])
    assert amounts(body(31, row)) == [{"tipo_impuesto": "031", "tasa_impuesto_adicional": "10", ADVALOREM: "2642.63"}]


def test_telecommunications_pay_by_percentage_outside_the_itbis_base() -> None:
    row = line(
        cantidad_item="1",
        precio_unitario_item="118464.21",
        impuestos_adicionales=[{"tipo_impuesto": "002"}, {"tipo_impuesto": "004"}],
    )
    document, findings = computed(body(31, row))
    assert findings == ()
    assert [row["otros_impuestos_adicionales"] for row in amounts(body(31, row))] == ["2369.28", "11846.42"]
    assert document.text("totales", "total_itbis1") == "21323.56"


@pytest.mark.parametrize(("tipo_ajuste", "expected"), [("D", "8.41"), ("R", "11.59")])
def test_a_global_adjustment_is_spread_over_the_lines_by_weight(tipo_ajuste: str, expected: str) -> None:
    taxed = [
        line(cantidad_item="1", precio_unitario_item=price, impuestos_adicionales=[{"tipo_impuesto": "002"}])
        for price in ("200", "300")
    ]
    plain = line(cantidad_item="1", precio_unitario_item="130")
    adjustment = {"tipo_ajuste": tipo_ajuste, "tipo_valor": "$", "monto_descuento_o_recargo": "100.00"}
    (row,) = amounts(body(31, *taxed, plain, descuentos_o_recargos=[adjustment]))
    assert row["otros_impuestos_adicionales"] == expected


def test_prices_with_itbis_are_freed_of_it_first() -> None:
    row = line(cantidad_item="1", precio_unitario_item="118.00", impuestos_adicionales=[{"tipo_impuesto": "001"}])
    assert amounts(with_tax(body(32, row)))[0]["otros_impuestos_adicionales"] == "10.00"


def test_a_rate_in_pesos_taken_from_our_table_is_worth_a_warning() -> None:
    row = beer()
    codes = {code for code, verdict in found(body(31, row)).values()}
    assert codes == {"ECF-2133"}
    assert amounts(body(31, row))[0]["tasa_impuesto_adicional"] == "632.58"


def test_a_rate_we_do_not_have_is_asked_for() -> None:
    payload = body(31, beer(), emisor={"fecha_emision": "2020-04-01"})
    assert found(payload)["/totales/impuestos_adicionales"] == ("ECF-2132", Verdict.REFUSED)


@pytest.mark.parametrize("name", ["cantidad_referencia", "subcantidades_item", "grados_alcohol", "precio_unitario_referencia"])
def test_what_the_formula_needs_is_asked_for(name: str) -> None:
    row = beer()
    del row[name]
    refused = found(body(31, row, totales=rated(("006", "633.85"), ("023", "10"))))
    assert refused[f"/items/0/{name}"] == ("ECF-1062", Verdict.REFUSED)


@pytest.mark.parametrize(
    ("table", "pointer", "code"),
    [
        (rated(("002", "2")), "/totales/impuestos_adicionales/0/tipo_impuesto", "ECF-2135"),
        (rated(("001", "10"), ("001", "10")), "/totales/impuestos_adicionales/1/tipo_impuesto", "ECF-1067"),
    ],
)
def test_header_rows_that_no_line_has_or_that_come_twice(table: dict[str, Any], pointer: str, code: str) -> None:
    row = line(impuestos_adicionales=[{"tipo_impuesto": "001"}])
    assert found(body(31, row, totales=table))[pointer] == (code, Verdict.REFUSED)


def test_an_amount_that_is_not_that_of_the_lines_is_refused_as_dgii_does() -> None:
    row = line(impuestos_adicionales=[{"tipo_impuesto": "001"}])
    table = {
        "impuestos_adicionales": [
            {"tipo_impuesto": "001", "tasa_impuesto_adicional": "10", "otros_impuestos_adicionales": "102.00"}
        ]
    }
    pointer = "/totales/impuestos_adicionales/0/otros_impuestos_adicionales"
    assert found(body(31, row, totales=table))[pointer] == ("ECF-2114", Verdict.REFUSED)


def test_taxes_in_another_currency_are_the_pesos_divided_by_the_rate() -> None:
    row = line(impuestos_adicionales=[{"tipo_impuesto": "001"}])
    document, findings = computed(body(31, row, otra_moneda={"tipo_moneda": "USD", "tipo_cambio": "50"}))
    assert findings == ()
    held = document.tree["otra_moneda"]
    assert isinstance(held, dict)
    assert held["monto_impuesto_adicional_otra_moneda"] == "2.00"
    assert rows(held, "impuestos_adicionales_otra_moneda") == [
        {
            "tipo_impuesto_otra_moneda": "001",
            "tasa_impuesto_adicional_otra_moneda": "10",
            "otros_impuestos_adicionales_otra_moneda": "2.00",
        }
    ]


def test_every_code_of_the_list_has_group_and_rate() -> None:
    for code in lists()["tipo_impuesto"]:
        assert taxes.group(code) in taxes.HEADER_FIELD
        assert taxes.published_rate(code, date(2026, 11, 24)) is not None


def test_the_rate_is_that_of_the_day() -> None:
    assert taxes.published_rate("006", date(2025, 9, 30)) is None
    rate = taxes.published_rate("006", date(2025, 10, 1))
    assert rate is not None
    assert rate.rate == Decimal("632.58")


def test_each_ad_valorem_tax_has_its_specific_one() -> None:
    pairs = {code: taxes.specific_of(code) for code in lists()["tipo_impuesto"] if taxes.group(code) in taxes.AD_VALOREM}
    assert (pairs["023"], pairs["035"], pairs["036"], pairs["039"]) == ("006", "018", "019", "022")
    assert {taxes.group(specific) for specific in pairs.values()} == taxes.SPECIFIC
