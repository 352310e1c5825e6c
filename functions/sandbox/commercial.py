"""Aprobación comercial (ACECF) and anulación de rangos (ANECF), with DGII's texts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from lxml import etree

from functions.sandbox import domain, store
from functions.sandbox.domain import Estado
from functions.sandbox.handlers import cedula_of, stand_in
from functions.sandbox.reception import Rules
from functions.sandbox.wire import Body, DgiiRefused, played, reply, xml_part
from shared.db.engine import Transaction
from shared.db.seal import PLATFORM
from shared.ecf.gate import OTHER, ForeignXmlRefused
from shared.ecf.schema import faults
from shared.ecf.signature import Blanks, SignatureRefused, verify
from shared.http.routes import Public, Route

_STRUCTURE = (
    "La estructura del archivo XML no es válido, favor proveer un XML con una estructura válida, verificar el XSD correspondiente"
)
_UNASKED = {"32", "41", "43", "46", "47"}
_NOT_IN_CERTECF = "certecf"
_NAME = "EMISOR DE PRUEBA"
_USED = "Las secuencias que está intentando anular han sido utilizadas"
_VOIDED_BEFORE = "No fue posible anular las siguientes secuencias"

Stretch = tuple[int, int, int]
"""Type, first and last number."""


class Unread(Exception):
    """The file is not what it should be, in DGII's words."""


def _read(data: bytes, kind: str, schemas: Path | None, *, signature: str, no_xml: str) -> etree._Element:
    """The verified root; Unread with DGII's text otherwise."""
    try:
        root = verify(data, at=datetime.now(UTC), kind=OTHER, blanks=Blanks.DROPPED).root
    except ForeignXmlRefused as refused:
        raise Unread(no_xml if refused.reason == "syntax" else _STRUCTURE) from refused
    except SignatureRefused as refused:
        raise Unread(signature) from refused
    if root.tag != kind or faults(root, kind, schemas):
        raise Unread(_STRUCTURE)
    return root


def _text(node: etree._Element, path: str) -> str:
    return (node.findtext(path) or "").strip()


def approve(request: Request, environment: str, body: Body) -> Response:
    """A buyer's word on an e-CF that DGII has accepted; code 1 means that the word was recorded."""
    shell, environment = stand_in(request, environment)
    cedula = cedula_of(request, shell, environment)
    part = xml_part(request, body)
    if "not_processed" in played(request):
        return _processed(request, "No fue posible procesar la Aprobación comercial. Favor intentar nuevamente")
    try:
        root = _read(
            part.data,
            "ACECF",
            shell.outside.schema_folder,
            signature="La firma del XML no es válida",
            no_xml=_no_xml(part.filename),
        )
    except Unread as unread:
        return _processed(request, str(unread))
    with shell.database.transaction(PLATFORM) as tx:
        return _processed(request, _record(tx, shell.outside, environment, cedula, root, part.data))


def _no_xml(filename: str) -> str:
    """DGII has words for a file that is not called XML, and for one that only is."""
    named = filename.lower().endswith(".xml")
    return "Archivo no válido" if named else "Tipo de archivo no válido, favor proveer un XML"


def _record(tx: Transaction, rules: Rules, environment: str, cedula: str, root: etree._Element, xml: bytes) -> str:
    """Why it is not processed; empty when it is."""
    detail = root.find("DetalleAprobacionComercial")
    assert detail is not None  # the schema has it
    emisor, comprador, encf = (_text(detail, name) for name in ("RNCEmisor", "RNCComprador", "eNCF"))
    if rules.strict and not store.is_delegated(tx, environment, cedula, comprador):
        return domain.delegation_message(emisor).valor
    if encf[1:3] in _UNASKED:
        return "Aprobación Comercial no es requerida para este tipo de e-CF"
    found = [s for s in store.by_number(tx, environment, emisor, encf) if s.channel == "ecf"]
    if not found or found[0].facts.get("rnc_comprador") != comprador:
        return "Factura no encontrada para esta Aprobación comercial."
    if found[0].facts.get("ncf_modificado", "")[1:3] in _UNASKED:
        return "Aprobación Comercial no es requerida para el e-CF Referenciado"
    if found[0].shown(datetime.now(UTC)) not in (Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL):
        return "No se encuentra un e-CF válido para esta aprobación comercial"
    store.add_approval(tx, environment, (comprador, emisor), encf, int(_text(detail, "Estado")), xml, datetime.now(UTC))
    return ""


