"""MON-01 and MON-04 by hypothesis: whatever is bought, the totals are the law's, add up, and stay what they are.

100 examples a group; with FULL_FIGURES=1 10,000.
"""

from decimal import ROUND_HALF_UP, Context, Decimal, FloatOperation, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ecf.amounts import compute
from shared.ecf.document import Document, parse
from shared.ecf.findings import Verdict
from shared.ecf.money import rounded
from shared.ecf.tree import Tree, branch, number, rows
from tests.shared.ecf.bodies import EMISOR, HOY, at, good, line_of
from tests.shared.ecf.effort import tries

FULL = settings(max_examples=tries(100, 10_000), deadline=None)
RATES = {1: Decimal("0.18"), 2: Decimal("0.16"), 3: Decimal(0), 4: Decimal(0)}
CENT = Decimal("0.01")
ZERO = Decimal(0)

prices = st.decimals("0", "99999.9999", places=4).map(lambda n: f"{n:f}")
quantities = st.decimals("0.01", "9999.99", places=2).map(lambda n: f"{n:f}")
rates = st.decimals("0.01", "100", places=2).map(lambda n: f"{n:f}")
TYPES = (31, 32, 33, 34, 41, 43, 44, 45, 46, 47)
CLASSES = {43: (4,), 44: (4,), 47: (4,), 46: (3,)}


@st.composite
def lines_of(draw: st.DrawFn, tipo: int, most: int = 6) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw(st.integers(1, most))):
        line = line_of(tipo, cantidad_item=draw(quantities), precio_unitario_item=draw(prices))
        line["indicador_facturacion"] = draw(st.sampled_from(CLASSES.get(tipo, (1, 2, 3, 4))))
        if tipo not in (43, 47):
            if draw(st.booleans()):
                line["sub_descuentos"] = [{"tipo_sub_descuento": "%", "sub_descuento_porcentaje": draw(rates)}]
            if draw(st.booleans()):
                line["sub_recargos"] = [{"tipo_sub_recargo": "%", "sub_recargo_porcentaje": draw(rates)}]
        found.append(line)
    return found


@st.composite
def bodies(draw: st.DrawFn, types: tuple[int, ...] = TYPES) -> dict[str, Any]:
    tipo = draw(st.sampled_from(types))
    found = good(tipo, *draw(lines_of(tipo)))
    if "indicador_monto_gravado" in found["id_doc"]:
        found["id_doc"]["indicador_monto_gravado"] = draw(st.integers(0, 1))
    return found


def computed(payload: dict[str, Any]) -> Document:
    document, findings = compute(parse(payload, emisor=EMISOR, today=HOY))
    assert [one for one in findings if one.verdict is not Verdict.WARNING] == []
    return document


def amount(holder: Tree, name: str) -> Decimal:
    return number(holder, name) or ZERO


def naive(payload: dict[str, Any]) -> dict[str, Decimal]:
    """Base of each class and the whole, written anew from the law: price × quantity, percentages of it, ITBIS divided out."""
    gross = payload["id_doc"].get("indicador_monto_gravado") == 1
    found: dict[str, Decimal] = dict.fromkeys(("1", "2", "3", "4"), ZERO)
    with localcontext(Context(prec=60, rounding=ROUND_HALF_UP)):
        for line in payload["items"]:
            whole = Decimal(line["cantidad_item"]) * Decimal(line["precio_unitario_item"])
            for table, stem, sign in (("sub_descuentos", "sub_descuento", -1), ("sub_recargos", "sub_recargo", 1)):
                for entry in line.get(table, []):
                    part = Decimal(line["cantidad_item"]) * Decimal(line["precio_unitario_item"])
                    whole += sign * part * Decimal(entry[f"{stem}_porcentaje"]) / 100
            class_ = line["indicador_facturacion"]
            found[str(class_)] += whole / (1 + RATES[class_] if gross else 1)
        found["total"] = sum((found[str(class_)] * (1 + rate) for class_, rate in RATES.items()), ZERO)
    return found


