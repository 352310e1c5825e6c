"""What DGII insists on beyond its schema: a row a rule, seen to fire and seen to be silent."""

from typing import Any

import pytest

from shared.ecf.amounts import compute
from shared.ecf.document import parse
from shared.ecf.findings import Verdict
from shared.ecf.rules import check
from tests.shared.ecf.bodies import EMISOR, HOY, body, changed, line

REFUSED, CONDITIONAL, WARNING = Verdict.REFUSED, Verdict.CONDITIONAL, Verdict.WARNING
DISCOUNT = {"tipo_ajuste": "D", "tipo_valor": "$", "monto_descuento_o_recargo": "1.00"}
TELECOM = [{"tipo_impuesto": "002"}, {"tipo_impuesto": "004"}]


def found(payload: dict[str, Any]) -> dict[str, tuple[str, Verdict]]:
    document, _ = compute(parse(payload, emisor=EMISOR, today=HOY))
    return {one.pointer: (one.code, one.verdict) for one in check(document, today=HOY)}


def consumo(total: str, **buyer: str) -> dict[str, Any]:
    exempt = line(cantidad_item="1", precio_unitario_item=total, indicador_facturacion=4)
    payload = body(32, exempt, id_doc={"tipo_pago": 1, "tipo_ingresos": "01"}, comprador=buyer)
    if not buyer:
        del payload["comprador"]
    return payload


def reference(tipo: int, **held: object) -> dict[str, Any]:
    return body(tipo, informacion_referencia={"ncf_modificado": "E320000000001", "fecha_ncf_modificado": "2026-11-01", **held})


@pytest.mark.parametrize("tipo", [31, 32])
def test_a_plain_sale_has_nothing_to_say(tipo: int) -> None:
    assert found(body(tipo)) == {}


def test_from_250000_a_consumo_identifies_its_buyer() -> None:
    assert found(consumo("249999.99")) == {}
    assert found(consumo("250000.00"))["/comprador/rnc_comprador"] == ("ECF-1001", REFUSED)
    assert found(consumo("250000.00", rnc_comprador="131880681")) == {"/comprador/razon_social_comprador": ("ECF-1003", REFUSED)}
    assert found(consumo("250000.00", identificador_extranjero="X1", razon_social_comprador="Y")) == {}


def test_rnc_and_foreign_identifier_exclude_each_other() -> None:
    payload = consumo("1.00", rnc_comprador="131880681", identificador_extranjero="X1")
    assert found(payload) == {"/comprador/identificador_extranjero": ("ECF-1002", REFUSED)}


@pytest.mark.parametrize("number", ["131880600", "00199999995"])
def test_a_check_digit_that_fails_is_only_a_warning(number: str) -> None:
    assert found(changed("/comprador/rnc_comprador", number)) == {"/comprador/rnc_comprador": ("ECF-0212", WARNING)}


@pytest.mark.parametrize(
    ("id_doc", "expected"),
    [
        ({"tipo_pago": 2}, ("ECF-1011", REFUSED)),
        ({"tipo_pago": 2, "fecha_limite_pago": "2026-11-23"}, ("ECF-1012", REFUSED)),
        ({"tipo_pago": 2, "fecha_limite_pago": "2026-11-24"}, None),
        ({"tipo_pago": 1, "fecha_limite_pago": "2026-12-24"}, ("ECF-1013", WARNING)),
    ],
)
def test_credit_has_a_date_to_pay(id_doc: dict[str, Any], expected: tuple[str, Verdict] | None) -> None:
    payload = body()
    payload["id_doc"].update(id_doc)
    assert found(payload).get("/id_doc/fecha_limite_pago") == expected


def test_a_gift_is_no_credito_fiscal() -> None:
    assert found(changed("/id_doc/tipo_pago", 3)) == {"/id_doc/tipo_pago": ("ECF-1014", REFUSED)}
    assert found(changed("/id_doc/tipo_pago", 3, tipo=32)) == {}


def test_gift_certificates_pay_only_a_consumo() -> None:
    forms = [{"forma_pago": 5, "monto_pago": "1180.00"}]
    assert found(changed("/id_doc/formas_pago", forms)) == {"/id_doc/formas_pago/0/forma_pago": ("ECF-1015", REFUSED)}
    assert found(changed("/id_doc/formas_pago", forms, tipo=32)) == {}


def test_payments_that_do_not_cover_the_total_are_worth_a_look() -> None:
    forms = [{"forma_pago": 1, "monto_pago": "1000.00"}]
    assert found(changed("/id_doc/formas_pago", forms)) == {"/id_doc/formas_pago": ("ECF-1016", WARNING)}


def test_taxed_lines_need_the_price_indicator() -> None:
    payload = body()
    del payload["id_doc"]["indicador_monto_gravado"]
    assert found(payload) == {"/id_doc/indicador_monto_gravado": ("ECF-1021", REFUSED)}
    payload["items"] = [line(indicador_facturacion=4)]
    assert found(payload) == {}
    assert found(body(31, line(indicador_facturacion=4))) == {"/id_doc/indicador_monto_gravado": ("ECF-1022", WARNING)}


