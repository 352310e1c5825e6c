"""DGII's services: authentication, reception, consultas, directory, status."""

import base64
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from functions.sandbox import domain, store
from functions.sandbox.behaviours import Played, altered
from functions.sandbox.domain import Estado, Mensaje
from functions.sandbox.reception import Rules, read, receive
from functions.sandbox.seeds import ESTRUCTURA, read_seed
from functions.sandbox.wire import Body, DgiiRefused, Json, played, query, reply, xml_part
from shared.db.engine import Transaction
from shared.db.seal import PLATFORM
from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.types import Environment
from shared.http.routes import Public, Route, shell_in
from shared.http.shell import Shell

# Descripción Técnica, change log: these services do not exist in certification.
_NOT_IN_CERTECF = "certecf"


def stand_in(request: Request, environment: str) -> tuple[Shell[Rules], str]:
    """The shell and the environment of a call; 404 for a segment DGII does not have."""
    if environment not in {e.value for e in Environment}:
        raise DgiiRefused(404, "")
    shell: Shell[Any] = shell_in(request)
    return shell, environment


def cedula_of(request: Request, shell: Shell[Rules], environment: str) -> str:
    over = played(request).get("token_expired")
    authorization = request.headers.get("authorization", "")
    holder = shell.outside.tokens.holder(authorization, environment, since=over.set_at if over else None)
    if holder is None:
        raise DgiiRefused(401, "")
    return holder


def seed(request: Request, environment: str) -> Response:
    shell, environment = stand_in(request, environment)
    valor = base64.b64encode(secrets.token_bytes(48)).decode("ascii")
    now = datetime.now(UTC)
    with shell.database.transaction(PLATFORM) as tx:
        store.add_seed(tx, environment, valor, now)
    fecha = now.astimezone(SANTO_DOMINGO).isoformat(timespec="microseconds")
    return Response(
        '<?xml version="1.0" encoding="utf-8"?>\r\n'
        '<SemillaModel xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"\r\n  <valor>{valor}</valor>\r\n  <fecha>{fecha}</fecha>\r\n</SemillaModel>",
        media_type="application/xml; charset=utf-8",
    )


def validate_seed(request: Request, environment: str, body: Body) -> Response:
    shell, environment = stand_in(request, environment)
    part = xml_part(request, body)
    now = datetime.now(UTC)
    valor, cedula = read_seed(part.data, now)
    with shell.database.transaction(PLATFORM) as tx:
        known = store.use_seed(tx, environment, valor, now)
        role = not shell.outside.strict or store.is_delegated(tx, environment, cedula)
    if not known:
        raise DgiiRefused(400, f"{ESTRUCTURA} La semilla no es válida.")
    if not cedula or not role:
        raise DgiiRefused(400, f"El RNC {cedula} del certificado no está delegado para realizar transaciones.")
    return reply(request, "RespuestaAutenticacion", shell.outside.tokens.issue(environment, cedula, now))


def receive_ecf(request: Request, environment: str, body: Body) -> Response:
    shell, environment = stand_in(request, environment)
    cedula = cedula_of(request, shell, environment)
    part = xml_part(request, body)
    reading = read(part.data, summary=False, now=datetime.now(UTC), schemas=shell.outside.schema_folder)
    with shell.database.transaction(PLATFORM) as tx:
        got = receive(tx, shell.outside, environment, cedula, part, reading, played(request), summary=False)
        track_id = _track_id(request, tx, environment, got)
    return reply(request, "RespuestaRecepcion", {"trackId": track_id, "error": None, "mensaje": None})


def _track_id(request: Request, tx: Transaction, environment: str, got: store.Submission) -> str | None:
    """The receipt, or what the behaviours make of it."""
    if empty := played(request).get("empty_track_id"):
        return None if empty.value == "null" else ""
    if "duplicate_track_id" in played(request):
        return store.track_id_before(tx, environment, got.rnc, got.track_id) or got.track_id
    return got.track_id


def receive_rfce(request: Request, environment: str, body: Body) -> Response:
    shell, environment = stand_in(request, environment)
    cedula = cedula_of(request, shell, environment)
    part = xml_part(request, body)
    reading = read(part.data, summary=True, now=datetime.now(UTC), schemas=shell.outside.schema_folder)
    with shell.database.transaction(PLATFORM) as tx:
        got = receive(tx, shell.outside, environment, cedula, part, reading, played(request), summary=True)
    estado = got.verdict.estado
    answer = {
        "codigo": int(estado),
        "estado": estado.texto,
        "mensajes": [{"codigo": m.codigo, "valor": m.valor} for m in got.verdict.mensajes],
        "encf": got.encf,
        "secuenciaUtilizada": got.verdict.secuencia_utilizada,
    }
    if foreign := played(request).get("wrong_rnc"):
        # The answer names no issuer of its own.
        answer["rnc"] = foreign.value
    refused = estado is Estado.RECHAZADO and "rejected_with_400" in played(request)
    return reply(request, "Respuesta", answer, status=400 if refused else 200)


