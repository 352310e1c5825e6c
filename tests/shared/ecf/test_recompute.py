"""Dropping what the law derives and computing it again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ecf.amounts import compute
from shared.ecf.document import Document
from shared.ecf.recompute import bare, changes
from shared.ecf.tree import branch
from tests.shared.ecf.bodies import body, line
from tests.shared.ecf.computing import computed, with_tax


def again(document: Document) -> Document:
    return compute(bare(document))[0]


BODIES: dict[str, dict[str, Any]] = {
    "one line": body(),
    "three rates and exempt": body(
        31, line(), line(indicador_facturacion=2), line(indicador_facturacion=3), line(indicador_facturacion=4)
    ),
    "prices with tax": with_tax(body(31, line(), line(indicador_facturacion=2))),
    "a discount by percentage": body(31, line(sub_descuentos=[{"tipo_sub_descuento": "%", "sub_descuento_porcentaje": "10"}])),
    "a discount of pesos": body(31, line(sub_descuentos=[{"tipo_sub_descuento": "$", "monto_sub_descuento": "25.00"}])),
    "a surcharge": body(31, line(sub_recargos=[{"tipo_sub_recargo": "%", "sub_recargo_porcentaje": "5"}])),
    "a global discount": body(
        31,
        line(),
        descuentos_o_recargos=[{"tipo_ajuste": "D", "tipo_valor": "%", "valor_descuento_o_recargo": "10", "numero_linea": "1"}],
    ),
    "a balance before": body(31, totales={"saldo_anterior": "100.00"}),
    "a period asked for": body(31, totales={"monto_periodo": "1180.00", "valor_pagar": "1180.00"}),
    "in dollars": body(
        31,
        line(otra_moneda_detalle={"precio_otra_moneda": "10.0000"}),
        otra_moneda={"tipo_moneda": "USD", "tipo_cambio": "50.0000"},
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_what_was_computed_comes_out_the_same(name: str) -> None:
    document, _ = computed(BODIES[name])
    assert changes(document, again(document)) == []


@pytest.mark.parametrize("name", BODIES)
def test_nothing_of_what_a_caller_decides_is_lost(name: str) -> None:
    document, _ = computed(BODIES[name])
    left = bare(document)
    assert set(left.tree) == set(document.tree)
    assert [one["precio_unitario_item"] for one in left.items] == [one["precio_unitario_item"] for one in document.items]
    assert "monto_total" not in branch(left.tree, "totales")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9999), st.integers(1, 99_999), st.integers(1, 4)), min_size=1, max_size=6), st.booleans())
def test_any_amounts_that_were_sent_give_way_to_the_computed_ones(lines: list[tuple[int, int, int]], taxed: bool) -> None:
    made = [
        line(cantidad_item=str(count), precio_unitario_item=f"{cents // 100}.{cents % 100:02d}", indicador_facturacion=of)
        for count, cents, of in lines
    ]
    payload = with_tax(body(31, *made)) if taxed else body(31, *made)
    right, _ = computed(payload)
    spoilt = {
        **right.tree,
        "totales": {name: "7.77" for name, held in branch(right.tree, "totales").items() if isinstance(held, str)},
    }
    assert again(Document("31", spoilt)) == right


def test_changes_name_what_moved_what_came_and_what_went() -> None:
    before = Document("31", {"a": "1", "b": {"c": "2"}, "d": ["3"]})
    after = Document("31", {"a": "1", "b": {"c": "4"}, "e": "5"})
    assert changes(before, after) == [("/b/c", "2", "4"), ("/d/0", "3", None), ("/e", None, "5")]
