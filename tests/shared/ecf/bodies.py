"""Bodies and companies that the tests of this folder start from."""

from datetime import date, datetime
from typing import Any

HOY = date(2026, 11, 24)
FIRMA = datetime(2026, 11, 24, 10, 0, 0)
VENCIMIENTO = date(2028, 12, 31)
EMISOR: dict[str, object] = {
    "rnc_emisor": "131880738",
    "razon_social_emisor": "Empresa de Prueba, S.R.L.",
    "direccion_emisor": "Calle Primera 1",
}


def line(**changes: Any) -> dict[str, Any]:
    """One line of RD$1,000.00 taxed at 18 %."""
    return {
        "nombre_item": "Café molido",
        "indicador_bien_o_servicio": 1,
        "cantidad_item": "2",
        "precio_unitario_item": "500.00",
        "indicador_facturacion": 1,
        **changes,
    }


def body(tipo: int = 31, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The smallest body of a 31 or 32 that is accepted."""
    found: dict[str, Any] = {
        "tipo_ecf": tipo,
        "id_doc": {"tipo_pago": 1, "tipo_ingresos": "01", "indicador_monto_gravado": 0},
        "comprador": {"rnc_comprador": "131880681", "razon_social_comprador": "Cliente de Prueba"},
        "items": list(lines) or [line()],
    }
    return {**found, **changes}
