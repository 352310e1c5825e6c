"""What must stand on every page of a print, read from the signed document itself and not from the sheet that was set. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from functions.ri.words import LEGENDS, TYPE_NAMES, Modalidad, text
from shared.ecf.document import Document
from shared.ecf.fields import lists
from shared.ecf.tree import branch

_MODIFICATIONS = {
    "1": "Anula el NCF modificado",
    "2": "Corrige Texto del Comprobante Fiscal modificado",
    "3": "Corrige montos del NCF modificado",
    "4": "Reemplazo NCF emitido en contingencia",
    "5": "Referencia Factura Consumo Electrónica",
}


class Zone(StrEnum):
    """Where a text of the legal block belongs on the sheet."""

    ISSUER = "issuer"
    NUMBERING = "numbering"
    BUYER = "buyer"
    STAMP = "stamp"
    LEGEND = "legend"


@dataclass(frozen=True)
class Wanted:
    """`name` is told when the text is missing; the text itself may be a tenant's and is not."""

    name: str
    text: str
    zone: Zone


def legal_block(document: Document, codigo_seguridad: str, modalidad: Modalidad | None) -> list[Wanted]:
    """Issuer, type, number, dates, reference, buyer, stamp and legend, as each page must show them."""
    tree = document.tree
    emisor, comprador = branch(tree, "emisor"), branch(tree, "comprador")
    id_doc, reference = branch(tree, "id_doc"), branch(tree, "informacion_referencia")
    code = text(reference, "codigo_modificacion")
    places = [lists()["municipio"].get(text(emisor, name), ("",))[0] for name in ("municipio", "provincia")]
    wanted = [
        Wanted("tipo_ecf", TYPE_NAMES[document.tipo], Zone.NUMBERING),
        Wanted("encf", f"e-NCF: {text(id_doc, 'encf')}", Zone.NUMBERING),
        Wanted("nombre_comercial", text(emisor, "nombre_comercial"), Zone.ISSUER),
        Wanted("razon_social_emisor", text(emisor, "razon_social_emisor"), Zone.ISSUER),
        Wanted("rnc_emisor", f"RNC {text(emisor, 'rnc_emisor')}", Zone.ISSUER),
        Wanted("direccion_emisor", f"Dirección: {text(emisor, 'direccion_emisor')}", Zone.ISSUER),
        *(Wanted("municipio, provincia", place, Zone.ISSUER) for place in places),
        _labelled("sucursal", "Sucursal", text(emisor, "sucursal"), Zone.ISSUER),
        _labelled("fecha_emision", "Fecha Emisión", text(emisor, "fecha_emision"), Zone.ISSUER),
        _labelled("vencimiento", "Fecha Vencimiento", text(id_doc, "fecha_vencimiento_secuencia"), Zone.NUMBERING),
        _labelled("ncf_modificado", "NCF Modificado", text(reference, "ncf_modificado"), Zone.NUMBERING),
        Wanted("codigo_modificacion", _MODIFICATIONS.get(code, ""), Zone.NUMBERING),
        _labelled("razon_social_comprador", "Razón Social Cliente", text(comprador, "razon_social_comprador"), Zone.BUYER),
        _labelled("rnc_comprador", "RNC Cliente", text(comprador, "rnc_comprador"), Zone.BUYER),
        Wanted("identificador_extranjero", text(comprador, "identificador_extranjero"), Zone.BUYER),
        Wanted("pais_comprador", text(comprador, "pais_comprador"), Zone.BUYER),
        _labelled("codigo_seguridad", "Código de Seguridad", codigo_seguridad, Zone.STAMP),
        _labelled("fecha_hora_firma", "Fecha de Firma Digital", text(tree, "fecha_hora_firma"), Zone.STAMP),
        Wanted("legend", LEGENDS[modalidad] if modalidad else "", Zone.LEGEND),
    ]
    return [item for item in wanted if item.text]


def _labelled(name: str, label: str, said: str, zone: Zone) -> Wanted:
    return Wanted(name, f"{label}: {said}" if said else "", zone)
