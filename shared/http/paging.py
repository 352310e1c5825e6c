"""Cursors of lists: opaque to the caller, bound to the tenant, refused when touched."""

import base64
import hashlib

from shared.errors import FieldError, InvalidInput


def seal_cursor(position: str, tenant: str) -> str:
    """The cursor after `position`. It hides nothing secret: the check ties it to the tenant's own lists."""
    return base64.urlsafe_b64encode(f"{_check(position, tenant)}{position}".encode()).decode("ascii").rstrip("=")


def open_cursor(cursor: str | None, tenant: str) -> str | None:
    """The position inside, None for the first page, InvalidInput for anything we did not make for this tenant."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        text = ""
    if not text or text[:16] != _check(text[16:], tenant):
        raise InvalidInput(FieldError("/cursor", "cursor", "El cursor no es válido. Use el valor «next» de la página anterior."))
    return text[16:]


def _check(position: str, tenant: str) -> str:
    return hashlib.sha256(f"cursor|{tenant}|{position}".encode()).hexdigest()[:16]
