"""The other currency: filled in as a whole or compared as it was sent, never mixed."""

from typing import Any

import pytest

from shared.ecf.findings import Verdict
from shared.ecf.tree import rows
from tests.shared.ecf.bodies import at, good, line
from tests.shared.ecf.computing import computed, found

USD = {"tipo_moneda": "USD", "tipo_cambio": "50.0000"}
DISCOUNT = {"tipo_ajuste": "D", "tipo_valor": "$", "monto_descuento_o_recargo": "100.00"}


def abroad(payload: dict[str, Any]) -> object:
    return computed(payload)[0].tree["otra_moneda"]


@pytest.mark.parametrize("tipo", [31, 32, 33, 34, 41, 43, 44, 45, 46, 47])
def test_currency_and_rate_are_enough(tipo: int) -> None:
    document, findings = computed(good(tipo, otra_moneda=USD))
    assert findings == ()
    assert document.text("otra_moneda", "monto_total_otra_moneda") in ("20.00", "23.60")
    assert document.items[0]["otra_moneda_detalle"] == {"precio_otra_moneda": "10.0000", "monto_item_otra_moneda": "20.00"}


def test_a_table_that_the_caller_made_is_left_as_it_is() -> None:
    payload = good(31, otra_moneda={**USD, "monto_total_otra_moneda": "23.60"})
    assert abroad(payload) == {**USD, "monto_total_otra_moneda": "23.60"}
    assert "otra_moneda_detalle" not in computed(payload)[0].items[0]


def test_lines_that_have_a_detail_are_completed() -> None:
    payload = good(31, line(otra_moneda_detalle={"precio_otra_moneda": "10.00"}), otra_moneda=USD)
    assert computed(payload)[0].items[0]["otra_moneda_detalle"] == {
        "precio_otra_moneda": "10.00",
        "monto_item_otra_moneda": "20.00",
    }


def test_discounts_abroad_are_compared_where_they_are_sent() -> None:
    entry = {**DISCOUNT, "monto_descuento_o_recargo_otra_moneda": "4.00"}
    payload = good(31, descuentos_o_recargos=[entry], otra_moneda=USD)
    assert found(payload) == {
        "/descuentos_o_recargos/0/monto_descuento_o_recargo_otra_moneda": ("ECF-2119", Verdict.CONDITIONAL),
    }
    assert found(at(payload, "/descuentos_o_recargos/0/monto_descuento_o_recargo_otra_moneda", "2.00")) == {}
    discounted = line(
        sub_descuentos=[{"tipo_sub_descuento": "$", "monto_sub_descuento": "100.00"}],
        otra_moneda_detalle={"descuento_otra_moneda": "9.00"},
    )
    assert found(good(31, discounted, otra_moneda=USD)) == {
        "/items/0/otra_moneda_detalle/descuento_otra_moneda": ("ECF-2119", Verdict.CONDITIONAL),
    }


def test_additional_taxes_are_divided_too() -> None:
    payload = good(31, line(impuestos_adicionales=[{"tipo_impuesto": "002"}]), otra_moneda=USD)
    held = computed(payload)[0].tree["otra_moneda"]
    assert isinstance(held, dict)
    assert rows(held, "impuestos_adicionales_otra_moneda") == [
        {
            "tipo_impuesto_otra_moneda": "002",
            "tasa_impuesto_adicional_otra_moneda": "2",
            "otros_impuestos_adicionales_otra_moneda": "0.40",
        }
    ]
    assert held["monto_impuesto_adicional_otra_moneda"] == "0.40"
