"""Documents as they are signed, without the signature: drawing does not look at it."""

from datetime import date, datetime
from io import BytesIO
from typing import Any

from PIL import Image

from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.xml import write

CODE = "aB/dE1"
EMISOR = {
    "rnc_emisor": "131880738",
    "razon_social_emisor": "EMPRESA DE PRUEBA SRL",
    "nombre_comercial": "Ferretería La Prueba",
    "direccion_emisor": "Av. Primera 1, Ensanche",
    "municipio": "010101",
    "provincia": "010000",
}
BUYER = {"rnc_comprador": "131880681", "razon_social_comprador": "COMPRADOR DE PRUEBA SRL"}
LINE = {
    "nombre_item": "Servicio de consultoría",
    "indicador_bien_o_servicio": 2,
    "indicador_facturacion": 1,
    "cantidad_item": "2",
    "precio_unitario_item": "500.00",
}
BOXES = LINE | {
    "nombre_item": "Cemento gris",
    "indicador_bien_o_servicio": 1,
    "cantidad_item": "12.5",
    "unidad_medida": 6,
    "precio_unitario_item": "385.7525",
    "descuento_monto": "50.00",
    "sub_descuentos": [{"tipo_sub_descuento": "$", "monto_sub_descuento": "50.00"}],
}
BOOK = LINE | {"nombre_item": "Libro escolar", "indicador_facturacion": 4}


WITHHELD = {"retencion": {"indicador_agente_retencion_o_percepcion": 1, "monto_itbis_retenido": "180.00"}}
NOTE = {"ncf_modificado": "E310000000001", "fecha_ncf_modificado": "20-11-2026", "codigo_modificacion": 3}
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
DISCOUNT = {
    "tipo_ajuste": "D",
    "descripcion_descuento_o_recargo": "Pronto pago",
    "tipo_valor": "%",
    "valor_descuento_o_recargo": "5",
    "indicador_facturacion_descuento_o_recargo": 1,
}
# What each type needs beside the usual.
_ID_DOC: dict[int, dict[str, object]] = {
    34: {"indicador_nota_credito": 0},
    41: {"tipo_ingresos": None},
    43: {"tipo_ingresos": None, "tipo_pago": None},
    47: {"tipo_ingresos": None},
}
_NO_EXPIRY = (32, 34)


def document_xml(tipo: int, items: list[dict[str, Any]], comprador: dict[str, str] | None, **more: Any) -> bytes:
    """The XML of a numbered document of `tipo` with e-NCF …4; `more` are further members of the body."""
    id_doc: dict[str, object] = {"tipo_ingresos": "01", "tipo_pago": 1} | _ID_DOC.get(tipo, {})
    if any(item["indicador_facturacion"] in (1, 2) for item in items):
        id_doc["indicador_monto_gravado"] = 0
    id_doc |= more.pop("id_doc", {})
    body = {"tipo_ecf": tipo, "id_doc": {name: held for name, held in id_doc.items() if held is not None}, "items": items}
    body |= {"comprador": comprador} if comprador else {}
    emisor = EMISOR | more.pop("issuer", {})
    document = prepare(body | more, emisor=emisor, today=date(2026, 11, 24)).document
    expiry = None if tipo in _NO_EXPIRY else date(2028, 12, 31)
    firma = datetime.fromisoformat("2026-11-24T10:00:00-04:00")
    return write(document.numbered(ENCF.parse(f"E{tipo}0000000004"), vencimiento=expiry, firma=firma))


def xml_31(name: str = "Servicio de consultoría", lines: int = 1) -> bytes:
    return document_xml(31, [LINE | {"nombre_item": name}] * lines + [BOXES, BOOK], BUYER)


def xml_32() -> bytes:
    return document_xml(32, [BOOK], {"razon_social_comprador": "CONSUMIDOR FINAL"})


def long_note(lines: int) -> bytes:
    """A credit note of many lines, every seventh with a name of two rows."""
    names = ["Servicio de consultoría", "Transporte de materiales de construcción hasta la obra del cliente, ida y vuelta"]
    items = [LINE | {"nombre_item": names[n % 7 == 0]} for n in range(lines)]
    return document_xml(34, items, BUYER, informacion_referencia=NOTE)


def every_type() -> dict[str, bytes]:
    """One document of each type, with what is particular to it, and a consumo on each side of the limit."""
    abroad = {"identificador_extranjero": "FC-0099887", "razon_social_comprador": "FOREIGN SUPPLIER LTD"}
    rent = BOOK | {"nombre_item": "Licencia de software", "indicador_bien_o_servicio": 2}
    zero_rated = BOXES | {"nombre_item": "Cacao orgánico en grano", "indicador_facturacion": 3}
    isr = {"retencion": {"indicador_agente_retencion_o_percepcion": 1, "monto_isr_retenido": "270.00"}}
    dearer = LINE | {"nombre_item": "Instalación y puesta en marcha", "precio_unitario_item": "118250.75", "unidad_medida": 43}
    usd = {"tipo_moneda": "USD", "tipo_cambio": "59.0000"}
    return {
        "31": document_xml(31, [LINE, BOXES, BOOK], BUYER, descuentos_o_recargos=[DISCOUNT]),
        "31-beer": document_xml(31, [BEER, LINE], BUYER, totales=RATES),
        "31-usd": document_xml(31, [LINE, dearer], BUYER, otra_moneda=usd),
        "32": document_xml(32, [LINE | {"impuestos_adicionales": [{"tipo_impuesto": "001"}]}, BOOK], None),
        "32-large": document_xml(32, [LINE | {"cantidad_item": "600"}], BUYER),
        "33": document_xml(33, [LINE], BUYER, informacion_referencia=NOTE),
        "34": document_xml(34, [LINE, BOOK], BUYER, informacion_referencia=NOTE),
        "41": document_xml(41, [LINE | WITHHELD], BUYER, totales={"total_itbis_retenido": "180.00"}),
        "43": document_xml(43, [BOOK | {"nombre_item": "Peaje y estacionamiento"}], None),
        "44": document_xml(44, [BOOK, BOOK | {"nombre_item": "Resma de papel bond 8½ × 11"}], BUYER),
        "45": document_xml(45, [LINE, BOXES], BUYER),
        "46": document_xml(46, [zero_rated], abroad | {"pais_comprador": "ESTADOS UNIDOS"}),
        "47": document_xml(47, [rent | isr], abroad, totales={"total_isr_retencion": "270.00"}),
    }


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 120), colour: str = "#204080") -> bytes:
    """A plain picture, as a tenant would send it."""
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, kind)
    return written.getvalue()