def test_a_billed_period_does_not_end_before_it_starts() -> None:
    payload = body()
    payload["id_doc"].update(fecha_desde="2026-11-02", fecha_hasta="2026-11-01")
    assert found(payload) == {"/id_doc/fecha_desde": ("ECF-1031", REFUSED)}
    payload["id_doc"].update(fecha_hasta="2026-11-02")
    assert found(payload) == {}


def test_a_date_after_today_is_worth_a_look() -> None:
    assert found(changed("/emisor/fecha_emision", "2026-11-25")) == {"/emisor/fecha_emision": ("ECF-1032", WARNING)}


def test_lines_count_without_gaps() -> None:
    assert found(body(31, line(numero_linea=1), line(numero_linea=3))) == {"/items/1/numero_linea": ("ECF-1041", REFUSED)}


@pytest.mark.parametrize(("tipo", "code"), [(43, "ECF-1042"), (44, "ECF-1042"), (46, "ECF-1042"), (47, "ECF-1042")])
def test_types_that_take_one_class_of_line(tipo: int, code: str) -> None:
    from shared.ecf.document import Document

    held = parse(body(31), emisor=EMISOR, today=HOY)
    document, _ = compute(held)
    assert code in {one.code for one in check(Document(str(tipo), document.tree), today=HOY)}


def test_a_withholding_says_which() -> None:
    payload = body(31, line(retencion={"monto_itbis_retenido": "54.00"}))
    assert found(payload) == {"/items/0/retencion/indicador_agente_retencion_o_percepcion": ("ECF-1066", REFUSED)}


@pytest.mark.parametrize(
    ("tipo", "held", "pointer", "code"),
    [
        (31, {"codigo_modificacion": 5}, None, None),
        (32, {"codigo_modificacion": 5}, "codigo_modificacion", "ECF-1051"),
        (31, {"codigo_modificacion": 3}, "codigo_modificacion", "ECF-1051"),
        (31, {"codigo_modificacion": 5, "ncf_modificado": "E310000000001"}, "ncf_modificado", "ECF-1053"),
        (31, {"codigo_modificacion": 4}, "ncf_modificado", "ECF-1054"),
        (31, {"codigo_modificacion": 4, "ncf_modificado": "B0200000001"}, "ncf_modificado", "ECF-1055"),
        (31, {"codigo_modificacion": 4, "ncf_modificado": "B0100000001"}, None, None),
        (32, {"codigo_modificacion": 4, "ncf_modificado": "B0200000001"}, None, None),
        (31, {}, "codigo_modificacion", "ECF-1052"),
        (31, {"codigo_modificacion": 5, "fecha_ncf_modificado": "2026-11-25"}, "fecha_ncf_modificado", "ECF-1056"),
    ],
)
def test_references(tipo: int, held: dict[str, Any], pointer: str | None, code: str | None) -> None:
    expected = {f"/informacion_referencia/{pointer}": code} if pointer else {}
    assert {where: one for where, (one, _) in found(reference(tipo, **held)).items()} == expected


def test_different_taxes_want_a_percentage() -> None:
    lines = [line(impuestos_adicionales=TELECOM), line()]
    payload = body(31, *lines, descuentos_o_recargos=[DISCOUNT])
    assert found(payload) == {"/descuentos_o_recargos/0/tipo_valor": ("ECF-1064", REFUSED)}
    percent = {"tipo_ajuste": "D", "tipo_valor": "%", "valor_descuento_o_recargo": "5"}
    assert found(body(31, *lines, descuentos_o_recargos=[percent])) == {}


def test_norma_10_07_wants_prices_with_tax() -> None:
    row = {**DISCOUNT, "indicador_norma1007": 1}
    assert found(body(31, descuentos_o_recargos=[row])) == {"/id_doc/indicador_monto_gravado": ("ECF-1065", REFUSED)}


def test_an_ad_valorem_tax_comes_with_its_specific_one() -> None:
    row = line(impuestos_adicionales=[{"tipo_impuesto": "023"}], unidad_medida=6)
    assert found(body(31, row)) == {"/items/0/impuestos_adicionales/0/tipo_impuesto": ("ECF-1061", REFUSED)}
    assert found(body(31, {**row, "unidad_medida": 18})) == {}


def test_a_tax_is_named_once_a_line() -> None:
    row = line(impuestos_adicionales=[{"tipo_impuesto": "002"}, {"tipo_impuesto": "002"}])
    assert found(body(31, row)) == {"/items/0/impuestos_adicionales/1/tipo_impuesto": ("ECF-1067", REFUSED)}


def test_pages_count_and_add_up() -> None:
    pages = [
        {"pagina_no": 1, "no_linea_desde": 2, "no_linea_hasta": 1, "monto_subtotal_pagina": "1000.00"},
        {"pagina_no": 3, "monto_subtotal_pagina": "1.00"},
    ]
    payload = body(31, paginas=pages)
    payload["id_doc"]["total_paginas"] = 3
    assert {where: code for where, (code, _) in found(payload).items()} == {
        "/id_doc/total_paginas": "ECF-1073",
        "/paginas/0/no_linea_desde": "ECF-1072",
        "/paginas/1/pagina_no": "ECF-1071",
        "/paginas": "ECF-1074",
    }