@FULL
@given(bodies())
def test_totals_are_the_lines_within_dgiis_tolerance_and_add_up_to_the_cent(payload: dict[str, Any]) -> None:
    with localcontext() as context:
        context.traps[FloatOperation] = True
        document = computed(payload)
    totals, expected = branch(document.tree, "totales"), naive(payload)
    tolerance = Decimal(len(payload["items"]))
    assert abs(document.monto_total - expected["total"]) <= tolerance
    for rate in ("1", "2", "3"):
        assert abs(amount(totals, f"monto_gravado_i{rate}") - expected[rate]) <= tolerance
    assert abs(amount(totals, "monto_exento") - expected["4"]) <= tolerance
    parts = ("monto_gravado_total", "monto_exento", "total_itbis", "monto_impuesto_adicional")
    assert document.monto_total == sum((amount(totals, name) for name in parts), ZERO)
    assert amount(totals, "monto_gravado_total") == sum((amount(totals, f"monto_gravado_i{n}") for n in "123"), ZERO)
    assert amount(totals, "total_itbis") == sum((amount(totals, f"total_itbis{n}") for n in "123"), ZERO)


@FULL
@given(bodies())
def test_computing_again_changes_nothing_and_finds_nothing(payload: dict[str, Any]) -> None:
    document = computed(payload)
    assert compute(document) == (document, ())


@FULL
@given(bodies((31, 32, 33, 34, 45)))
def test_a_price_with_itbis_is_what_the_buyer_pays(payload: dict[str, Any]) -> None:
    payload["id_doc"]["indicador_monto_gravado"] = 1
    document = computed(payload)
    paid = sum((amount(line, "monto_item") for line in document.items), ZERO)
    # One rounding a class of lines and one of its tax.
    assert abs(document.monto_total - paid) <= 8 * CENT


@FULL
@given(bodies((31, 32, 33, 34, 41, 44, 45, 46)), st.data())
def test_global_adjustments_move_their_class_by_their_amount(payload: dict[str, Any], data: st.DataObject) -> None:
    before = branch(computed(payload).tree, "totales")
    class_ = data.draw(st.sampled_from(sorted({line["indicador_facturacion"] for line in payload["items"]})))
    percentage = data.draw(rates)
    sign = data.draw(st.sampled_from("DR"))
    entry = {
        "tipo_ajuste": sign,
        "tipo_valor": "%",
        "valor_descuento_o_recargo": percentage,
        "indicador_facturacion_descuento_o_recargo": class_,
    }
    document = computed({**payload, "descuentos_o_recargos": [entry]})
    moved = amount(rows(document.tree, "descuentos_o_recargos")[0], "monto_descuento_o_recargo")
    name = "monto_exento" if class_ == 4 else f"monto_gravado_i{class_}"
    held = amount(branch(document.tree, "totales"), name)
    assert abs(held - amount(before, name) - (moved if sign == "R" else -moved)) <= CENT
    assert abs(moved - amount(before, name) * Decimal(percentage) / 100) <= CENT


@FULL
@given(
    bodies((31, 32, 33, 34, 45)),
    st.lists(st.sampled_from(["001", "002", "003", "004", "005"]), min_size=1, max_size=2, unique=True),
)
def test_other_taxes_are_their_percentage_of_what_bears_them(payload: dict[str, Any], codes: list[str]) -> None:
    percent = {"001": 10, "002": 2, "003": 16, "004": 10, "005": 17}
    for line in payload["items"]:
        line["impuestos_adicionales"] = [{"tipo_impuesto": code} for code in codes]
    document = computed(payload)
    totals = branch(document.tree, "totales")
    base = sum((held for name, held in naive(payload).items() if name != "total"), ZERO)
    for row in rows(totals, "impuestos_adicionales"):
        owed = base * percent[str(row["tipo_impuesto"])] / 100
        assert abs(amount(row, "otros_impuestos_adicionales") - owed) <= Decimal(len(payload["items"]))
    added = sum((amount(row, "otros_impuestos_adicionales") for row in rows(totals, "impuestos_adicionales")), ZERO)
    assert amount(totals, "monto_impuesto_adicional") == added
    assert compute(document) == (document, ())


