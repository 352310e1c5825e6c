"""The wire of billing; money is text with two decimals, times are RFC 3339 with offset."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from functions.billing.domain import Invoice
from functions.billing.explanations import explain
from shared.db.engine import Record
from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.findings import Verdict

RowState = Literal["pendiente", "esperando", "emitida", "fallida"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AvisoOut(Shape):
    """One finding: `verdict` is what DGII is expected to say of it; where two values differ, what was `expected`, what was
    `observed` and the `tolerance` between amounts."""

    code: str
    pointer: str
    detail: str
    verdict: Verdict
    codigo_dgii: str | None = None
    expected: str | None = None
    observed: str | None = None
    tolerance: str | None = None


class InvoiceOut(Shape):
    """`estado` goes numerado → firmado → enviado → aceptado, aceptado_condicional or rechazado; `avisos` are our findings,
    `mensajes` DGII's words, `schema_version` and `schema_sha256` the schema it was checked with. `modalidad` is normal,
    contingencia (in `regimen` 1 or 3; `estado` is en_contingencia until DGII has it) or envio_diferido; DGII must have it by
    `remitir_hasta`."""

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
    avisos: list[AvisoOut]
    mensajes: list[dict[str, Any]]
    ncf_modificado: str | None
    schema_version: str | None
    schema_sha256: str | None
    modalidad: str
    regimen: int | None
    remitir_hasta: str | None
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
            avisos=[AvisoOut(**aviso) for aviso in invoice.avisos],
            mensajes=invoice.mensajes,
            ncf_modificado=invoice.ncf_modificado,
            schema_version=invoice.schema_version,
            schema_sha256=invoice.schema_sha256,
            modalidad=invoice.modalidad,
            regimen=invoice.regimen,
            remitir_hasta=fiscal_moment(invoice.remitir_hasta),
            created_at=invoice.created_at.isoformat(),
        )


def fiscal_moment(at: datetime | None) -> str | None:
    """In Dominican time."""
    return at.astimezone(SANTO_DOMINGO).isoformat() if at else None


class RehearsalOut(Shape):
    """`verdict` is what DGII is expected to say (aceptado, aceptado_condicional, rechazado); `emits`: an emission of this body
    would number and sign it now. `document` is computed, with the number it would take; `qr_url` has blanks for what is not
    known before signing. Number, address and fee are null when nothing would be emitted; the fee also when plans is away."""

    verdict: str
    emits: bool
    tipo_ecf: int
    encf: str | None
    monto_total: str
    findings: list[AvisoOut]
    document: dict[str, Any]
    qr_url: str | None
    fee: dict[str, str] | None


class RuleOut(Shape):
    """One rule of the catalogue; `tipos` names the documents it is for (none: all), `detail` has places for what was found."""

    code: str
    verdict: str
    codigo_dgii: str | None
    tipos: list[str]
    source: str
    detail: str


class RuleList(Shape):
    items: list[RuleOut]


class InvoicePage(Shape):
    items: list[InvoiceOut]
    next: str | None


class EvidenceOut(BaseModel):
    """What proves a step on the way to DGII: `sha256` of the bytes that travel, DGII's answer (null where there was none) and
    how often it was sent and asked for so far. `code` stands for the sentence."""

    code: str
    sha256: str
    http_status: int | None
    codigo: str | None
    envios: int
    consultas: int


class TrailOut(Shape):
    """One step, at the moment it happened; `explanation` tells it to people. A step `explained` or `alarmed` moved nothing."""

    version: int
    estado: str
    step: str
    explanation: str
    evidence: EvidenceOut | None
    detail: dict[str, Any]
    at: str

    @classmethod
    def of(cls, row: Record) -> "TrailOut":
        detail = {name: value for name, value in row.detail.items() if name != "evidence"}
        evidence = row.detail.get("evidence")
        return cls(
            version=row.version,
            estado=row.estado,
            step=row.step,
            explanation=explain(row.step, row.detail),
            evidence=EvidenceOut(**evidence) if evidence else None,
            detail=detail,
            at=row.moment.isoformat(),
        )


class TrailList(Shape):
    items: list[TrailOut]


class BatchCounts(Shape):
    """Rows by state: to be emitted, waiting for the document they refer to, emitted, failed."""

    pendiente: int = 0
    esperando: int = 0
    emitida: int = 0
    fallida: int = 0


class BatchOut(Shape):
    """`documents` counts the emitted rows by the state of their invoice; `remaining_seconds` is an estimate at the present rate."""

    id: str
    estado: Literal["en_cola", "en_proceso", "terminado"]
    total: int
    rows: BatchCounts
    documents: dict[str, int]
    created_at: str
    started_at: str | None
    finished_at: str | None
    rows_per_second: str | None
    remaining_seconds: int | None

    @classmethod
    def of(cls, batch: Record, counts: Sequence[tuple[str, str | None, int]]) -> "BatchOut":
        rows, documents = Counter[str](), Counter[str]()
        for estado, document, n in counts:
            rows[estado] += n
            if document is not None:
                documents[document] += n
        started, finished = batch.started_at, batch.finished_at
        rate = rows["emitida"] / max((((finished or batch.seen_at) - started).total_seconds()), 0.001) if started else 0
        return cls(
            id=batch.id,
            estado="terminado" if finished else "en_proceso" if started else "en_cola",
            total=sum(rows.values()),
            rows=BatchCounts(**rows),
            documents=dict(documents),
            created_at=batch.created_at.isoformat(),
            started_at=_moment(started),
            finished_at=_moment(finished),
            rows_per_second=f"{rate:.1f}" if rate else None,
            remaining_seconds=None if finished or not rate else round((rows["pendiente"] + rows["esperando"]) / rate),
        )


class BatchPage(Shape):
    items: list[BatchOut]
    next: str | None


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


class BatchFault(Shape):
    """`pointer` leads into the row's document; the rest is of two values that differ."""

    pointer: str
    code: str
    detail: str
    expected: str | None = None
    observed: str | None = None
    tolerance: str | None = None


class BatchRowOut(Shape):
    """`line` is the line of the body; `documento` the state of the row's invoice."""

    line: int
    key: str | None
    estado: RowState
    invoice_id: str | None
    encf: str | None
    documento: str | None
    errors: list[BatchFault]

    @classmethod
    def of(cls, row: Record) -> "BatchRowOut":
        return cls(
            line=row.line,
            key=row.key,
            estado=row.estado,
            invoice_id=row.invoice_id,
            encf=row.encf,
            documento=row.document,
            errors=[BatchFault(**fault) for fault in json.loads(row.errors)],
        )


class BatchRowPage(Shape):
    items: list[BatchRowOut]
    next: str | None
