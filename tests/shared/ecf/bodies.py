"""Bodies and companies that the tests of this folder start from."""

from datetime import date, datetime
from typing import Any

from shared.ecf.document import parse
from shared.ecf.values import SANTO_DOMINGO
from shared.errors import InvalidInput

HOY = date(2026, 11, 24)
FIRMA = datetime(2026, 11, 24, 10, 0, 0, tzinfo=SANTO_DOMINGO)
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


def refusals(payload: object) -> dict[str, str]:
    """Pointer → code of every fault; empty when the body is taken."""
    try:
        parse(payload, emisor=EMISOR, today=HOY)
    except InvalidInput as refused:
        return {one.pointer: one.code for one in refused.errors}
    return {}


def changed(path: str, held: object, tipo: int = 31) -> dict[str, Any]:
    """The good body with one value set at a JSON pointer."""
    found = body(tipo)
    here: Any = found
    *way, last = path.strip("/").split("/")
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
    here[int(last) if isinstance(here, list) else last] = held
    return found
