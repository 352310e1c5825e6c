"""What stands on the sheet, read from the document: columns and totals that apply, pages as the document cuts them."""

from typing import Any

import pytest

from functions.ri.sheet import Sheet, compose
from functions.ri.words import LEGENDS, Modalidad
from shared.ecf.gate import parse
from shared.ecf.xml import read
from tests.functions.ri.documents import BEER, BOOK, BUYER, CODE, DISCOUNT, LINE, NOTE, RATES, document_xml, every_type


def sheet(items: list[dict[str, Any]], **more: object) -> Sheet:
    return compose(read(parse(document_xml(31, items, BUYER, **more))), CODE)


def said(rows: Any) -> dict[str, str]:
    return {row.label: row.text for row in rows}


def test_alcohol_brings_its_columns_with_the_taxes_of_each_line() -> None:
    made = sheet([BEER, LINE], totales=RATES)
    titles = [column.title.replace("\u00a0", " ") for column in made.columns]
    assert titles == [
        *("Cantidad", "Descripción", "Unidad de Medida", "Grados Alcohol", "PVP", "Precio"),
        *("ISC Específico", "ISC Ad-Valorem", "ITBIS", "Valor"),
    ]
    beer, service = (line.cells for line in made.lines)
    # 633.85 × 5 % × 24 × 0.355 × 2, and its ad valorem: the published example of the certification set.
    assert (beer["isc_especifico"], beer["isc_advalorem"]) == ("540.04", "191.28")
    assert beer["itbis"] == "725.64"
    assert (service["isc_especifico"], service["grados"], service["itbis"]) == ("", "", "180.00")
    assert said(made.totals)["Total ISC"] == "731.32"


def test_a_price_that_holds_its_itbis_shows_that_itbis() -> None:
    id_doc = {"tipo_ingresos": "01", "tipo_pago": 1, "indicador_monto_gravado": 1}
    line = sheet([LINE | {"cantidad_item": "1", "precio_unitario_item": "118.00"}], id_doc=id_doc).lines[0].cells
    assert (line["itbis"], line["valor"]) == ("18.00", "118.00")


def test_tip_and_global_discount_stand_among_the_totals() -> None:
    made = sheet([LINE | {"impuestos_adicionales": [{"tipo_impuesto": "001"}]}], descuentos_o_recargos=[DISCOUNT])
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
    assert [line.cells["descripcion"] for line in (*first.lines, *last.lines)] == ["Servicio de consultoría", "Libro escolar"]
    wanted = {"Subtotal Gravado Página": "1,000.00", "Subtotal ITBIS Página": "180.00", "Monto Total Página": "1,180.00"}
    assert said(first.subtotals) | wanted == said(first.subtotals)
    assert last.subtotals == [], "the last page has the totals"


def test_another_currency_marks_the_labels_and_adds_its_own_amounts() -> None:
    made = sheet([LINE], otra_moneda={"tipo_moneda": "USD", "tipo_cambio": "59.0000"})
    assert said(made.totals) == {"Subtotal Gravado (DOP)": "1,000.00", "Total ITBIS (DOP)": "180.00"}
    assert said([made.total]) == {"Total (DOP)": "1,180.00"}
    assert said(made.abroad) == {
        "Tasa de Cambio USD": "59.0000",
        "Subtotal Gravado (USD)": "16.95",
        "Total ITBIS (USD)": "3.05",
        "Total (USD)": "20.00",
    }
    titles = ["Cantidad", "Descripción", "Precio (DOP)", "ITBIS (DOP)", "Valor (DOP)", "Valor (USD)"]
    assert [column.title for column in made.columns] == titles


def test_only_notes_and_consumos_have_no_expiry_and_a_note_says_what_it_changes() -> None:
    for name, xml in every_type().items():
        made = said(compose(read(parse(xml)), CODE).numbering)
        assert ("Fecha Vencimiento" in made) == (name[:2] not in ("32", "34")), name
        assert made.get("NCF Modificado") == (NOTE["ncf_modificado"] if name in ("33", "34") else None)
        assert made.get("Código de Modificación") == ("Corrige montos del NCF modificado" if name in ("33", "34") else None)


def test_a_consumo_above_the_limit_and_an_export_name_their_buyer() -> None:
    made = {name: said(compose(read(parse(xml)), CODE).buyer) for name, xml in every_type().items()}
    assert made["32-large"] == {"Razón Social Cliente": "COMPRADOR DE PRUEBA SRL", "RNC Cliente": "131880681"}
    assert made["46"]["País"] == "ESTADOS UNIDOS"
    assert made["47"]["Identificador Extranjero"] == "FC-0099887"
    assert made["43"] == {}


def test_what_is_withheld_is_not_printed() -> None:
    """Its fields have no print code (FMT)."""
    for name in ("41", "47"):
        made = compose(read(parse(every_type()[name])), CODE)
        assert not [row for row in (*made.totals, made.total) if "Reten" in row.label]


@pytest.mark.parametrize("modalidad", list(Modalidad))
def test_a_document_issued_in_another_way_carries_its_legend(modalidad: Modalidad) -> None:
    document = read(parse(every_type()["31"]))
    assert compose(document, CODE, modalidad).legend == LEGENDS[modalidad]
    assert compose(document, CODE).legend == ""
