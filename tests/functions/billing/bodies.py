"""Bodies of POST /tenant/emit/ecf that tests start from."""

from copy import deepcopy
from typing import Any

BUYER = {"rnc_comprador": "131880681", "razon_social_comprador": "COMPRADOR DE PRUEBA SRL"}
LINE = {
    "nombre_item": "Servicio de consultoría",
    "indicador_bien_o_servicio": 2,
    "indicador_facturacion": 1,
    "cantidad_item": "2",
    "precio_unitario_item": "500.00",
}
FACTURA = {
    "tipo_ecf": 31,
    "id_doc": {"tipo_ingresos": "01", "tipo_pago": 1, "indicador_monto_gravado": 0},
    "comprador": BUYER,
    "items": [LINE],
}
CONSUMO = {
    "tipo_ecf": 32,
    "id_doc": {"tipo_ingresos": "01", "tipo_pago": 1},
    "comprador": {"razon_social_comprador": "CONSUMIDOR FINAL"},
    "items": [LINE | {"indicador_facturacion": 4, "cantidad_item": "1"}],
}


def altered(body: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with the value at a JSON pointer replaced (or added); `...` removes it."""
    made = deepcopy(body)
    *way, last = [int(p) if p.isdigit() else p for p in path.strip("/").split("/")]
    here: Any = made
    for step in way:
        here = here[step]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return made


def credit(encf: str, fecha: str, cantidad: str = "1", codigo: int = 3, **more: object) -> dict[str, Any]:
    """A credit note of RD$590.00 a unit (500.00 and its ITBIS) on a FACTURA; FACTURA itself comes to two of them."""
    return {
        "tipo_ecf": 34,
        "id_doc": {"indicador_nota_credito": 0, "tipo_ingresos": "01", "tipo_pago": 1, "indicador_monto_gravado": 0},
        "comprador": BUYER,
        "items": [LINE | {"cantidad_item": cantidad}],
        "informacion_referencia": {"ncf_modificado": encf, "fecha_ncf_modificado": fecha, "codigo_modificacion": codigo},
    } | more


def debit(encf: str, fecha: str, cantidad: str = "1") -> dict[str, Any]:
    """A debit note in the same terms."""
    id_doc = {"tipo_ingresos": "01", "tipo_pago": 1, "indicador_monto_gravado": 0}
    return credit(encf, fecha, cantidad) | {"tipo_ecf": 33, "id_doc": id_doc}


def referring(cantidad: str = "1", codigo: int = 3) -> dict[str, Any]:
    """A credit note of a batch, whose original is named by the row."""
    return credit("", "", cantidad) | {"informacion_referencia": {"codigo_modificacion": codigo}}