def _processed(request: Request, refusal: str) -> Response:
    estado = f"Aprobacion Comercial {'Rechazada' if refusal else 'Aprobada'}"
    words = refusal or "La aprobación comercial fue procesada correctamente"
    content = {"mensaje": [words], "estado": estado, "codigo": "02" if refusal else "1"}
    return reply(request, "RespuestaAprobacionComercial", content, status=400 if refusal else 200)


def void_ranges(request: Request, environment: str, body: Body) -> Response:
    """Numbers that were never used become unusable; those that were are named, and the rest is voided all the same."""
    shell, environment = stand_in(request, environment)
    cedula = cedula_of(request, shell, environment)
    if environment == _NOT_IN_CERTECF:
        raise DgiiRefused(404, "")
    part = xml_part(request, body)
    try:
        root = _read(
            part.data,
            "ANECF",
            shell.outside.schema_folder,
            signature="La firma del documento no es válida",
            no_xml="Tipo de archivo no valido, favor proveer un XML",
        )
    except Unread as unread:
        return _voided(request, "", "02", [str(unread)])
    rnc = _text(root, "Encabezado/RncEmisor")
    with shell.database.transaction(PLATFORM) as tx:
        if shell.outside.strict and not store.is_delegated(tx, environment, cedula, rnc):
            words = "El RNC del certificado no está delegado para realizar transacciones para el RNC"
            return _voided(request, rnc, "02", [words])
        if disorder := _disorder(root):
            return _voided(request, rnc, "02", [disorder])
        asked = list(_stretches(root))
        outcome = _void(tx, environment, rnc, asked)
    return _voided(request, rnc, *outcome)


def _void(tx: Transaction, environment: str, rnc: str, asked: list[Stretch]) -> tuple[str, list[str]]:
    """Void what can be; code and words."""
    used = [one for one in asked if store.is_used(tx, environment, rnc, *one)]
    left = []
    for one in asked:
        if one in used or store.is_voided(tx, environment, rnc, *one):
            left.append(one)
        else:
            store.void(tx, environment, rnc, *one)
    if not left:
        return "1", ["Las secuencias fueron anuladas correctamente."]
    named = [f"E{tipo}{low:010d} - E{tipo}{high:010d}" for tipo, low, high in left]
    if len(left) < len(asked):
        return "1", ["Las secuencias fueron anuladas correctamente. Con excepción de las secuencias del detalle", *named]
    return "02", [_USED if used else _VOIDED_BEFORE, *named]


def _disorder(root: etree._Element) -> str:
    """What is out of order in an ANECF, in DGII's words; empty when nothing is."""
    for number, row in enumerate(root.iterfind("DetalleAnulacion/Anulacion"), start=1):
        if _text(row, "NoLinea") != str(number):
            return "El campo NoLinea no es válido, no cumple orden secuencial."
        for end in row.iterfind("TablaRangoSecuenciasAnuladaseNCF/Secuencias/*"):
            encf = domain.encf_of((end.text or "").strip())
            if encf is None or f"{encf.tipo:d}" != _text(row, "TipoeCF"):
                return "El tipo de comprobante no es válido"
    if any(low > high for _, low, high in _stretches(root)):
        return "El valor del campo SecuenciaeNCFDesde es mayor al del campo SecuenciaeNCFHasta"
    return ""


def _stretches(root: etree._Element) -> Iterator[Stretch]:
    for row in root.iterfind("DetalleAnulacion/Anulacion"):
        for stretch in row.iterfind("TablaRangoSecuenciasAnuladaseNCF/Secuencias"):
            ends = [int(_text(stretch, f"SecuenciaeNCF{end}")[3:]) for end in ("Desde", "Hasta")]
            yield int(_text(row, "TipoeCF")), ends[0], ends[1]


def _voided(request: Request, rnc: str, codigo: str, words: list[str]) -> Response:
    content = {"rnc": rnc, "codigo": codigo, "nombre": _NAME, "mensajes": words}
    return reply(request, "RespuestaAnulacionRango", content, status=200 if codigo == "1" else 400)


_DGII = Public("DGII's own protocol: the bearer token of a signed seed is checked by each handler")

ROUTES = [
    Route("POST", "/{environment}/aprobacioncomercial/api/aprobacioncomercial", approve, _DGII),
    Route("POST", "/{environment}/anulacionrangos/api/operaciones/anularrango", void_ranges, _DGII),
]
