"""What stands on the sheet, read from the document: columns and totals that apply, pages as the document cuts them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.ri.columns import WIDTH
from functions.ri.sheet import Sheet, compose, grouped
from shared.ecf.gate import parse
from shared.ecf.xml import read
from tests.functions.ri.documents import BOOK, BUYER, CODE, LINE, document_xml

BEER = LINE | {
    "nombre_item": "Cerveza rubia",
    "indicador_bien_o_servicio": 1,
    "unidad_medida": 6,
    "precio_unitario_item": "1650.00",
    "cantidad_referencia": "24",
    "unidad_referencia": 5,
    "subcantidades_item": [{"subcantidad": "0.355", "codigo_subcantidad": 24}],
    "grados_alcohol": "5.00",
    "precio_unitario_referencia": "65.00",
    "impuestos_adicionales": [{"tipo_impuesto": "006"}, {"tipo_impuesto": "023"}],
}
RATES = {
    "impuestos_adicionales": [
        {"tipo_impuesto": "006", "tasa_impuesto_adicional": "633.85"},
        {"tipo_impuesto": "023", "tasa_impuesto_adicional": "10"},
    ]
}


def sheet(items: list[dict[str, Any]], **more: object) -> Sheet:
    return compose(read(parse(document_xml(31, items, BUYER, **more))), CODE)


def said(rows: Any) -> dict[str, str]:
    return {row.label: row.text for row in rows}


def test_alcohol_brings_its_columns_with_the_taxes_of_each_line() -> None:
    made = sheet([BEER, LINE], totales=RATES)
    titles = [column.title for column in made.columns]
    assert titles == [
        *("Cantidad", "Descripción", "Unidad de Medida", "Grados Alcohol", "PVP", "Precio"),
        *("ISC Específico", "ISC Ad-Valorem", "ITBIS", "Valor"),
    ]
    beer, service = made.parts[0].lines
    # 633.85 × 5 % × 24 × 0.355 × 2, and its ad valorem: the published example of the certification set.
    assert (beer["isc_especifico"], beer["isc_advalorem"]) == ("540.04", "191.28")
    assert beer["itbis"] == "725.64"
    assert (service["isc_especifico"], service["grados"], service["itbis"]) == ("", "", "180.00")
    assert said(made.totals)["Total ISC"] == "731.32"


def test_a_price_that_holds_its_itbis_shows_that_itbis() -> None:
    id_doc = {"tipo_ingresos": "01", "tipo_pago": 1, "indicador_monto_gravado": 1}
    line = sheet([LINE | {"cantidad_item": "1", "precio_unitario_item": "118.00"}], id_doc=id_doc).parts[0].lines[0]
    assert (line["itbis"], line["valor"]) == ("18.00", "118.00")


def test_tip_and_global_discount_stand_among_the_totals() -> None:
    discount = {
        "tipo_ajuste": "D",
        "descripcion_descuento_o_recargo": "Pronto pago",
        "tipo_valor": "%",
        "valor_descuento_o_recargo": "5",
        "indicador_facturacion_descuento_o_recargo": 1,
    }
    made = sheet([LINE | {"impuestos_adicionales": [{"tipo_impuesto": "001"}]}], descuentos_o_recargos=[discount])
    assert said(made.totals) == {
        "Subtotal Gravado": "950.00",
        "Total ITBIS": "171.00",
        "Propina Legal": "95.00",
        "Pronto pago (5 %)": "-50.00",
    }
    assert said([made.total]) == {"Total": "1,216.00"}


def test_the_documents_own_page_blocks_cut_the_lines() -> None:
    blocks = [
        {
            "pagina_no": 1,
            "no_linea_desde": 1,
            "no_linea_hasta": 1,
            "subtotal_monto_gravado_pagina": "1000.00",
            "subtotal_itbis_pagina": "180.00",
            "monto_subtotal_pagina": "1180.00",
        },
        {
            "pagina_no": 2,
            "no_linea_desde": 2,
            "no_linea_hasta": 2,
            "subtotal_exento_pagina": "1000.00",
            "monto_subtotal_pagina": "1000.00",
        },
    ]
    id_doc = {"tipo_ingresos": "01", "tipo_pago": 1, "indicador_monto_gravado": 0, "total_paginas": 2}
    first, last = sheet([LINE, BOOK], paginas=blocks, id_doc=id_doc).parts
    assert [line["descripcion"] for line in (*first.lines, *last.lines)] == ["Servicio de consultoría", "Libro escolar"]
    assert said(first.subtotals) == {
        "Subtotal Gravado Página": "1,000.00",
        "Subtotal ITBIS Página": "180.00",
        "Monto Total Página": "1,180.00",
    }
    assert last.subtotals == [], "the last page has the totals"


def test_another_currency_marks_the_labels_and_adds_its_total() -> None:
    made = sheet([LINE], otra_moneda={"tipo_moneda": "USD", "tipo_cambio": "59.0000"})
    assert said(made.totals) == {
        "Subtotal Gravado (DOP)": "1,000.00",
        "Total ITBIS (DOP)": "180.00",
        "Tasa de Cambio USD": "59.0000",
        "Total (USD)": "20.00",
    }


def test_columns_never_leave_the_sheet() -> None:
    huge = BEER | {"precio_unitario_item": "99999999999.1234"}
    huge |= {"sub_descuentos": [{"tipo_sub_descuento": "$", "monto_sub_descuento": "1.00"}]}
    for items in ([LINE], [BEER], [huge]):
        made = sheet(items, **({} if items == [LINE] else {"totales": RATES}))
        assert abs(sum(int(w.removesuffix("mm").replace(".", "")) for w in made.widths) - WIDTH * 10) <= len(made.widths)
    assert made.crowded


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,4})?", fullmatch=True))
def test_grouping_keeps_every_digit(number: str) -> None:
    made = grouped(number)
    assert made.replace(",", "") == number
    assert all(len(group) == 3 for group in made.lstrip("-").partition(".")[0].split(",")[1:])
