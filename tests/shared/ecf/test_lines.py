"""The amounts of one line: rounding, sub-discounts, sub-surcharges, tolerance."""

from typing import Any

import pytest

from shared.ecf.findings import Verdict
from tests.shared.ecf.bodies import body, line
from tests.shared.ecf.computing import computed, found


@pytest.mark.parametrize(
    ("quantity", "price", "expected"),
    [("1", "2.665", "2.67"), ("1", "2.675", "2.68"), ("1", "1.005", "1.01"), ("3", "0.005", "0.02"), ("1", "0.0049", "0.00")],
)
def test_rounding_is_half_up(quantity: str, price: str, expected: str) -> None:
    document, _ = computed(body(31, line(cantidad_item=quantity, precio_unitario_item=price)))
    assert document.items[0]["monto_item"] == expected


def test_discounts_and_surcharges_of_a_line_by_amount_and_percentage() -> None:
    discounts = [
        {"tipo_sub_descuento": "%", "sub_descuento_porcentaje": "10"},
        {"tipo_sub_descuento": "$", "monto_sub_descuento": "5.50"},
    ]
    surcharges = [{"tipo_sub_recargo": "%", "sub_recargo_porcentaje": "2.50"}]
    document, findings = computed(body(31, line(sub_descuentos=discounts, sub_recargos=surcharges)))
    row = document.items[0]
    assert findings == ()
    assert (row["descuento_monto"], row["recargo_monto"], row["monto_item"]) == ("105.50", "25.00", "919.50")
    assert row["sub_descuentos"] == [{**discounts[0], "monto_sub_descuento": "100.00"}, discounts[1]]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"descuento_monto": "5.00"}, "/items/0/descuento_monto", "ECF-2011"),
        ({"recargo_monto": "5.00"}, "/items/0/recargo_monto", "ECF-2013"),
        (
            {"descuento_monto": "5.00", "sub_descuentos": [{"tipo_sub_descuento": "$", "monto_sub_descuento": "4.00"}]},
            "/items/0/descuento_monto",
            "ECF-2012",
        ),
        (
            {"recargo_monto": "5.00", "sub_recargos": [{"tipo_sub_recargo": "$", "monto_sub_recargo": "4.00"}]},
            "/items/0/recargo_monto",
            "ECF-2014",
        ),
        ({"sub_descuentos": [{"tipo_sub_descuento": "$"}]}, "/items/0/sub_descuentos/0/monto_sub_descuento", "ECF-2015"),
        (
            {"sub_descuentos": [{"tipo_sub_descuento": "$", "monto_sub_descuento": "1000.01"}]},
            "/items/0/monto_item",
            "ECF-2001",
        ),
        ({"precio_unitario_item": "9999999999999999", "cantidad_item": "2"}, "/items/0/monto_item", "ECF-2130"),
    ],
)
def test_lines_that_dgii_refuses(changes: dict[str, Any], pointer: str, code: str) -> None:
    assert found(body(31, line(**changes)))[pointer] == (code, Verdict.REFUSED)


def test_a_discount_is_explained_with_the_table_to_send() -> None:
    (first, *_) = computed(body(31, line(descuento_monto="5.00")))[1]
    assert '[{"tipo_sub_descuento": "$", "monto_sub_descuento": "5.00"}]' in first.detail


@pytest.mark.parametrize(
    ("sent", "code", "verdict"),
    [
        ("1000.00", None, None),
        ("1000", None, None),
        ("1000.99", "ECF-2100", Verdict.WARNING),
        ("1001.00", "ECF-2100", Verdict.WARNING),
        ("999.00", "ECF-2100", Verdict.WARNING),
        ("1001.01", "ECF-2002", Verdict.CONDITIONAL),
    ],
)
def test_a_line_amount_is_kept_within_one_peso(sent: str, code: str | None, verdict: Verdict | None) -> None:
    document, _ = computed(body(31, line(monto_item=sent)))
    assert document.items[0]["monto_item"] == sent
    assert found(body(31, line(monto_item=sent))).get("/items/0/monto_item", (None, None)) == (code, verdict)


def test_a_discount_of_everything_leaves_nothing_however_it_is_rounded() -> None:
    whole = line(
        cantidad_item="0.04",
        precio_unitario_item="0.3750",
        sub_descuentos=[{"tipo_sub_descuento": "%", "sub_descuento_porcentaje": "100"}],
    )
    document, findings = computed(body(31, line(), whole))
    assert findings == ()
    assert (document.items[1]["descuento_monto"], document.items[1]["monto_item"]) == ("0.02", "0.00")
