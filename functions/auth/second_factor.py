"""The second factor: a code of the current half minute or its neighbours, each good once; recovery codes for a lost phone. Pure."""

import hashlib
import hmac
import secrets
from datetime import datetime

from shared.errors import InvalidInput, NotAuthenticated

STEP_SECONDS = 30
WINDOW = 1
"""Steps before and after the current one that still count."""
RECOVERY_CODES = 10
ISSUER = "GetUpNet"
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


class CodeRefused(NotAuthenticated):
    """The same answer for a wrong, used and stale code, and for a challenge that is over."""

    slug = "code-refused"


class AlreadyEnrolled(InvalidInput):
    slug = "second-factor-enrolled"


def new_secret() -> str:
    """160 bits in base32, as RFC 4226 asks."""
    import pyotp  # not needed to be ready

    return pyotp.random_base32(32)


def step_of(code: str, secret: str, now: datetime, *, last_step: int) -> int | None:
    """The step that `code` belongs to, if it is in the window and later than `last_step`; else None."""
    import pyotp

    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    totp, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current - WINDOW, current + WINDOW + 1):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS), code) and step > last_step:
            found = step
    return found


def address(secret: str, email: str) -> str:
    """The `otpauth://` address that authenticator apps read from the QR."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def picture(address: str) -> str:
    """The QR as an SVG in a data address."""
    import segno  # not needed to be ready

    return str(segno.make(address, error="m").svg_data_uri(scale=4, border=3))


def recovery_codes() -> list[str]:
    """Ten codes of 50 bits, shown once: `abcde-fghjk`."""
    drawn = ("".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in drawn]


def recovery_hash(user: str, code: str) -> str:
    """What is stored of a recovery code; blanks, dashes and capitals do not matter."""
    plain = "".join(c for c in code.lower() if c in _ALPHABET)
    return hashlib.sha256(f"{user}|{plain}".encode()).hexdigest()
