"""Global discounts and surcharges: what they touch, when they are taken off, Norma 10-07."""

from typing import Any

import pytest

from tests.shared.ecf.bodies import body, line
from tests.shared.ecf.computing import computed, totals, with_tax


def test_global_discounts_come_after_the_itbis_inside_the_price() -> None:
    """DGII's certification row E310000000004: 14,825 and 3,752 with ITBIS, less 200 and 50."""
    lines = [
        line(cantidad_item="1", precio_unitario_item="14825"),
        line(cantidad_item="1", precio_unitario_item="3752", indicador_facturacion=2),
    ]
    discounts = [
        {
            "tipo_ajuste": "D",
            "tipo_valor": "$",
            "monto_descuento_o_recargo": amount,
            "indicador_facturacion_descuento_o_recargo": kind,
        }
        for kind, amount in ((1, "200.00"), (2, "50.00"))
    ]
    held = totals(with_tax(body(31, *lines, descuentos_o_recargos=discounts)))
    assert (held["monto_gravado_i1"], held["monto_gravado_i2"]) == ("12363.56", "3184.48")
    assert (held["total_itbis1"], held["total_itbis2"], held["monto_total"]) == ("2225.44", "509.52", "18283.00")


def test_a_global_percentage_is_of_the_class_it_touches() -> None:
    discount = {"tipo_ajuste": "D", "tipo_valor": "%", "valor_descuento_o_recargo": "10"}
    document, findings = computed(body(31, line(), descuentos_o_recargos=[discount]))
    assert findings == ()
    assert document.tree["descuentos_o_recargos"] == [
        {"numero_linea": "1", **discount, "monto_descuento_o_recargo": "100.00", "indicador_facturacion_descuento_o_recargo": "1"}
    ]
    assert document.text("totales", "monto_total") == "1062.00"


@pytest.mark.parametrize(
    ("lines", "changes", "code"),
    [
        ([line(), line(indicador_facturacion=4)], {"monto_descuento_o_recargo": "1.00"}, "ECF-2022"),
        ([line()], {"monto_descuento_o_recargo": "1.00", "indicador_facturacion_descuento_o_recargo": 4}, "ECF-2023"),
        ([line()], {"indicador_facturacion_descuento_o_recargo": 1}, "ECF-2015"),
        ([line()], {"monto_descuento_o_recargo": "1000.01"}, "ECF-2131"),
    ],
)
def test_global_adjustments_that_cannot_be(lines: list[dict[str, Any]], changes: dict[str, Any], code: str) -> None:
    adjustment = {"tipo_ajuste": "D", "tipo_valor": "$", **changes}
    codes = {one.code for one in computed(body(31, *lines, descuentos_o_recargos=[adjustment]))[1]}
    assert code in codes


def test_norma_10_07_divides_by_all_three_taxes_and_only_lowers_what_is_paid() -> None:
    row = line(
        cantidad_item="1", precio_unitario_item="500.00", impuestos_adicionales=[{"tipo_impuesto": "002"}, {"tipo_impuesto": "004"}]
    )
    discount = {"tipo_ajuste": "D", "indicador_norma1007": 1, "tipo_valor": "$", "monto_descuento_o_recargo": "100.00"}
    held = totals(with_tax(body(31, row, descuentos_o_recargos=[discount])))
    assert (held["monto_gravado_i1"], held["total_itbis1"]) == ("384.62", "69.23")
    assert [tax["otros_impuestos_adicionales"] for tax in held["impuestos_adicionales"]] == ["7.69", "38.46"]  # type: ignore[index,union-attr,call-overload]
    assert (held["monto_total"], held["valor_pagar"]) == ("500.00", "400.00")


def test_lines_outside_the_total_do_not_make_the_class_doubtful() -> None:
    discount = {"tipo_ajuste": "D", "tipo_valor": "$", "monto_descuento_o_recargo": "100.00"}
    held = totals(body(31, line(), line(indicador_facturacion=0), descuentos_o_recargos=[discount]))
    assert (held["monto_gravado_i1"], held["monto_no_facturable"]) == ("900.00", "1000.00")
