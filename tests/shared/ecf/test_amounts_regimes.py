"""MON-01 for the regimes with formulas of their own: ISC, Norma 10-07, period, balance and advance; code-2 notes; the limits."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ecf.amounts import compute
from shared.ecf.document import parse
from shared.ecf.emission import prepare
from shared.ecf.findings import Verdict
from shared.ecf.tree import branch, number, rows
from shared.errors import InvalidInput
from tests.shared.ecf.bodies import EMISOR, HOY, at, good, line, line_of
from tests.shared.ecf.computing import computed
from tests.shared.ecf.effort import tries

FULL = settings(max_examples=tries(60, 10_000), deadline=None)
CENT, ZERO = Decimal("0.01"), Decimal(0)
money = st.decimals("0", "9999999.99", places=2)


def totals_of(payload: dict[str, Any]) -> dict[str, Decimal]:
    document, findings = computed(payload)
    assert [one for one in findings if one.verdict is not Verdict.WARNING] == []
    again, more = compute(document)
    assert again == document
    assert {one.code for one in more} <= {one.code for one in findings}
    held = branch(document.tree, "totales")
    return {name: amount for name in held if isinstance(held[name], str) and (amount := number(held, name)) is not None}


@FULL
@given(
    st.integers(1, 500),
    st.integers(1, 48),
    st.decimals("0.001", "2", places=3),
    st.decimals("1", "60", places=2),
    st.decimals("500", "700", places=2),
    st.decimals("1", "5000", places=2),
)
def test_alcohol_pays_by_its_litres_and_degrees_and_pays_itbis_on_it(
    count: int, units: int, litres: Decimal, degrees: Decimal, rate: Decimal, price: Decimal
) -> None:
    row = line(
        cantidad_item=str(count),
        precio_unitario_item=f"{price:f}",
        unidad_medida=6,
        cantidad_referencia=str(units),
        subcantidades_item=[{"subcantidad": f"{litres:f}", "codigo_subcantidad": 24}],
        grados_alcohol=f"{degrees:f}",
        impuestos_adicionales=[{"tipo_impuesto": "006"}],
    )
    table = [{"tipo_impuesto": "006", "tasa_impuesto_adicional": f"{rate:f}"}]
    held = totals_of(good(31, row, totales={"impuestos_adicionales": table}))
    owed = rate * degrees / 100 * units * litres * count
    assert abs(held.get("monto_impuesto_adicional", ZERO) - owed) <= CENT / 2
    base = price * count + held.get("monto_impuesto_adicional", ZERO)
    assert abs(held["total_itbis1"] - base * Decimal("0.18")) <= CENT / 2


@FULL
@given(st.integers(1, 500), st.integers(1, 50), st.decimals("20", "60", places=2), st.decimals("100", "900", places=2))
def test_cigarettes_pay_by_the_pack_and_by_their_retail_price(count: int, packs: int, rate: Decimal, retail: Decimal) -> None:
    row = line(
        cantidad_item=str(count),
        unidad_medida=6,
        cantidad_referencia=str(packs),
        precio_unitario_referencia=f"{retail:f}",
        impuestos_adicionales=[{"tipo_impuesto": "019"}, {"tipo_impuesto": "036"}],
    )
    table = [
        {"tipo_impuesto": "019", "tasa_impuesto_adicional": f"{rate:f}"},
        {"tipo_impuesto": "036", "tasa_impuesto_adicional": "20"},
    ]
    held = totals_of(good(31, row, totales={"impuestos_adicionales": table}))
    specific = count * packs * rate
    advalorem = (retail / Decimal("1.18") - rate) / Decimal("1.2") * Decimal("0.2") * packs * count
    assert abs(held["monto_impuesto_adicional"] - specific - advalorem) <= 2 * CENT


@FULL
@given(st.decimals("1", "99999", places=2), st.decimals("0", "1", places=2))
def test_norma_10_07_divides_three_taxes_out_and_discounts_only_what_is_paid(price: Decimal, off: Decimal) -> None:
    row = line(
        cantidad_item="1",
        precio_unitario_item=f"{price:f}",
        impuestos_adicionales=[{"tipo_impuesto": "002"}, {"tipo_impuesto": "004"}],
    )
    discount = {
        "tipo_ajuste": "D",
        "indicador_norma1007": 1,
        "tipo_valor": "$",
        "monto_descuento_o_recargo": f"{off:f}",
        "indicador_facturacion_descuento_o_recargo": 1,
    }
    held = totals_of(at(good(31, row, descuentos_o_recargos=[discount]), "/id_doc/indicador_monto_gravado", 1))
    base = price / Decimal("1.30")
    assert abs(held["monto_gravado_i1"] - base) <= CENT / 2
    assert abs(held["monto_impuesto_adicional"] - base * Decimal("0.12")) <= CENT
    assert abs(held["monto_total"] - price) <= 3 * CENT
    assert held.get("valor_pagar", held["monto_total"]) == held["monto_total"] - off


@FULL
@given(money, money, st.decimals("-99999", "99999", places=2), st.booleans())
def test_period_balance_and_advance(extra: Decimal, paid: Decimal, before: Decimal, with_line: bool) -> None:
    lines = [line(), *([line(indicador_facturacion=0, cantidad_item="1", precio_unitario_item=f"{extra:f}")] if with_line else [])]
    held = totals_of(good(31, *lines, totales={"saldo_anterior": f"{before:f}", "monto_avance_pago": f"{paid:f}"}))
    unbilled = extra if with_line else ZERO
    assert held["monto_total"] == Decimal("1180.00")
    assert held.get("monto_no_facturable", ZERO) == unbilled
    assert held["monto_periodo"] == held["monto_total"] + unbilled
    assert held["valor_pagar"] == held["monto_total"] - paid + before


def test_a_note_that_corrects_text_has_the_shape_of_dgiis_own() -> None:
    payload = good(34, line(indicador_facturacion=0, cantidad_item="1", precio_unitario_item="1.00"))
    payload["informacion_referencia"]["codigo_modificacion"] = 2
    del payload["id_doc"]["indicador_monto_gravado"]
    draft = prepare(payload, emisor=EMISOR, today=HOY)
    assert draft.findings == ()
    assert draft.document.tree["totales"] == {"monto_total": "0.00", "monto_no_facturable": "1.00"}


def test_rates_are_those_of_the_day_asked_for() -> None:
    row = line(
        unidad_medida=6,
        cantidad_referencia="1",
        precio_unitario_referencia="200.00",
        impuestos_adicionales=[{"tipo_impuesto": "019"}],
    )
    document = parse(at(good(31, row), "/emisor", {"fecha_emision": "2020-04-01"}), emisor=EMISOR, today=HOY)
    assert {one.code for one in compute(document)[1]} == {"ECF-2132"}
    dated, findings = compute(document, HOY)
    assert {one.code for one in findings} == {"ECF-2133"}
    (tax,) = rows(branch(dated.tree, "totales"), "impuestos_adicionales")
    assert tax["tasa_impuesto_adicional"] == "53.51"


@pytest.mark.parametrize("tipo", [33, 34])
def test_ten_thousand_lines_are_taken_in_notes(tipo: int) -> None:
    draft = prepare(good(tipo, *[line_of(tipo)] * 10_000), emisor=EMISOR, today=HOY)
    assert draft.monto_total == Decimal("11800000.00")
    with pytest.raises(InvalidInput) as refused:
        prepare(good(tipo, *[line_of(tipo)] * 10_001), emisor=EMISOR, today=HOY)
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/items", "ECF-0107")]


@pytest.mark.parametrize("tipo", [31, 32, 41, 43, 44, 45, 46, 47])
def test_the_others_take_a_thousand(tipo: int) -> None:
    assert len(prepare(good(tipo, *[line_of(tipo)] * 1000), emisor=EMISOR, today=HOY).document.items) == 1000
    with pytest.raises(InvalidInput) as refused:
        prepare(good(tipo, *[line_of(tipo)] * 1001), emisor=EMISOR, today=HOY)
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/items", "ECF-0107")]


def test_amounts_at_the_limit_and_one_cent_over() -> None:
    most = line_of(44, cantidad_item="1", precio_unitario_item="9999999999999999")
    cents = line_of(44, cantidad_item="1", precio_unitario_item="0.99")
    assert prepare(good(44, most, cents), emisor=EMISOR, today=HOY).monto_total == Decimal("9999999999999999.99")
    with pytest.raises(InvalidInput) as refused:
        prepare(good(44, most, line_of(44, cantidad_item="1", precio_unitario_item="1.00")), emisor=EMISOR, today=HOY)
    assert {one.code for one in refused.value.errors} == {"ECF-2130"}
