"""What DGII says that cannot be, or that will not end by itself: told to people, once, and no state is changed by it."""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """The public codes of `submission.alarmed` (explained at the event)."""

    EN_PROCESO_VENCIDO = "EN_PROCESO_VENCIDO"
    SIN_VEREDICTO = "SIN_VEREDICTO"
    TRACK_ID_AJENO = "TRACK_ID_AJENO"
    TRACK_ID_VACIO = "TRACK_ID_VACIO"
    RESPUESTA_AJENA = "RESPUESTA_AJENA"
    VEREDICTO_CONTRADICHO = "VEREDICTO_CONTRADICHO"
    USO_AJENO = "USO_AJENO"
    FIRMANTE_BLOQUEADO = "FIRMANTE_BLOQUEADO"
    ENVIO_DETENIDO = "ENVIO_DETENIDO"


@dataclass(frozen=True)
class Alarm:
    code: Code
    detail: str
