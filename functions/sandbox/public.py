"""What needs no token: the QR pages, the status service, and the calls that prepare the stand-in itself."""

from datetime import date, datetime

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from functions.sandbox import store
from functions.sandbox.domain import Estado, Range
from functions.sandbox.handlers import stand_in
from functions.sandbox.reception import SANTO_DOMINGO
from functions.sandbox.wire import DgiiRefused, page, query, reply
from shared.db.seal import PLATFORM
from shared.ecf.types import Environment, TipoECF
from shared.http.routes import Public, Route, shell_of

_UNKNOWN = "No fue encontrada la factura (e-CF)"
_SERVICES = (
    "Autenticación",
    "Recepción",
    "Consulta Resultado",
    "Consulta Estado",
    "Consulta Directorio",
    "Consulta TrackIds",
    "Aprobación Comercial",
    "Anulación Rangos",
    "Recepción FC",
)
_AMBIENTES = ("PreCertificacion", "Certificacion", "Produccion")


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


def service_status(request: Request) -> Response:
    _keyed(request)
    rows = [{"servicio": s, "estatus": "Disponible", "ambiente": a} for a in _AMBIENTES for s in _SERVICES]
    return reply(request, "EstatusServicios", rows)


def maintenance(request: Request) -> Response:
    _keyed(request)
    return reply(request, "VentanasMantenimiento", {"ventanaMantenimientos": []})


def verify_status(request: Request) -> Response:
    _keyed(request)
    if query(request).get("ambiente") not in {"1", "2", "3"}:
        raise DgiiRefused(400, {"mensaje": "El ambiente no es válido."})
    return reply(request, "VerificarEstado", {"estado": "Disponible"})


class _Prepared(BaseModel):
    model_config = ConfigDict(extra="forbid")
    environment: Environment
    rnc: str = Field(pattern="^([0-9]{9}|[0-9]{11})$")


class Delegation(_Prepared):
    cedula: str


class NumberRange(_Prepared):
    tipo_ecf: TipoECF
    desde: int = Field(ge=1)
    hasta: int = Field(ge=1, le=9_999_999_999)
    vencimiento: date | None = None


class DirectoryEntry(_Prepared):
    nombre: str
    url_recepcion: str
    url_aceptacion: str
    url_opcional: str = ""


class Behaviour(_Prepared):
    name: str
    value: str


def add_delegation(request: Request, body: Delegation) -> None:
    with shell_of(request).database.transaction(PLATFORM) as tx:
        store.delegate(tx, body.environment, body.cedula, body.rnc)


def add_range(request: Request, body: NumberRange) -> None:
    with shell_of(request).database.transaction(PLATFORM) as tx:
        numbers = Range(body.desde, body.hasta, body.vencimiento)
        store.add_range(tx, body.environment, body.rnc, int(body.tipo_ecf), numbers)


def add_directory_entry(request: Request, body: DirectoryEntry) -> None:
    urls = (body.url_recepcion, body.url_aceptacion, body.url_opcional)
    with shell_of(request).database.transaction(PLATFORM) as tx:
        store.enlist(tx, body.environment, body.rnc, body.nombre, urls)


def add_behaviour(request: Request, body: Behaviour) -> None:
    with shell_of(request).database.transaction(PLATFORM) as tx:
        store.set_behaviour(tx, body.environment, body.rnc, body.name, body.value)


def documents(request: Request, environment: Environment, rnc: str) -> list[dict[str, object]]:
    """All an issuer sent, in order: for tests that count what arrived."""
    with shell_of(request).database.transaction(PLATFORM) as tx:
        found = store.of_issuer(tx, environment, rnc)
    return [
        {
            "track_id": s.track_id,
            "channel": s.channel,
            "encf": s.encf,
            "estado": int(s.verdict.estado),
            "mensajes": [{"codigo": m.codigo, "valor": m.valor} for m in s.verdict.mensajes],
            "secuencia_utilizada": s.verdict.secuencia_utilizada,
            "codigo_seguridad": s.codigo_seguridad,
            "sha256": s.sha256,
            "received_at": s.received_at.isoformat(),
        }
        for s in found
    ]


_PAGE = Public("the page behind a printed QR is for everybody")
_STATUS = Public("DGII's status service: its API key is checked by the handler")
_PREPARE = Public("a test stand-in, never in production: whoever reaches it may prepare it")

ROUTES = [
    Route("GET", "/{environment}/consultatimbre", stamp, _PAGE),
    Route("GET", "/{environment}/consultatimbrefc", stamp_fc, _PAGE),
    Route("GET", "/api/estatusservicios/obtenerestatus", service_status, _STATUS),
    Route("GET", "/api/estatusservicios/obtenerventanasmantenimiento", maintenance, _STATUS),
    Route("GET", "/api/estatusservicios/verificarestado", verify_status, _STATUS),
    Route("POST", "/sandbox/delegations", add_delegation, _PREPARE, status=204),
    Route("POST", "/sandbox/ranges", add_range, _PREPARE, status=204),
    Route("POST", "/sandbox/directory", add_directory_entry, _PREPARE, status=204),
    Route("POST", "/sandbox/behaviours", add_behaviour, _PREPARE, status=204),
    Route("GET", "/sandbox/documents", documents, _PREPARE),
]
