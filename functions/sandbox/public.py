"""What needs no token: the QR pages and the status service."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from functions.sandbox import plays, store
from functions.sandbox.behaviours import EVERYTHING, Behaviour
from functions.sandbox.domain import Estado
from functions.sandbox.handlers import stand_in
from functions.sandbox.windows import AMBIENTES, NUMBERS, is_down, is_over, listed
from functions.sandbox.wire import DgiiRefused, page, query, reply
from shared.db.seal import PLATFORM
from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.types import Environment
from shared.http.routes import Public, Route, shell_in
from shared.http.shell import Shell

_UNKNOWN = "No fue encontrada la factura (e-CF)"
_SERVICES = {
    "Autenticación": "semilla",
    "Recepción": "recepcion",
    "Consulta Resultado": "consultaresultado",
    "Consulta Estado": "consultaestado",
    "Consulta Directorio": "consultadirectorio",
    "Consulta TrackIds": "consultatrackids",
    "Aprobación Comercial": "aprobacioncomercial",
    "Anulación Rangos": "anulacionrangos",
    "Recepción FC": "recepcionfc",
}


def stamp(request: Request, environment: str) -> Response:
    """The page behind the QR of an e-CF: every parameter must say what the document says."""
    return _stamp(
        request,
        environment,
        "ecf",
        {"fechaemision": "fecha_emision", "montototal": "monto_total", "fechafirma": "fecha_firma"},
    )


def stamp_fc(request: Request, environment: str) -> Response:
    """The page behind the QR of a consumo below the threshold."""
    return _stamp(request, environment, "rfce", {"montototal": "monto_total"})


def _stamp(request: Request, environment: str, channel: str, compared: dict[str, str]) -> Response:
    shell, environment = stand_in(request, environment)
    asked = query(request)
    with shell.database.transaction(PLATFORM) as tx:
        numbered = store.by_number(tx, environment, asked.get("rncemisor", ""), asked.get("encf", ""))
    now = datetime.now(SANTO_DOMINGO)
    found = next((s for s in numbered if s.channel == channel and s.shown(now) is not Estado.EN_PROCESO), None)
    if (
        found is None
        or found.codigo_seguridad != asked.get("codigoseguridad")
        or any(found.facts.get(fact) != asked.get(name) for name, fact in compared.items())
        or (channel == "ecf" and found.facts.get("rnc_comprador", "") != asked.get("rnccomprador", ""))
    ):
        return page(_UNKNOWN, [])
    estado = found.verdict.estado
    shown = Estado.ACEPTADO if estado is Estado.ACEPTADO_CONDICIONAL else estado
    rows = [
        ("RNC Emisor", found.rnc),
        ("Razón social emisor", found.facts.get("razon_social_emisor", "")),
        ("RNC Comprador", found.facts.get("rnc_comprador", "")),
        ("e-NCF", found.encf),
        ("Fecha de emisión", found.facts.get("fecha_emision", "")),
        ("Total de ITBIS", found.facts.get("total_itbis", "")),
        ("Monto total", found.facts.get("monto_total", "")),
        ("Estado", shown.texto),
    ]
    return page("Consulta de timbre electrónico", rows)


def _keyed(request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "apikey" or not key.strip():
        raise DgiiRefused(401, "")


def _maintenance(shell: Shell[Any], now: datetime) -> dict[str, list[Behaviour]]:
    """The maintenance that is set for everybody and not over, by environment."""
    with shell.database.transaction(PLATFORM) as tx:
        found = {e.value: plays.live(tx, e.value, now) for e in Environment}
    return {
        environment: [b for b in held if (b.name, b.rnc) == ("maintenance", EVERYTHING) and not is_over(b.value, now)]
        for environment, held in found.items()
    }


def _estado(held: list[Behaviour], services: Iterable[str], now: datetime) -> str:
    """Of several services: not available when none of them is."""
    down = [b for b in held if is_down(b.value, now)]
    return "No Disponible" if all(any(b.concerns(service) for b in down) for service in services) else "Disponible"


def service_status(request: Request) -> Response:
    _keyed(request)
    now = datetime.now(SANTO_DOMINGO)
    held = _maintenance(shell_in(request), now)
    rows = [
        {"servicio": label, "estatus": _estado(held[environment], [service], now), "ambiente": ambiente}
        for environment, ambiente in AMBIENTES.items()
        for label, service in _SERVICES.items()
    ]
    return reply(request, "EstatusServicios", rows)


def maintenance(request: Request) -> Response:
    _keyed(request)
    now = datetime.now(SANTO_DOMINGO)
    rows = [listed(e, b.value, now) for e, held in _maintenance(shell_in(request), now).items() for b in held]
    return reply(request, "VentanasMantenimiento", {"ventanaMantenimientos": rows})


def verify_status(request: Request) -> Response:
    _keyed(request)
    environment = NUMBERS.get(query(request).get("ambiente", ""))
    if environment is None:
        raise DgiiRefused(400, {"mensaje": "El ambiente no es válido."})
    now = datetime.now(SANTO_DOMINGO)
    held = _maintenance(shell_in(request), now)[environment]
    return reply(request, "VerificarEstado", {"estado": _estado(held, _SERVICES.values(), now)})


_PAGE = Public("the page behind a printed QR is for everybody")
_STATUS = Public("DGII's status service: its API key is checked by the handler")

ROUTES = [
    Route("GET", "/{environment}/consultatimbre", stamp, _PAGE),
    Route("GET", "/{environment}/consultatimbrefc", stamp_fc, _PAGE),
    Route("GET", "/api/estatusservicios/obtenerestatus", service_status, _STATUS),
    Route("GET", "/api/estatusservicios/obtenerventanasmantenimiento", maintenance, _STATUS),
    Route("GET", "/api/estatusservicios/verificarestado", verify_status, _STATUS),
]
