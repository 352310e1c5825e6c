"""For every code of a body: one that has it and one that has not, both through the public way in."""

from typing import Any

from tests.shared.ecf.bodies import at, good, line, line_of

Pair = tuple[object, object]
FACTURA = good(31)
CONSUMO = good(32)
BIG = good(32, line_of(32, precio_unitario_item="125000.00"))
DEBITO, CREDITO = good(33), good(34)
COMPRA, ESPECIAL, EXPORTACION, EXTERIOR = good(41), good(44), good(46), good(47)
REFERENCE = {"ncf_modificado": "E320000000001", "fecha_ncf_modificado": "2026-11-01", "codigo_modificacion": 5}
TELECOM = [{"tipo_impuesto": "002"}, {"tipo_impuesto": "004"}]
DISCOUNT = {"tipo_ajuste": "D", "tipo_valor": "$", "monto_descuento_o_recargo": "1.00"}
PERCENT = {"tipo_ajuste": "D", "tipo_valor": "%", "valor_descuento_o_recargo": "5"}
NORMA = {**DISCOUNT, "indicador_norma1007": 1, "indicador_facturacion_descuento_o_recargo": 1}
BEER = line(
    unidad_medida=6,
    cantidad_referencia="24",
    unidad_referencia=5,
    subcantidades_item=[{"subcantidad": "0.355", "codigo_subcantidad": 24}],
    grados_alcohol="5.00",
    precio_unitario_referencia="65.00",
    impuestos_adicionales=[{"tipo_impuesto": "006"}, {"tipo_impuesto": "023"}],
)
RATED = {
    "impuestos_adicionales": [
        {"tipo_impuesto": "006", "tasa_impuesto_adicional": "633.85"},
        {"tipo_impuesto": "023", "tasa_impuesto_adicional": "10"},
    ]
}
USD = {"tipo_moneda": "USD", "tipo_cambio": "60.0000"}
PAGES = [{"no_linea_desde": 1, "no_linea_hasta": 1}, {"no_linea_desde": 2, "no_linea_hasta": 2}]
TWO = good(31, line(), line(), paginas=PAGES)


def on_line(payload: dict[str, Any], **changes: object) -> dict[str, Any]:
    return at(payload, "/items/0", {**payload["items"][0], **changes})


def totals(payload: dict[str, Any], **held: object) -> dict[str, Any]:
    return at(payload, "/totales", held)