def _authorised(request: Request, shell: Shell[Rules], environment: str, *rncs: str) -> bool:
    """Whether the token's holder may ask: the open mode lets everybody, the strict one delegates of an RNC named."""
    cedula = cedula_of(request, shell, environment)
    if not shell.outside.strict:
        return True
    with shell.database.transaction(PLATFORM) as tx:
        return any(store.is_delegated(tx, environment, cedula, rnc) for rnc in rncs if rnc)


def result(request: Request, environment: str) -> Response:
    shell, environment = stand_in(request, environment)
    cedula_of(request, shell, environment)
    track_id = query(request).get("trackid", "")
    with shell.database.transaction(PLATFORM) as tx:
        found = store.by_track_id(tx, environment, track_id)
    now = datetime.now(UTC)
    estado = found.shown(now) if found else Estado.NO_ENCONTRADO
    settled = found is not None and estado is not Estado.EN_PROCESO
    answer = {
        "trackId": track_id,
        "codigo": str(int(estado)),
        "estado": estado.texto,
        "rnc": found.rnc if found else None,
        "encf": found.encf if found else None,
        "secuenciaUtilizada": bool(found and settled and found.verdict.secuencia_utilizada),
        "fechaRecepcion": domain.reception_time(found.received_at.astimezone(SANTO_DOMINGO)) if found else None,
        "mensajes": _remarks(found.verdict.mensajes if settled else (domain.SIN_MENSAJE,)) if found else [],
    }
    return reply(request, "RespuestaConsultaTrackId", answer)


def _remarks(mensajes: Sequence[Mensaje]) -> list[dict[str, object]]:
    return [{"valor": m.valor, "codigo": int(m.codigo) if m.codigo.isdigit() else 0} for m in mensajes]


def state(request: Request, environment: str) -> Response:
    shell, environment = stand_in(request, environment)
    asked = query(request)
    rnc, encf = asked.get("rncemisor", ""), asked.get("ncfelectronico", "")
    buyer, code = asked.get("rnccomprador", ""), asked.get("codigoseguridad", "")
    if environment == _NOT_IN_CERTECF:
        raise DgiiRefused(404, "")
    if not _authorised(request, shell, environment, rnc, buyer):
        raise DgiiRefused(400, domain.delegation_message(rnc).valor)
    found = _settled(shell, environment, rnc, encf)
    if found and ((buyer and found.facts.get("rnc_comprador") != buyer) or (code and found.codigo_seguridad != code)):
        found = None
    estado = found.verdict.estado if found else Estado.NO_ENCONTRADO
    if estado is Estado.ACEPTADO_CONDICIONAL and found and found.channel == "ecf":
        estado = Estado.ACEPTADO
    facts = found.facts if found else {}
    answer = {
        "codigo": str(int(estado)),
        "estado": estado.texto,
        "rncEmisor": rnc,
        "ncfElectronico": encf,
        "montoTotal": facts.get("monto_total", "0"),
        "totalITBIS": facts.get("total_itbis", "0"),
        "fechaEmision": facts.get("fecha_emision", ""),
        "fechaFirma": facts.get("fecha_firma", ""),
        "rncComprador": facts.get("rnc_comprador", ""),
        "codigoSeguridad": found.codigo_seguridad if found else "",
        "idExtranjero": facts.get("id_extranjero", ""),
    }
    return reply(request, "RespuestaConsultaEstado", answer)


def _settled(shell: Shell[Rules], environment: str, rnc: str, encf: str) -> store.Submission | None:
    """The submission that speaks for a number: the one that holds it, else the newest; None while nothing is settled."""
    now = datetime.now(UTC)
    with shell.database.transaction(PLATFORM) as tx:
        found = store.by_number(tx, environment, rnc, encf)
    return next((s for s in found if s.shown(now) is not Estado.EN_PROCESO), None)


def track_ids(request: Request, environment: str) -> Response:
    shell, environment = stand_in(request, environment)
    asked = query(request)
    rnc, encf = asked.get("rncemisor", ""), asked.get("encf", "")
    if environment == _NOT_IN_CERTECF:
        raise DgiiRefused(404, "")
    may = _authorised(request, shell, environment, rnc)
    for wrong, text in (
        (not rnc, "El campo RNC Emisor es requerido."),
        (not encf, "El campo ENCF es requerido."),
        (not re.fullmatch("[0-9]{9}|[0-9]{11}", rnc), "La longitud del RNC Emisor es inválida."),
        (len(encf) != 13, "La longitud del ENCF es inválida."),
        (domain.encf_of(encf) is None, "El ENCF es inválido."),
        (
            not may,
            "El RNC del token no está autorizado a consultar el trackid de este e-NCF, favor verificar que se "
            "encuentre delegado por el emisor y volver a intentarlo.",
        ),
    ):
        if wrong:
            raise DgiiRefused(400, {"mensaje": text})
    now = datetime.now(UTC)
    with shell.database.transaction(PLATFORM) as tx:
        found = store.by_number(tx, environment, rnc, encf)
    plays = played(request)
    if missing := plays.get("not_found"):
        return reply(request, "TrackingDetalles", _NOT_FOUND[missing.value])
    rows = [_tracking(s, now, plays) for s in _in_order(found, plays) if s.channel == "ecf"]
    return reply(request, "TrackingDetalles", rows)


