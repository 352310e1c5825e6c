"""Page subtotals by hand: what a page shows is what its lines come to, taxes included."""

from typing import Any

from shared.ecf.findings import Verdict
from shared.ecf.tree import rows
from tests.shared.ecf.bodies import good, line
from tests.shared.ecf.computing import computed, found

PAGES = [{"no_linea_desde": 1, "no_linea_hasta": 2}, {"no_linea_desde": 3, "no_linea_hasta": 3}]
LINES = [
    line(impuestos_adicionales=[{"tipo_impuesto": "002"}]),
    line(indicador_facturacion=4, cantidad_item="1", precio_unitario_item="0.01"),
    line(indicador_facturacion=2, cantidad_item="3", precio_unitario_item="33.33"),
]


def pages(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(page) for page in rows(computed(payload)[0].tree, "paginas")]


def test_each_page_has_its_numbers_and_the_document_says_how_many_there_are() -> None:
    payload = good(31, *LINES, paginas=PAGES)
    assert pages(payload) == [
        {
            "pagina_no": "1",
            "no_linea_desde": "1",
            "no_linea_hasta": "2",
            "subtotal_monto_gravado_pagina": "1000.00",
            "subtotal_monto_gravado1_pagina": "1000.00",
            "subtotal_monto_gravado2_pagina": "0.00",
            "subtotal_exento_pagina": "0.01",
            "subtotal_itbis_pagina": "180.00",
            "subtotal_itbis1_pagina": "180.00",
            "subtotal_itbis2_pagina": "0.00",
            "subtotal_impuesto_adicional_pagina": "20.00",
            "subtotal_impuesto_adicional": {"subtotal_otros_impuesto": "20.00"},
            "monto_subtotal_pagina": "1200.01",
        },
        {
            "pagina_no": "2",
            "no_linea_desde": "3",
            "no_linea_hasta": "3",
            "subtotal_monto_gravado_pagina": "99.99",
            "subtotal_monto_gravado1_pagina": "0.00",
            "subtotal_monto_gravado2_pagina": "99.99",
            "subtotal_exento_pagina": "0.00",
            "subtotal_itbis_pagina": "16.00",
            "subtotal_itbis1_pagina": "0.00",
            "subtotal_itbis2_pagina": "16.00",
            "monto_subtotal_pagina": "115.99",
        },
    ]
    assert computed(payload)[0].text("id_doc", "total_paginas") == "2"


def test_a_subtotal_that_is_sent_stands_and_is_compared() -> None:
    sent = [{**PAGES[0], "subtotal_itbis_pagina": "181.00"}, {**PAGES[1], "subtotal_itbis_pagina": "20.00"}]
    payload = good(31, *LINES, paginas=sent)
    assert [page["subtotal_itbis_pagina"] for page in pages(payload)] == ["181.00", "20.00"]
    assert found(payload) == {
        "/paginas/0/subtotal_itbis_pagina": ("ECF-2100", Verdict.WARNING),
        "/paginas/1/subtotal_itbis_pagina": ("ECF-2120", Verdict.CONDITIONAL),
    }


def test_pages_that_do_not_say_their_lines_are_left_alone() -> None:
    assert pages(good(31, *LINES, paginas=[{"monto_subtotal_pagina": "1.00"}])) == [
        {"pagina_no": "1", "monto_subtotal_pagina": "1.00"}
    ]


def test_global_adjustments_count_in_the_pages() -> None:
    entry = {
        "tipo_ajuste": "D",
        "tipo_valor": "$",
        "monto_descuento_o_recargo": "100.00",
        "indicador_facturacion_descuento_o_recargo": 1,
    }
    payload = good(
        31,
        line(),
        line(),
        descuentos_o_recargos=[entry],
        paginas=[{**PAGES[0], "no_linea_hasta": 1}, {"no_linea_desde": 2, "no_linea_hasta": 2}],
    )
    assert [page["monto_subtotal_pagina"] for page in pages(payload)] == ["1121.00", "1121.00"]
