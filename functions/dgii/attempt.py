"""One attempt to bring one document to DGII, and where it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.dgii.answers import Mensaje

SUBMISSION, REVIEW = "submission", "review"
"""The two kinds of job: take it to its verdict; ask again for a verdict that is there."""


class Estado(StrEnum):
    PENDIENTE = "pendiente"
    ENVIANDO = "enviando"
    ENVIADO = "enviado"
    EN_PROCESO = "en_proceso"
    ACEPTADO = "aceptado"
    ACEPTADO_CONDICIONAL = "aceptado_condicional"
    RECHAZADO = "rechazado"
    DESCONOCIDO = "desconocido"
    RETIRADO = "retirado"


FINAL = frozenset({Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL, Estado.RECHAZADO, Estado.RETIRADO})


@dataclass(frozen=True)
class Submission:
    """One attempt to bring one document to DGII. `xml` are the bytes that travel: the e-CF, or the RFCE of a small consumo.

    `alarmed` is the code of the alarm that stands; `earlier` are the trackIds of the other attempts at the number.
    """

    encf: str
    intento: int
    invoice_id: str
    environment: str
    channel: str
    rnc_emisor: str
    rnc_comprador: str
    tipo_ecf: int
    monto_total: str
    codigo_seguridad: str
    certificate_id: str
    sha256: str
    xml: bytes
    created_at: datetime
    version: int = 1
    estado: Estado = Estado.PENDIENTE
    track_id: str | None = None
    mensajes: tuple[Mensaje, ...] = ()
    secuencia_utilizada: bool | None = None
    posts: int = 0
    polls: int = 0
    misses: int = 0
    failures: int = 0
    transients: int = 0
    overdue: bool = False
    collided: bool = False
    posted_at: datetime | None = None
    alarmed: str | None = None
    earlier: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.encf}:{self.intento}"

    @property
    def filename(self) -> str:
        return f"{self.rnc_emisor}{self.encf}.xml"