def discounted(*entries: dict[str, Any], lines: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return good(31, *lines, descuentos_o_recargos=list(entries))


def named(text: str) -> dict[str, Any]:
    return on_line(FACTURA, nombre_item=text)


INTAKE: dict[str, Pair] = {
    "ECF-0001": ([], FACTURA),
    "ECF-0002": (at(FACTURA, "/tipo_ecf"), FACTURA),
    "ECF-0003": (at(FACTURA, "/tipo_ecf", 39), CONSUMO),
    "ECF-0005": (at(FACTURA, "/items", [{"x": 1}] * 200), FACTURA),
    "ECF-0101": (on_line(EXTERIOR, nombre_itm="x"), EXTERIOR),
    "ECF-0102": (at(good(43), "/comprador", {"rnc_comprador": "131880681"}), good(43)),
    "ECF-0103": (at(EXTERIOR, "/items/0/retencion"), EXTERIOR),
    "ECF-0104": (at(FACTURA, "/comprador", "x"), FACTURA),
    "ECF-0105": (at(FACTURA, "/items", {"nombre_item": "x"}), FACTURA),
    "ECF-0106": (at(FACTURA, "/comprador", {}), FACTURA),
    "ECF-0107": (at(FACTURA, "/items", [line()] * 1001), good(31, *[line()] * 10)),
    "ECF-0108": (at(FACTURA, "/id_doc/encf", "E310000000001"), FACTURA),
    "ECF-0109": (on_line(FACTURA, descripcion_item=None), on_line(FACTURA, descripcion_item="x")),
    "ECF-0110": (on_line(FACTURA, nombre_item=["x"]), FACTURA),
    "ECF-0111": (on_line(FACTURA, precio_unitario_item=500.0), on_line(FACTURA, precio_unitario_item="500.0")),
    "ECF-0112": (on_line(FACTURA, indicador_bien_o_servicio=True), FACTURA),
    "ECF-0113": (on_line(FACTURA, nombre_item=5), on_line(FACTURA, nombre_item="5")),
    "ECF-0114": (at(FACTURA, "/emisor", {"rnc_emisor": "131880681"}), at(FACTURA, "/emisor", {"rnc_emisor": "131880738"})),
    "ECF-0115": (at(FACTURA, "/id_doc/tipo_ecf", 32), at(FACTURA, "/id_doc/tipo_ecf", 31)),
    "ECF-0201": (named(" "), named("x")),
    "ECF-0202": (named("a\u0007b"), named("ab")),
    "ECF-0203": (named("a\u202eb"), named("a b")),
    "ECF-0204": (named("CafÃ©"), named("Café")),
    "ECF-0205": (named("ñ" * 81), named("ñ" * 80)),
    "ECF-0206": (on_line(FACTURA, unidad_medida=63), on_line(FACTURA, unidad_medida=62)),
    "ECF-0207": (on_line(FACTURA, cantidad_item="1,5"), on_line(FACTURA, cantidad_item="1.5")),
    "ECF-0208": (at(FACTURA, "/emisor", {"fecha_emision": "2026-02-30"}), at(FACTURA, "/emisor", {"fecha_emision": "2026-02-28"})),
    "ECF-0209": (on_line(FACTURA, cantidad_item="0"), on_line(FACTURA, cantidad_item="0.01")),
    "ECF-0211": (at(FACTURA, "/comprador/rnc_comprador", "1318806810"), FACTURA),
    "ECF-0212": (at(FACTURA, "/comprador/rnc_comprador", "131880600"), FACTURA),
}
RULES: dict[str, Pair] = {
    "ECF-1001": (at(BIG, "/comprador/rnc_comprador"), BIG),
    "ECF-1002": (at(CONSUMO, "/comprador/identificador_extranjero", "X1"), CONSUMO),
    "ECF-1003": (at(BIG, "/comprador/razon_social_comprador"), BIG),
    "ECF-1004": (at(DEBITO, "/comprador/rnc_comprador"), DEBITO),
    "ECF-1005": (
        at(ESPECIAL, "/comprador/rnc_comprador"),
        at(ESPECIAL, "/comprador", {"identificador_extranjero": "D1", "razon_social_comprador": "x"}),
    ),
    "ECF-1006": (at(CREDITO, "/comprador/razon_social_comprador"), CREDITO),
    "ECF-1011": (
        at(FACTURA, "/id_doc/tipo_pago", 2),
        at(at(FACTURA, "/id_doc/tipo_pago", 2), "/id_doc/fecha_limite_pago", "2026-11-24"),
    ),
    "ECF-1012": (at(at(FACTURA, "/id_doc/tipo_pago", 2), "/id_doc/fecha_limite_pago", "2026-11-23"), FACTURA),
    "ECF-1013": (at(FACTURA, "/id_doc/fecha_limite_pago", "2026-12-24"), FACTURA),
    "ECF-1014": (at(FACTURA, "/id_doc/tipo_pago", 3), at(CONSUMO, "/id_doc/tipo_pago", 3)),
    "ECF-1015": tuple(at(one, "/id_doc/formas_pago", [{"forma_pago": 5, "monto_pago": "1180.00"}]) for one in (FACTURA, CONSUMO)),  # type: ignore[dict-item]
    "ECF-1016": tuple(at(FACTURA, "/id_doc/formas_pago", [{"forma_pago": 1, "monto_pago": one}]) for one in ("1000.00", "1180.00")),  # type: ignore[dict-item]
    "ECF-1017": (at(COMPRA, "/id_doc/tipo_pago"), COMPRA),
    "ECF-1018": (at(CREDITO, "/id_doc/tipo_ingresos"), CREDITO),
    "ECF-1019": (at(DEBITO, "/id_doc/tipo_ingresos"), DEBITO),
    "ECF-1020": (at(FACTURA, "/id_doc/indicador_envio_diferido", 1), FACTURA),
    "ECF-1021": (at(FACTURA, "/id_doc/indicador_monto_gravado"), FACTURA),
    "ECF-1022": (on_line(FACTURA, indicador_facturacion=4), FACTURA),
    "ECF-1023": (at(CREDITO, "/id_doc/indicador_nota_credito", 1), CREDITO),
    "ECF-1024": (
        at(at(CREDITO, "/id_doc/indicador_nota_credito", 1), "/informacion_referencia/fecha_ncf_modificado", "2026-10-24"),
        at(CREDITO, "/informacion_referencia/fecha_ncf_modificado", "2026-10-25"),
    ),
    "ECF-1031": tuple(at(at(FACTURA, "/id_doc/fecha_desde", "2026-11-02"), "/id_doc/fecha_hasta", f"2026-11-0{n}") for n in (1, 2)),  # type: ignore[dict-item]
    "ECF-1032": tuple(at(FACTURA, "/emisor", {"fecha_emision": f"2026-11-2{n}"}) for n in (5, 4)),  # type: ignore[dict-item]
    "ECF-1041": (good(31, line(numero_linea=1), line(numero_linea=3)), good(31, line(numero_linea=1), line(numero_linea=2))),
    "ECF-1042": (on_line(EXPORTACION, indicador_facturacion=4), EXPORTACION),
    "ECF-1043": (on_line(EXTERIOR, indicador_bien_o_servicio=1), EXTERIOR),
    "ECF-1046": tuple(
        at(
            EXPORTACION,
            "/informaciones_adicionales",
            {"total_fob": "10.00", "seguro": "1.00", "flete": "2.00", "otros_gastos": "3.00", "total_cif": one},
        )
        for one in ("15.00", "16.00")
    ),  # type: ignore[dict-item]
    "ECF-1051": (at(CONSUMO, "/informacion_referencia", REFERENCE), at(FACTURA, "/informacion_referencia", REFERENCE)),
    "ECF-1052": (
        at(FACTURA, "/informacion_referencia", {"ncf_modificado": "E320000000001"}),
        at(FACTURA, "/informacion_referencia", REFERENCE),
    ),
    "ECF-1053": (
        at(FACTURA, "/informacion_referencia", {**REFERENCE, "ncf_modificado": "E310000000001"}),
        at(FACTURA, "/informacion_referencia", REFERENCE),
    ),
    "ECF-1054": (at(CONSUMO, "/informacion_referencia", {**REFERENCE, "codigo_modificacion": 4}), CONSUMO),
    "ECF-1055": tuple(
        at(CONSUMO, "/informacion_referencia", {**REFERENCE, "codigo_modificacion": 4, "ncf_modificado": f"B0{n}00000001"})
        for n in (1, 2)
    ),  # type: ignore[dict-item]
    "ECF-1056": (at(CREDITO, "/informacion_referencia/fecha_ncf_modificado", "2026-11-25"), CREDITO),
    "ECF-1057": tuple(at(one, "/informacion_referencia/codigo_modificacion", 1) for one in (DEBITO, CREDITO)),  # type: ignore[dict-item]
    "ECF-1058": (at(CREDITO, "/informacion_referencia/ncf_modificado", "E330000000001"), CREDITO),
    "ECF-1059": (
        at(CREDITO, "/informacion_referencia/codigo_modificacion", 2),
        at(
            at(on_line(CREDITO, indicador_facturacion=0), "/informacion_referencia/codigo_modificacion", 2),
            "/id_doc/indicador_monto_gravado",
        ),
    ),
    "ECF-1061": (good(31, {**BEER, "impuestos_adicionales": [{"tipo_impuesto": "023"}]}), good(31, BEER, totales=RATED)),
    "ECF-1062": (at(good(31, BEER), "/items/0/grados_alcohol"), good(31, BEER, totales=RATED)),
    "ECF-1063": tuple(on_line(ESPECIAL, impuestos_adicionales=[{"tipo_impuesto": code}]) for code in ("006", "001")),  # type: ignore[dict-item]
    "ECF-1064": tuple(discounted(entry, lines=(line(impuestos_adicionales=TELECOM), line())) for entry in (DISCOUNT, PERCENT)),  # type: ignore[dict-item]
    "ECF-1065": (discounted(NORMA), at(discounted(NORMA), "/id_doc/indicador_monto_gravado", 1)),
    "ECF-1066": (
        on_line(FACTURA, retencion={"monto_itbis_retenido": "54.00"}),
        on_line(FACTURA, retencion={"indicador_agente_retencion_o_percepcion": 1, "monto_itbis_retenido": "54.00"}),
    ),
    "ECF-1067": (on_line(FACTURA, impuestos_adicionales=[TELECOM[0]] * 2), on_line(FACTURA, impuestos_adicionales=TELECOM)),
    "ECF-1068": (at(COMPRA, "/items/0/retencion/monto_itbis_retenido"), COMPRA),
    "ECF-1069": (
        at(on_line(COMPRA, indicador_bien_o_servicio=2), "/items/0/retencion/monto_isr_retenido"),
        at(COMPRA, "/items/0/retencion/monto_isr_retenido"),
    ),
    "ECF-1070": tuple(on_line(FACTURA, retencion={"indicador_agente_retencion_o_percepcion": n}) for n in (2, 1)),  # type: ignore[dict-item]
    "ECF-1071": (at(TWO, "/paginas/1/pagina_no", 3), TWO),
    "ECF-1072": (at(at(TWO, "/paginas/0/no_linea_desde", 2), "/paginas/0/no_linea_hasta", 1), TWO),
    "ECF-1073": (at(TWO, "/id_doc/total_paginas", 3), at(TWO, "/id_doc/total_paginas", 2)),
    "ECF-1074": (at(TWO, "/paginas/1/monto_subtotal_pagina", "1180.50"), at(TWO, "/paginas/1/monto_subtotal_pagina", "1180.00")),
    "ECF-1075": (at(TWO, "/paginas/1/no_linea_desde", 1), TWO),
    "ECF-1077": (
        on_line(FACTURA, sub_descuentos=[{"tipo_sub_descuento": "%", "monto_sub_descuento": "1.00"}]),
        on_line(FACTURA, sub_descuentos=[{"tipo_sub_descuento": "%", "sub_descuento_porcentaje": "1"}]),
    ),
    "ECF-1078": (
        on_line(FACTURA, sub_recargos=[{"tipo_sub_recargo": "%", "monto_sub_recargo": "1.00"}]),
        on_line(FACTURA, sub_recargos=[{"tipo_sub_recargo": "%", "sub_recargo_porcentaje": "1"}]),
    ),
    "ECF-1079": (discounted({**DISCOUNT, "tipo_valor": "%"}), discounted(PERCENT)),
}
AMOUNTS: dict[str, Pair] = {
    "ECF-2001": tuple(
        on_line(FACTURA, sub_descuentos=[{"tipo_sub_descuento": "$", "monto_sub_descuento": one}]) for one in ("1000.01", "1000.00")
    ),  # type: ignore[dict-item]
    "ECF-2002": (on_line(FACTURA, monto_item="1001.01"), on_line(FACTURA, monto_item="1001.00")),
    "ECF-2011": (on_line(FACTURA, descuento_monto="5.00"), on_line(FACTURA, descuento_monto="0.00")),
    "ECF-2012": tuple(
        on_line(FACTURA, descuento_monto=one, sub_descuentos=[{"tipo_sub_descuento": "$", "monto_sub_descuento": "5.00"}])
        for one in ("5.01", "5.00")
    ),  # type: ignore[dict-item]
    "ECF-2013": (on_line(FACTURA, recargo_monto="5.00"), on_line(FACTURA, recargo_monto="0.00")),
    "ECF-2014": tuple(
        on_line(FACTURA, recargo_monto=one, sub_recargos=[{"tipo_sub_recargo": "$", "monto_sub_recargo": "5.00"}])
        for one in ("5.01", "5.00")
    ),  # type: ignore[dict-item]
    "ECF-2015": (discounted({"tipo_ajuste": "D", "tipo_valor": "$"}), discounted(DISCOUNT)),
    "ECF-2016": tuple(discounted({**PERCENT, "monto_descuento_o_recargo": one}) for one in ("51.01", "51.00")),  # type: ignore[dict-item]
    "ECF-2022": (discounted(DISCOUNT, lines=(line(), line(indicador_facturacion=4))), discounted(DISCOUNT)),
    "ECF-2023": tuple(discounted({**DISCOUNT, "indicador_facturacion_descuento_o_recargo": one}) for one in (4, 1)),  # type: ignore[dict-item]
    "ECF-2100": (totals(FACTURA, monto_total="1181.00"), totals(FACTURA, monto_total="1180.00")),
    "ECF-2110": (totals(FACTURA, monto_gravado_i1="1001.01"), totals(FACTURA, monto_gravado_i1="1001.00")),
    "ECF-2111": (totals(FACTURA, monto_gravado_i2="5.00"), totals(FACTURA, monto_gravado_i2="0.00")),
    "ECF-2112": (totals(ESPECIAL, monto_exento="900.00"), totals(ESPECIAL, monto_exento="999.00")),
    "ECF-2113": (totals(FACTURA, total_itbis1="182.00"), totals(FACTURA, total_itbis1="181.00")),
    "ECF-2114": tuple(
        totals(on_line(FACTURA, impuestos_adicionales=TELECOM[:1]), monto_impuesto_adicional=one) for one in ("25.00", "20.00")
    ),  # type: ignore[dict-item]
    "ECF-2115": (totals(FACTURA, monto_total="1181.01"), totals(FACTURA, monto_total="1181.00")),
    "ECF-2116": (totals(FACTURA, monto_periodo="1181.00"), totals(FACTURA, monto_periodo="1180.00")),
    "ECF-2117": (totals(COMPRA, total_itbis_retenido="5.00"), totals(COMPRA, total_itbis_retenido="0.00")),
    "ECF-2118": (totals(EXTERIOR, total_isr_retencion="272.00"), totals(EXTERIOR, total_isr_retencion="271.00")),
    "ECF-2119": tuple(at(FACTURA, "/otra_moneda", {**USD, "monto_total_otra_moneda": one}) for one in ("25.00", "19.67")),  # type: ignore[dict-item]
    "ECF-2120": (at(TWO, "/paginas/0/subtotal_itbis_pagina", "182.00"), at(TWO, "/paginas/0/subtotal_itbis_pagina", "180.00")),
    "ECF-2121": (totals(FACTURA, itbis1="16"), totals(FACTURA, itbis1="18")),
    "ECF-2122": (totals(EXPORTACION, total_itbis3="1.01"), totals(EXPORTACION, total_itbis3="0.00")),
    "ECF-2130": (
        on_line(FACTURA, precio_unitario_item="9999999999999999"),
        on_line(FACTURA, precio_unitario_item="999999999999999"),
    ),
    "ECF-2131": tuple(discounted({**DISCOUNT, "monto_descuento_o_recargo": one}) for one in ("1000.01", "1000.00")),  # type: ignore[dict-item]
    "ECF-2132": (
        at(good(31, BEER), "/emisor", {"fecha_emision": "2020-01-01"}),
        at(good(31, BEER, totales=RATED), "/emisor", {"fecha_emision": "2020-01-01"}),
    ),
    "ECF-2133": (good(31, BEER), good(31, BEER, totales=RATED)),
    "ECF-2134": (at(FACTURA, "/otra_moneda", {"tipo_moneda": "USD"}), at(FACTURA, "/otra_moneda", USD)),
    "ECF-2135": (
        totals(FACTURA, impuestos_adicionales=[{"tipo_impuesto": "002", "tasa_impuesto_adicional": "2"}]),
        totals(
            on_line(FACTURA, impuestos_adicionales=TELECOM[:1]),
            impuestos_adicionales=[{"tipo_impuesto": "002", "tasa_impuesto_adicional": "2"}],
        ),
    ),
    "ECF-2141": tuple(at(EXTERIOR, "/items/0/retencion/monto_isr_retenido", one) for one in ("1000.01", "1000.00")),  # type: ignore[dict-item]
}
