"""Every formula of the totals: worked examples of the documentation, then properties over any document."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ecf.amounts import compute
from shared.ecf.findings import Verdict
from shared.ecf.tree import Tree
from tests.shared.ecf.bodies import body, line
from tests.shared.ecf.computing import computed, found, totals, with_tax


def test_one_line_at_eighteen_percent() -> None:
    assert totals(body()) == {
        "monto_gravado_total": "1000.00",
        "monto_gravado_i1": "1000.00",
        "itbis1": "18",
        "total_itbis": "180.00",
        "total_itbis1": "180.00",
        "monto_total": "1180.00",
    }


def test_every_class_of_line_has_its_own_total() -> None:
    lines = [line(indicador_facturacion=kind) for kind in (0, 1, 2, 3, 4)]
    assert totals(body(31, *lines)) == {
        "monto_gravado_total": "3000.00",
        "monto_gravado_i1": "1000.00",
        "monto_gravado_i2": "1000.00",
        "monto_gravado_i3": "1000.00",
        "monto_exento": "1000.00",
        "itbis1": "18",
        "itbis2": "16",
        "itbis3": "0",
        "total_itbis": "340.00",
        "total_itbis1": "180.00",
        "total_itbis2": "160.00",
        "total_itbis3": "0.00",
        "monto_total": "4340.00",
        "monto_no_facturable": "1000.00",
    }


def test_prices_with_itbis_give_back_the_price() -> None:
    payload = with_tax(body(32, line(cantidad_item="1", precio_unitario_item="10.00")))
    held = totals(payload)
    assert (held["monto_gravado_i1"], held["total_itbis1"], held["monto_total"]) == ("8.47", "1.53", "10.00")


def test_totals_are_in_the_order_of_the_schema() -> None:
    document, _ = computed(body(31, line(), line(indicador_facturacion=4), totales={"monto_total": "2180.00"}))
    assert list(document.tree["totales"])[-1] == "monto_total"
    assert list(document.tree)[:5] == ["version", "id_doc", "emisor", "comprador", "totales"]


@pytest.mark.parametrize(
    ("name", "sent", "code", "verdict"),
    [
        ("monto_total", "1180", None, None),
        ("monto_total", "1181.00", "ECF-2100", Verdict.WARNING),
        ("monto_total", "1181.01", "ECF-2115", Verdict.CONDITIONAL),
        ("monto_gravado_i1", "1001.01", "ECF-2110", Verdict.CONDITIONAL),
        ("monto_gravado_i1", "0.00", "ECF-2111", Verdict.REFUSED),
        ("monto_gravado_i2", "5.00", "ECF-2111", Verdict.REFUSED),
        ("monto_gravado_i2", "0.00", None, None),
        ("monto_exento", "5.00", "ECF-2112", Verdict.REFUSED),
        ("itbis1", "16", "ECF-2121", Verdict.REFUSED),
        ("total_itbis1", "182.00", "ECF-2113", Verdict.CONDITIONAL),
        ("total_itbis", "180.50", "ECF-2100", Verdict.WARNING),
        ("monto_impuesto_adicional", "5.00", "ECF-2114", Verdict.REFUSED),
        ("monto_periodo", "1181.00", "ECF-2116", Verdict.CONDITIONAL),
        ("valor_pagar", "1200.00", "ECF-2117", Verdict.CONDITIONAL),
        ("total_itbis_retenido", "30.00", "ECF-2117", Verdict.CONDITIONAL),
    ],
)
def test_totals_sent_are_kept_and_what_dgii_would_say_is_listed(
    name: str, sent: str, code: str | None, verdict: Verdict | None
) -> None:
    payload = body(totales={name: sent})
    document, _ = computed(payload)
    assert document.text("totales", name) == sent
    assert found(payload).get(f"/totales/{name}", (None, None)) == (code, verdict)


def test_a_finding_says_expected_observed_and_tolerance() -> None:
    (finding,) = computed(body(totales={"monto_total": "1190.00"}))[1]
    assert all(part in finding.detail for part in ("1190.00", "1180.00", "1.00"))
    assert finding.codigo_dgii == "11105"


def test_the_tolerance_of_the_total_grows_with_the_lines() -> None:
    payload = body(31, line(), line(), line(), totales={"monto_total": "3543.00"})
    assert found(payload) == {"/totales/monto_total": ("ECF-2100", Verdict.WARNING)}


def test_what_is_owed_counts_balance_and_advance() -> None:
    held = totals(body(totales={"saldo_anterior": "-100.00", "monto_avance_pago": "80.00"}))
    assert (held["monto_periodo"], held["valor_pagar"]) == ("1180.00", "1000.00")


def test_withholdings_are_summed_and_do_not_lower_the_total() -> None:
    withheld = {"indicador_agente_retencion_o_percepcion": 1, "monto_itbis_retenido": "54.00", "monto_isr_retenido": "100.00"}
    held = totals(body(31, line(retencion=withheld), line(retencion=withheld)))
    assert (held["total_itbis_retenido"], held["total_isr_retencion"], held["monto_total"]) == ("108.00", "200.00", "2360.00")


def test_another_currency_is_the_pesos_divided_by_the_rate() -> None:
    document, findings = computed(body(otra_moneda={"tipo_moneda": "USD", "tipo_cambio": "56.3000"}))
    assert findings == ()
    assert document.tree["otra_moneda"] == {
        "tipo_moneda": "USD",
        "tipo_cambio": "56.3000",
        "monto_gravado_total_otra_moneda": "17.76",
        "monto_gravado1_otra_moneda": "17.76",
        "total_itbis_otra_moneda": "3.20",
        "total_itbis1_otra_moneda": "3.20",
        "monto_total_otra_moneda": "20.96",
    }
    assert document.items[0]["otra_moneda_detalle"] == {"precio_otra_moneda": "8.8810", "monto_item_otra_moneda": "17.76"}


@pytest.mark.parametrize("held", [{"tipo_moneda": "USD"}, {"tipo_cambio": "56.30"}])
def test_another_currency_needs_name_and_rate(held: dict[str, str]) -> None:
    assert {one.code for one in computed(body(otra_moneda=held))[1]} == {"ECF-2134"}


def test_a_line_in_another_currency_needs_the_header() -> None:
    payload = body(31, line(otra_moneda_detalle={"precio_otra_moneda": "8.88"}))
    assert {one.code for one in computed(payload)[1]} == {"ECF-2134"}


_AMOUNT = st.decimals("0.01", "99999", places=2).map(str)
_LINE = st.builds(
    lambda price, quantity, kind, percent: line(
        precio_unitario_item=price,
        cantidad_item=quantity,
        indicador_facturacion=kind,
        **({"sub_descuentos": [{"tipo_sub_descuento": "%", "sub_descuento_porcentaje": percent}]} if percent else {}),
    ),
    st.decimals("0", "9999", places=4).map(str),
    _AMOUNT,
    st.integers(0, 4),
    st.none() | st.decimals("0.01", "100", places=2).map(str),
)
_BODY = st.builds(
    lambda lines, inclusive: with_tax(body(32, *lines)) if inclusive else body(32, *lines),
    st.lists(_LINE, min_size=1, max_size=8),
    st.booleans(),
)


def _number(tree: Tree, name: str) -> Decimal:
    held = tree.get(name, "0")
    assert isinstance(held, str)
    return Decimal(held)


@settings(max_examples=300, deadline=None)
@given(_BODY)
def test_totals_are_the_sums_of_their_lines_and_of_each_other(payload: dict[str, Any]) -> None:
    document, findings = computed(payload)
    held = document.tree["totales"]
    assert isinstance(held, dict)
    assert [one for one in findings if one.verdict is not Verdict.WARNING] == []
    divisors = {"1": Decimal("1.18"), "2": Decimal("1.16")} if document.text("id_doc", "indicador_monto_gravado") == "1" else {}
    names = {
        "0": "monto_no_facturable",
        "1": "monto_gravado_i1",
        "2": "monto_gravado_i2",
        "3": "monto_gravado_i3",
        "4": "monto_exento",
    }
    for kind, name in names.items():
        added = sum((_number(row, "monto_item") for row in document.items if row["indicador_facturacion"] == kind), Decimal(0))
        expected = (added / divisors.get(kind, Decimal(1))).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert _number(held, name) == expected
    taxed = ("monto_gravado_i1", "monto_gravado_i2", "monto_gravado_i3")
    assert _number(held, "monto_gravado_total") == sum(_number(held, name) for name in taxed)
    assert _number(held, "total_itbis") == sum(_number(held, f"total_itbis{rate}") for rate in (1, 2, 3))
    parts = ("monto_gravado_total", "monto_exento", "total_itbis", "monto_impuesto_adicional")
    assert _number(held, "monto_total") == sum(_number(held, name) for name in parts)
    for rate, percent in ((1, "0.18"), (2, "0.16")):
        assert abs(_number(held, f"total_itbis{rate}") - _number(held, f"monto_gravado_i{rate}") * Decimal(percent)) <= Decimal(
            "0.01"
        )


@settings(max_examples=150, deadline=None)
@given(_BODY)
def test_computing_again_changes_nothing(payload: dict[str, Any]) -> None:
    once, _ = computed(payload)
    again, findings = compute(once)
    assert again == once
    # An inclusive price leaves a cent between the rounded base and the ITBIS of the exact one; nothing more.
    assert {one.verdict for one in findings} <= {Verdict.WARNING}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(1, 9_999_999), min_size=1, max_size=20))
def test_a_price_with_itbis_is_what_the_buyer_pays(cents: list[int]) -> None:
    lines = [line(cantidad_item="1", precio_unitario_item=f"{amount / Decimal(100):.2f}") for amount in cents]
    assert computed(with_tax(body(32, *lines)))[0].monto_total == sum(cents) / Decimal(100)
