"""The wire of billing; money is text with two decimals, times are RFC 3339 with offset."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from functions.billing.domain import SANTO_DOMINGO, Invoice


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class InvoiceOut(Shape):
    """`estado` goes numerado → firmado → enviado → aceptado, aceptado_condicional or rechazado; `avisos` are our findings,
    `mensajes` DGII's words."""

    id: str
    encf: str
    tipo_ecf: int
    estado: str
    environment: str
    rnc_emisor: str
    rnc_comprador: str | None
    razon_social_comprador: str | None
    fecha_emision: str
    fecha_hora_firma: str
    monto_total: str
    codigo_seguridad: str | None
    qr_url: str | None
    track_id: str | None
    avisos: list[dict[str, Any]]
    mensajes: list[dict[str, Any]]
    created_at: str

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceOut":
        return cls(
            id=invoice.id,
            encf=invoice.encf,
            tipo_ecf=invoice.tipo_ecf,
            estado=invoice.estado.value,
            environment=invoice.environment,
            rnc_emisor=invoice.rnc_emisor,
            rnc_comprador=invoice.rnc_comprador,
            razon_social_comprador=invoice.razon_social_comprador,
            fecha_emision=invoice.fecha_emision.isoformat(),
            fecha_hora_firma=invoice.fecha_hora_firma.astimezone(SANTO_DOMINGO).isoformat(),
            monto_total=str(invoice.monto_total),
            codigo_seguridad=invoice.codigo_seguridad,
            qr_url=invoice.qr_url,
            track_id=invoice.track_id,
            avisos=invoice.avisos,
            mensajes=invoice.mensajes,
            created_at=invoice.created_at.isoformat(),
        )


class InvoicePage(Shape):
    items: list[InvoiceOut]
    next: str | None


class TrailOut(Shape):
    version: int
    estado: str
    step: str
    detail: dict[str, Any]
    at: str


class TrailList(Shape):
    items: list[TrailOut]


class SequenceIn(Shape):
    """A range as DGII authorised it; `vencimiento` is the date DGII registered (a 32 and a 34 have none)."""

    tipo_ecf: int = Field(ge=31, le=47)
    desde: int = Field(ge=1, le=9_999_999_999)
    hasta: int = Field(ge=1, le=9_999_999_999)
    vencimiento: str | None = Field(default=None, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")


class SequenceOut(Shape):
    id: str
    tipo_ecf: int
    desde: int
    hasta: int
    next: int
    remaining: int
    vencimiento: str | None
    created_at: str


class SequencePage(Shape):
    items: list[SequenceOut]
    next: str | None
