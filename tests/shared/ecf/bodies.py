"""Bodies and companies that the tests of this folder start from."""

from copy import deepcopy
from datetime import date, datetime
from typing import Any

from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.document import parse
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


_CLASS = {43: 4, 44: 4, 46: 3, 47: 4}
_WITHHELD = {
    41: {"indicador_agente_retencion_o_percepcion": 1, "monto_itbis_retenido": "0.00", "monto_isr_retenido": "0.00"},
    47: {"indicador_agente_retencion_o_percepcion": 1, "monto_isr_retenido": "270.00"},
}


def line_of(tipo: int, **changes: Any) -> dict[str, Any]:
    """One line of RD$1,000.00 as the type takes it."""
    found = line(indicador_facturacion=_CLASS.get(tipo, 1), indicador_bien_o_servicio=2 if tipo == 47 else 1)
    if tipo in _WITHHELD:
        found["retencion"] = dict(_WITHHELD[tipo])
    return {**found, **changes}


def good(tipo: int, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The smallest body of any type about which nothing is to be said."""
    found = body(tipo, *(lines or (line_of(tipo),)))
    if tipo in _CLASS:
        del found["id_doc"]["indicador_monto_gravado"]
    if tipo in (41, 43, 47):
        del found["id_doc"]["tipo_ingresos"]
    if tipo in (43, 47):
        del found["comprador"]
    if tipo in (33, 34):
        found["informacion_referencia"] = {
            "ncf_modificado": "E310000000001",
            "fecha_ncf_modificado": "2026-11-01",
            "codigo_modificacion": 3,
        }
    if tipo == 34:
        found["id_doc"]["indicador_nota_credito"] = 0
    return {**found, **changes}


def at(payload: dict[str, Any], path: str, held: object = ...) -> dict[str, Any]:
    """A copy of a body with one value set at a JSON pointer, or taken away when none is given."""
    found = deepcopy(payload)
    here: Any = found
    *way, last = path.strip("/").split("/")
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
    key: Any = int(last) if isinstance(here, list) else last
    if held is ...:
        del here[key]
    else:
        here[key] = held
    return found


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
