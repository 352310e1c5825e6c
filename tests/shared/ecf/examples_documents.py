"""For every code of a finished document, a pair of documents or a file: one that has it and one that has not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from lxml import etree

from shared.ecf.companions import MotivoNoRecibido, acecf, anecf, arecf
from shared.ecf.document import Document
from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.filenames import check_file_name
from shared.ecf.numbering import check_range, check_unused
from shared.ecf.references import Original, check_against
from shared.ecf.rfce import summarise
from shared.ecf.rules import check
from shared.ecf.tree import Value
from shared.ecf.types import TipoECF
from shared.ecf.xml import read
from shared.errors import InvalidInput
from tests.shared.ecf.bodies import EMISOR, FIRMA, HOY, VENCIMIENTO, at, good

Codes = Callable[[], set[str]]
ORIGINAL = Original(
    encf=ENCF(TipoECF.CREDITO_FISCAL, 1),
    tipo=TipoECF.CREDITO_FISCAL,
    fecha_emision=date(2026, 11, 1),
    rnc_comprador="131880681",
    identificador_extranjero=None,
    monto_total=Decimal("1180.00"),
)
CONSUMO = replace(ORIGINAL, encf=ENCF(TipoECF.CONSUMO, 1), tipo=TipoECF.CONSUMO)


def numbered(tipo: int) -> Document:
    """The smallest document of a type with a number and a signing time."""
    draft = prepare(good(tipo), emisor=EMISOR, today=HOY)
    return draft.document.numbered(ENCF(TipoECF(tipo), 7), vencimiento=VENCIMIENTO, firma=FIRMA)


def altered(document: Document, path: str, held: Value) -> Document:
    """The same document with one value of its tree changed, as somebody else might write it."""
    return Document(document.kind, at(document.tree, path, held))


def said(document: Document) -> Codes:
    return lambda: {one.code for one in check(document, today=HOY)}


def note(original: Original, tipo: int = 34, **held: object) -> Codes:
    """What a note says against its original; `held` goes into the reference."""
    payload = good(tipo)
    payload["informacion_referencia"].update(held)
    document = prepare(payload, emisor=EMISOR, today=HOY).document
    return lambda: {one.code for one in check_against(document, original)}


def converted(original: Original) -> Codes:
    """A 31 that names a consumo of the same number (what the reference alone cannot see)."""
    held: Value = {"ncf_modificado": str(original.encf), "fecha_ncf_modificado": "01-11-2026", "codigo_modificacion": "5"}
    document = altered(numbered(31), "/informacion_referencia", held)
    return lambda: {one.code for one in check_against(document, original)}


def ranged(first: int, last: int, expiry: date | None, document: Document | None = None) -> Codes:
    held = document or numbered(31)
    return lambda: {one.code for one in check_range(held, desde=first, hasta=last, vencimiento=expiry)}


def used(number: str) -> Codes:
    return lambda: {one.code for one in check_unused(numbered(31), {number})}


def named(name: str) -> Codes:
    return lambda: {one.code for one in check_file_name(name, numbered(31))}


def parsed(text: str) -> Codes:
    def codes() -> set[str]:
        try:
            read(etree.fromstring(text))
        except InvalidInput as refused:
            return {one.code for one in refused.errors}
        return set()

    return codes


RECEIPT = arecf(rnc_emisor="131880738", rnc_comprador="131880681", encf=ENCF(TipoECF(31), 7), fecha_hora=FIRMA)
REFUSED_RECEIPT = arecf(
    rnc_emisor="131880738",
    rnc_comprador="131880681",
    encf=ENCF(TipoECF(31), 7),
    fecha_hora=FIRMA,
    motivo=MotivoNoRecibido.ENVIO_DUPLICADO,
)
APPROVAL = acecf(
    rnc_emisor="131880738",
    rnc_comprador="131880681",
    encf=ENCF(TipoECF(31), 7),
    fecha_emision=HOY,
    monto_total=Decimal("1180.00"),
    fecha_hora=FIRMA,
)
VOIDING = anecf(
    rnc_emisor="131880738",
    rangos=[
        (ENCF(TipoECF(31), 1), ENCF(TipoECF(31), 1)),
        (ENCF(TipoECF(31), 5), ENCF(TipoECF(31), 50)),
        (ENCF(TipoECF(32), 9), ENCF(TipoECF(32), 9)),
    ],
    fecha_hora=FIRMA,
)
SUMMARY = summarise(numbered(32), "AAAAAA")
_RANGE = "/anulaciones/0/secuencias/1"

DOCUMENTS: dict[str, tuple[Codes, Codes]] = {
    "ECF-0213": tuple(said(altered(numbered(31), "/items/0/descripcion_item", one)) for one in ("a\rb", "a\nb")),  # type: ignore[dict-item]
    "ECF-1033": (said(altered(numbered(31), "/id_doc/fecha_vencimiento_secuencia", "23-11-2026")), said(numbered(31))),
    "ECF-1034": (said(altered(numbered(31), "/fecha_hora_firma", "25-11-2026 00:00:00")), said(numbered(31))),
    "ECF-1035": (said(altered(numbered(31), "/id_doc/encf", "E320000000007")), said(numbered(31))),
    "ECF-1036": (ranged(1, 9, date(2027, 12, 31)), ranged(1, 9, VENCIMIENTO)),
    "ECF-1037": (ranged(8, 9, VENCIMIENTO), ranged(7, 7, VENCIMIENTO)),
    "ECF-1038": (used("E310000000007"), used("E310000000008")),
    "ECF-1039": (ranged(8, 9, None, SUMMARY), ranged(7, 7, None, SUMMARY)),
    "ECF-1081": (note(replace(ORIGINAL, accepted=False)), note(ORIGINAL)),
    "ECF-1082": (note(replace(ORIGINAL, rnc_comprador="131880738")), note(ORIGINAL)),
    "ECF-1083": (note(replace(ORIGINAL, fecha_emision=date(2026, 11, 2))), note(ORIGINAL)),
    "ECF-1084": (
        note(replace(ORIGINAL, credited=Decimal("0.01"))),
        note(replace(ORIGINAL, credited=Decimal(5), debited=Decimal(5))),
    ),
    "ECF-1085": (note(replace(ORIGINAL, annulled=True)), note(ORIGINAL)),
    "ECF-1086": (
        note(replace(ORIGINAL, monto_total=Decimal("1180.01")), codigo_modificacion=1),
        note(ORIGINAL, codigo_modificacion=1),
    ),
    "ECF-1087": (converted(ORIGINAL), converted(CONSUMO)),
    "ECF-1088": (note(replace(ORIGINAL, encf=ENCF(TipoECF(31), 2))), note(ORIGINAL)),
    "ECF-1091": (named("E310000000007.xml"), named("131880738E310000000007.xml")),
    "ECF-1093": (
        said(altered(SUMMARY, "/totales/monto_total", "1180.02")),
        said(altered(SUMMARY, "/totales/monto_total", "1180.01")),
    ),
    "ECF-1094": (
        said(altered(SUMMARY, "/totales/monto_total", "250000.00")),
        said(altered(SUMMARY, "/totales/monto_total", "249999.99")),
    ),
    "ECF-1101": (said(altered(VOIDING, f"{_RANGE}/secuencia_encf_desde", "E310000000051")), said(VOIDING)),
    "ECF-1102": (said(altered(VOIDING, f"{_RANGE}/secuencia_encf_hasta", "E320000000050")), said(VOIDING)),
    "ECF-1103": (said(altered(VOIDING, "/cantidad_encf_anulados", "47")), said(VOIDING)),
    "ECF-1104": (said(altered(VOIDING, "/anulaciones/1/no_linea", ["3"])), said(VOIDING)),
    "ECF-1105": (said(altered(VOIDING, f"{_RANGE}/secuencia_encf_desde", "E310000000001")), said(VOIDING)),
    "ECF-1106": (said(altered(VOIDING, "/anulaciones/1/tipo_ecf", "31")), said(VOIDING)),
    "ECF-1107": (said(altered(RECEIPT, "/encf", "E310000000000")), said(APPROVAL)),
    "ECF-1111": (said(altered(RECEIPT, "/estado", "1")), said(REFUSED_RECEIPT)),
    "ECF-1121": (said(altered(APPROVAL, "/estado", "2")), said(APPROVAL)),
    "ECF-1122": (said(altered(APPROVAL, "/encf", "E460000000007")), said(altered(APPROVAL, "/encf", "E450000000007"))),
    "ECF-9001": (parsed("<Otro/>"), parsed("<RFCE/>")),
}