@FULL
@given(st.sampled_from((31, 33, 34, 41, 47)), st.data())
def test_withholdings_are_the_sum_of_what_the_lines_declare_and_move_no_total(tipo: int, data: st.DataObject) -> None:
    payload = good(tipo, *data.draw(lines_of(tipo)))
    without = computed(payload).monto_total
    expected = {"total_itbis_retenido": ZERO, "total_isr_retencion": ZERO}
    for line in payload["items"]:
        line["retencion"] = {"indicador_agente_retencion_o_percepcion": 1}
        for name, total in (("monto_itbis_retenido", "total_itbis_retenido"), ("monto_isr_retenido", "total_isr_retencion")):
            if tipo != 47 or name == "monto_isr_retenido":
                held = data.draw(st.decimals("0", "9999.99", places=2))
                line["retencion"][name] = f"{held:f}"
                expected[total] += held
    document = computed(payload)
    totals = branch(document.tree, "totales")
    assert {name: amount(totals, name) for name in expected} == expected
    assert document.monto_total == without


@FULL
@given(bodies(), st.data())
def test_pages_add_up_to_the_total_however_the_lines_are_cut(payload: dict[str, Any], data: st.DataObject) -> None:
    count = len(payload["items"])
    cuts = sorted(data.draw(st.sets(st.integers(1, count - 1)))) if count > 1 else []
    ends = [*cuts, count]
    payload["paginas"] = [
        {"no_linea_desde": first + 1, "no_linea_hasta": last} for first, last in zip([0, *ends], ends, strict=False)
    ]
    document = computed(payload)
    totals, pages = branch(document.tree, "totales"), rows(document.tree, "paginas")
    for of_page, of_total in (
        ("monto_subtotal_pagina", "monto_total"),
        ("subtotal_monto_gravado_pagina", "monto_gravado_total"),
        ("subtotal_exento_pagina", "monto_exento"),
        ("subtotal_itbis_pagina", "total_itbis"),
    ):
        assert sum((amount(page, of_page) for page in pages), ZERO) == amount(totals, of_total), of_page
    assert compute(document) == (document, ())


@FULL
@given(bodies(), st.decimals("0.01", "999.9999", places=4))
def test_another_currency_comes_back_to_the_pesos(payload: dict[str, Any], rate: Decimal) -> None:
    payload["otra_moneda"] = {"tipo_moneda": "USD", "tipo_cambio": f"{rate:f}"}
    document = computed(payload)
    abroad = amount(branch(document.tree, "otra_moneda"), "monto_total_otra_moneda")
    assert abs(abroad * rate - document.monto_total) <= rate * CENT / 2
    for line in document.items:
        detail = branch(line, "otra_moneda_detalle")
        if detail:
            assert abs(amount(detail, "monto_item_otra_moneda") * rate - amount(line, "monto_item")) <= rate * CENT / 2
    assert compute(document) == (document, ())


@FULL
@given(bodies(), st.decimals("-3", "3", places=2))
def test_a_total_that_is_sent_stands_and_beyond_the_tolerance_is_predicted(payload: dict[str, Any], off: Decimal) -> None:
    total = computed(payload).monto_total
    sent = max(total + off, ZERO)
    document, findings = compute(parse(at(payload, "/totales", {"monto_total": f"{sent:f}"}), emisor=EMISOR, today=HOY))
    tolerance = Decimal(len(payload["items"]))
    expected = [] if sent == total else [Verdict.WARNING if abs(sent - total) <= tolerance else Verdict.CONDITIONAL]
    assert document.monto_total == sent
    assert [one.verdict for one in findings] == expected
    differences = [(one.expected, one.observed, one.tolerance) for one in findings]
    assert differences == [(f"{total:f}", f"{sent:f}", f"{tolerance:.2f}")] * len(expected)


@FULL
@given(st.integers(-(10**20), 10**20))
def test_rounding_is_half_up_and_symmetric(thousandths: int) -> None:
    exact = Decimal(thousandths).scaleb(-3)
    expected = (abs(thousandths) + 5) // 10
    assert rounded(exact) == Decimal(expected if thousandths >= 0 else -expected).scaleb(-2)
    assert rounded(-exact) == -rounded(exact)


def test_the_oracle_notices_a_computation_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(compute.__globals__["RATES"], "1", Decimal(19))
    document, _ = compute(parse(good(31), emisor=EMISOR, today=HOY))
    assert abs(document.monto_total - naive(good(31))["total"]) > 1
