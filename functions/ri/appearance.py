"""What a tenant may choose of its prints: an accent colour that stays readable, a logo that stays small. Pure."""

import base64
import re
from dataclasses import dataclass

from shared.errors import FieldError, InvalidInput

LARGEST_LOGO = 256 * 1024
"""Bytes of the picture that is sent."""
MOST_PIXELS = 4_000_000
_READABLE = 4.5
"""Contrast of normal text (WCAG 2.2, 1.4.3); the accent is set as text on white and under white text."""


@dataclass(frozen=True)
class Appearance:
    """`accent` as #rrggbb, `logo` a PNG of ours; None where the tenant chose nothing."""

    accent: str | None = None
    logo: bytes | None = None


def checked_accent(colour: str) -> str:
    """The colour in small letters; InvalidInput when it is none or cannot be read on white."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise InvalidInput(FieldError("/accent", "accent", "El color se escribe como #rrggbb, por ejemplo #1f3a5f."))
    found = contrast_on_white(colour)
    if found < _READABLE:
        detail = (
            f"El color es muy claro: su contraste con blanco es {found:.1f} y debe ser al menos {_READABLE}. Use uno más oscuro."
        )
        raise InvalidInput(FieldError("/accent", "accent-contrast", detail))
    return colour.lower()


def refused_logo(reason: str) -> InvalidInput:
    """The refusal of a picture; `reason` is one of the words that the child answers."""
    return InvalidInput(FieldError("/logo", f"logo-{reason}", _REASONS.get(reason, _REASONS["unreadable"])))


def picture_of(encoded: str) -> bytes:
    """The bytes of a picture in base64; InvalidInput when it is none."""
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise refused_logo("unreadable") from error


def contrast_on_white(colour: str) -> float:
    """Contrast ratio, 1 to 21."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(part: float) -> float:
    # Any: float ** float may be complex to the type checker.
    exact: float = part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
    return exact


_REASONS = {
    "bytes": f"El logo pasa de {LARGEST_LOGO} bytes. Redúzcalo.",
    "pixels": f"El logo pasa de {MOST_PIXELS} píxeles. Redúzcalo.",
    "small": "El logo mide menos de 16 píxeles de lado. Use uno más grande.",
    "unreadable": "El logo no se puede leer. Envíe un PNG o un JPEG en base64.",
}
