"""Documents as they are signed, without the signature: drawing does not look at it."""

from datetime import date, datetime
from typing import Any

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


def document_xml(tipo: int, items: list[dict[str, Any]], comprador: dict[str, str], **more: object) -> bytes:
    """The XML of a numbered document of `tipo` with e-NCF …4."""
    id_doc: dict[str, object] = {"tipo_ingresos": "01", "tipo_pago": 1}
    if any(item["indicador_facturacion"] != 4 for item in items):
        id_doc["indicador_monto_gravado"] = 0
    body = {"tipo_ecf": tipo, "id_doc": id_doc, "items": items, "comprador": comprador, **more}
    document = prepare(body, emisor=EMISOR, today=date(2026, 11, 24)).document
    expiry = date(2028, 12, 31) if tipo == 31 else None
    firma = datetime.fromisoformat("2026-11-24T10:00:00-04:00")
    return write(document.numbered(ENCF.parse(f"E{tipo}0000000004"), vencimiento=expiry, firma=firma))


def xml_31(name: str = "Servicio de consultoría", lines: int = 1) -> bytes:
    return document_xml(31, [LINE | {"nombre_item": name}] * lines + [BOXES, BOOK], BUYER)


def xml_32() -> bytes:
    return document_xml(32, [BOOK], {"razon_social_comprador": "CONSUMIDOR FINAL"})