_NO_TRACK_ID = {"trackId": None, "estado": "No encontrado"}
_NOT_FOUND: dict[str, Json] = {"": [], "row": [_NO_TRACK_ID], "object": _NO_TRACK_ID}


def _in_order(found: Sequence[store.Submission], plays: Played) -> Sequence[store.Submission]:
    order = plays.get("track_ids_order")
    return sorted(found, key=lambda s: s.received_at, reverse=order.value == "newest") if order else found


def _tracking(s: store.Submission, now: datetime, plays: Played) -> dict[str, object]:
    """A row of consulta de trackIds, which spells En proceso in its own way."""
    received = domain.reception_time(s.received_at.astimezone(SANTO_DOMINGO))
    row = altered({"trackId": s.track_id, "estado": s.shown(now).texto, "fechaRecepcion": received}, plays)
    return row | {"estado": str(row["estado"]).replace("En Proceso", "En proceso")}


def rfce(request: Request, environment: str) -> Response:
    shell, environment = stand_in(request, environment)
    asked = query(request)
    rnc, encf, code = asked.get("rnc_emisor", ""), asked.get("encf", ""), asked.get("cod_seguridad_ecf", "")
    if not _authorised(request, shell, environment, rnc):
        raise DgiiRefused(400, domain.delegation_message(rnc).valor)
    with shell.database.transaction(PLATFORM) as tx:
        numbered = store.by_number(tx, environment, rnc, encf)
    found = next((s for s in numbered if s.channel == "rfce" and s.codigo_seguridad == code), None)
    estado = found.verdict.estado if found else Estado.NO_ENCONTRADO
    answer = {
        "rnc": rnc,
        "encf": encf,
        "secuenciaUtilizada": bool(found and found.verdict.secuencia_utilizada),
        "codigo": str(int(estado)),
        "estado": estado.texto,
        "mensajes": _remarks(found.verdict.mensajes) if found else [],
    }
    return reply(request, "RespuestaConsultaRFCE", answer)


def directory(request: Request, environment: str) -> Response:
    shell, environment = stand_in(request, environment)
    cedula_of(request, shell, environment)
    if environment == _NOT_IN_CERTECF:
        raise DgiiRefused(404, "")
    with shell.database.transaction(PLATFORM) as tx:
        return reply(request, "Directorios", store.directory(tx, environment))


def directory_of(request: Request, environment: str) -> Response:
    """One issuer; nobody for who is none, or for a call that names none."""
    shell, environment = stand_in(request, environment)
    cedula_of(request, shell, environment)
    if environment == _NOT_IN_CERTECF:
        raise DgiiRefused(404, "")
    with shell.database.transaction(PLATFORM) as tx:
        return reply(request, "Directorios", store.directory(tx, environment, query(request).get("rnc", "")))


_DGII = Public("DGII's own protocol: the bearer token of a signed seed is checked by each handler")
_OPEN = Public("DGII's own protocol: authentication starts here")
_ENV = "/{environment}"

ROUTES = [
    Route("GET", _ENV + "/autenticacion/api/autenticacion/semilla", seed, _OPEN),
    Route("POST", _ENV + "/autenticacion/api/autenticacion/validarsemilla", validate_seed, _OPEN),
    Route("POST", _ENV + "/recepcion/api/facturaselectronicas", receive_ecf, _DGII),
    Route("POST", _ENV + "/recepcionfc/api/recepcion/ecf", receive_rfce, _DGII),
    Route("GET", _ENV + "/consultaresultado/api/consultas/estado", result, _DGII),
    Route("GET", _ENV + "/consultaestado/api/consultas/estado", state, _DGII),
    Route("GET", _ENV + "/consultatrackids/api/trackids/consulta", track_ids, _DGII),
    Route("GET", _ENV + "/consultarfce/api/consultas/consulta", rfce, _DGII),
    Route("GET", _ENV + "/consultadirectorio/api/consultas/listado", directory, _DGII),
    Route("GET", _ENV + "/consultadirectorio/api/consultas/obtenerdirectorioporrnc", directory_of, _DGII),
]
