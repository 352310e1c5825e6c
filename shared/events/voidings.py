"""Facts about the voiding of numbers (ANECF): billing signs it, dgii brings it to DGII and says what it answered."""

from typing import Literal

from shared.events.event import PREFIX, Event


class VoidingSigned(Event):
    """An ANECF has its final bytes (gzip in base64)."""

    type = f"{PREFIX}.voiding.signed.v1"
    emitter = "billing"
    voiding_id: str
    environment: str
    rnc_emisor: str
    certificate_id: str
    sha256: str
    anecf: str


class VoidingAnswered(Event):
    """DGII answered, in its words (`mensajes`).

    `outcome`: done, partial (done but for `left_out`, the first and last e-NCF of every stretch), used (nothing was voided, as the
    numbers were used), refused (the file was not taken), unclear (some or all may be voided, and people must look; a clear answer
    may still follow).
    """

    type = f"{PREFIX}.voiding.answered.v1"
    emitter = "dgii"
    voiding_id: str
    outcome: Literal["done", "partial", "used", "refused", "unclear"]
    mensajes: list[str]
    left_out: list[tuple[str, str]] = []
    observed_at: str
