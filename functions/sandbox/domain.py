"""What DGII would say: the order of its checks, its codes and its texts (their spelling is DGII's)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum

from lxml import etree

from shared.ecf.encf import ENCF
from shared.ecf.types import TipoECF

UMBRAL_RFCE = Decimal("250000.00")

# These two types carry no FechaVencimientoSecuencia (Formato e-CF).
_SIN_VENCIMIENTO = {TipoECF.CONSUMO, TipoECF.NOTA_CREDITO}


class Estado(IntEnum):
    """Result codes of every consulta."""

    NO_ENCONTRADO = 0
    ACEPTADO = 1
    RECHAZADO = 2
    EN_PROCESO = 3
    ACEPTADO_CONDICIONAL = 4

    @property
    def texto(self) -> str:
        return _TEXTOS[self]


_TEXTOS = {
    Estado.NO_ENCONTRADO: "No encontrado",
    Estado.ACEPTADO: "Aceptado",
    Estado.RECHAZADO: "Rechazado",
    Estado.EN_PROCESO: "En Proceso",
    Estado.ACEPTADO_CONDICIONAL: "Aceptado Condicional",
}


@dataclass(frozen=True)
class Mensaje:
    """One remark. `refuses`: it rejects, otherwise it is a condition; `spends`: a rejection for it spends the number."""

    codigo: str
    valor: str
    refuses: bool = True
    spends: bool = True


@dataclass(frozen=True)
class Verdict:
    estado: Estado
    mensajes: tuple[Mensaje, ...]
    secuencia_utilizada: bool


@dataclass(frozen=True)
class Range:
    """Numbers DGII authorised to one issuer for one type."""

    desde: int
    hasta: int
    vencimiento: date | None


FIRMA = Mensaje("0", "La firma del XML no es válida", spends=False)
UTILIZADO = Mensaje("1209", "Este número de secuencia ya ha sido utilizado.")
COMBINACION = Mensaje("0", "La combinación e-NCF y código de seguridad ya han sido utilizados")
SIN_MENSAJE = Mensaje("0", "", refuses=False)
_NO_AUTORIZADA = "Número de secuencia no autorizada"


def conclude(mensajes: Sequence[Mensaje]) -> Verdict:
    """All remarks to one verdict; an accepted document carries one message with code 0 and no text."""
    refusals = tuple(m for m in mensajes if m.refuses)
    if refusals:
        return Verdict(Estado.RECHAZADO, refusals, all(m.spends for m in refusals))
    if mensajes:
        return Verdict(Estado.ACEPTADO_CONDICIONAL, tuple(mensajes), True)
    return Verdict(Estado.ACEPTADO, (SIN_MENSAJE,), True)


def schema_message(detail: str) -> Mensaje:
    return Mensaje("3", f"La estructura del archivo XML no es válida. {detail}", spends=False)


def delegation_message(rnc: str) -> Mensaje:
    text = f"El RNC del certificado no está delegado para realizar transacciones para el RNC: {rnc}"
    return Mensaje("0", text, spends=False)


def name_messages(filename: str, rnc: str, encf: str, *, summary: bool) -> list[Mensaje]:
    """The file is called RNCEmisor, eNCF, `.xml`."""
    if filename.rpartition("/")[2].lower() == f"{rnc}{encf}.xml".lower():
        return []
    return [Mensaje("3243" if summary else "81", "El nombre del archivo no es válido.", spends=False)]


def channel_messages(facts: "Facts", *, summary: bool) -> list[Mensaje]:
    """A 32 below the threshold travels as its summary, everything else whole. The wording is ours: none is published."""
    small = facts.encf.tipo is TipoECF.CONSUMO and facts.monto_total < UMBRAL_RFCE
    if small == summary:
        return []
    text = "El comprobante no corresponde a este servicio: el umbral del resumen de consumo es DOP 250,000.00."
    return [Mensaje("0", text, spends=False)]


def range_messages(facts: "Facts", ranges: Sequence[Range], today: date, *, strict: bool) -> list[Mensaje]:
    """145, 135, 75. Without a registered range the open mode takes any number."""
    tipo, vencimiento = facts.encf.tipo, facts.fecha_vencimiento_secuencia
    if not ranges and not strict:
        expired = vencimiento is not None and vencimiento < today
        return [_vencimiento()] if expired else []
    inside = [r for r in ranges if r.desde <= facts.encf.secuencia <= r.hasta]
    if tipo in _SIN_VENCIMIENTO and inside:
        # The document says no expiry, but the range still ends.
        return [] if any(r.vencimiento is None or r.vencimiento >= today for r in inside) else [_vencimiento()]
    if facts.summary:
        return [Mensaje("75", f"{_NO_AUTORIZADA}.", refuses=False)]
    if tipo in _SIN_VENCIMIENTO:
        return [Mensaje("135", _NO_AUTORIZADA, spends=False)]
    if not ranges:
        return [_vencimiento()]
    if not inside:
        return [Mensaje("135", _NO_AUTORIZADA, spends=False)]
    good = any(r.vencimiento == vencimiento and (vencimiento is None or vencimiento >= today) for r in inside)
    return [] if good else [_vencimiento()]


def _vencimiento() -> Mensaje:
    return Mensaje("145", "Fecha de vencimiento de secuencia inválida.", spends=False)


@dataclass(frozen=True)
class Facts:
    """What the verdict and the consultas need of a document, read from verified bytes. Texts are as written."""

    summary: bool
    rnc_emisor: str
    encf: ENCF
    monto_total: Decimal
    monto_total_text: str
    total_itbis: str
    fecha_emision: str
    fecha_firma: str
    fecha_vencimiento_secuencia: date | None
    rnc_comprador: str
    id_extranjero: str
    razon_social_emisor: str
    codigo_seguridad: str
    ncf_modificado: str
    fecha_ncf_modificado: str
    rnc_otro_contribuyente: str


def facts_of(root: etree._Element, codigo_seguridad: str) -> Facts:
    """A schema-valid e-CF or RFCE; for an RFCE the security code is that of its full 32."""
    head = root.find("Encabezado")
    if head is None:
        raise ValueError("no Encabezado")

    def text(path: str) -> str:
        return (head.findtext(path) or "").strip()

    vencimiento = text("IdDoc/FechaVencimientoSecuencia")
    return Facts(
        summary=root.tag == "RFCE",
        rnc_emisor=text("Emisor/RNCEmisor"),
        encf=ENCF.parse(text("IdDoc/eNCF")),
        monto_total=Decimal(text("Totales/MontoTotal")),
        monto_total_text=text("Totales/MontoTotal"),
        total_itbis=text("Totales/TotalITBIS") or "0.00",
        fecha_emision=text("Emisor/FechaEmision"),
        fecha_firma=(root.findtext("FechaHoraFirma") or "").strip(),
        fecha_vencimiento_secuencia=fiscal_date(vencimiento) if vencimiento else None,
        rnc_comprador=text("Comprador/RNCComprador"),
        id_extranjero=text("Comprador/IdentificadorExtranjero"),
        razon_social_emisor=text("Emisor/RazonSocialEmisor"),
        codigo_seguridad=text("CodigoSeguridadeCF") or codigo_seguridad,
        ncf_modificado=(root.findtext("InformacionReferencia/NCFModificado") or "").strip(),
        fecha_ncf_modificado=(root.findtext("InformacionReferencia/FechaNCFModificado") or "").strip(),
        rnc_otro_contribuyente=(root.findtext("InformacionReferencia/RNCOtroContribuyente") or "").strip(),
    )


def encf_of(text: str) -> ENCF | None:
    """None for what is no e-NCF."""
    try:
        return ENCF.parse(text)
    except ValueError:
        return None


def fiscal_date(text: str) -> date:
    """dd-mm-yyyy, the only date form inside documents."""
    match = re.fullmatch(r"([0-9]{2})-([0-9]{2})-([0-9]{4})", text)
    if not match:
        raise ValueError(f"not a date: {text!r}")
    return date(int(match[3]), int(match[2]), int(match[1]))


def reception_time(moment: datetime) -> str:
    """`9/25/2026 4:14:51 PM`, as consulta de resultado prints it; `moment` is Dominican time."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {half}"
