"""Everything that can go wrong, as the caller should see it.

AppError
├── Malformed         400  the request cannot be read at all
├── NotAuthenticated  401
├── PaymentRequired   402
├── NotAllowed        403
├── NotFound          404
├── Conflict          409  the state does not allow it
├── TooLarge          413
├── WrongMedia        415
├── InvalidInput      422  the request was read and says something that cannot be
├── TooMany           429
└── Unavailable       503  try again: the only family a retry can help

A leaf is named as a fact (`SequenceExhausted`) and lives beside the rule that raises it. It carries facts, not sentences:
`shared/http/texts.py` turns its slug and its facts into Spanish.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One fault of the input: where (JSON pointer, RFC 6901), which rule (stable public code), what to do (Spanish).

    Where two values differ, also what was `expected`, what was `observed`, and the `tolerance` that lies between them.
    """

    pointer: str
    code: str
    detail: str
    expected: str | None = None
    observed: str | None = None
    tolerance: str | None = None

    @property
    def told(self) -> dict[str, str]:
        """What there is of it."""
        return {name: held for name, held in vars(self).items() if held is not None}


class AppError(Exception):
    """A refusal with its HTTP status and its slug (`urn:getupnet:<slug>`); `facts` fill the Spanish detail."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"

    def __init__(self, *errors: FieldError, **facts: object) -> None:
        super().__init__(self.slug, facts)
        self.errors = errors
        self.facts = facts


class Malformed(AppError):
    status, slug = 400, "malformed"


class NotAuthenticated(AppError):
    status, slug = 401, "not-authenticated"


class PaymentRequired(AppError):
    status, slug = 402, "payment-required"


class NotAllowed(AppError):
    status, slug = 403, "not-allowed"


class NotFound(AppError):
    status, slug = 404, "not-found"


class Conflict(AppError):
    status, slug = 409, "conflict"


class TooLarge(AppError):
    status, slug = 413, "too-large"


class WrongMedia(AppError):
    status, slug = 415, "wrong-media"


class InvalidInput(AppError):
    status, slug = 422, "invalid-input"


class TooMany(AppError):
    status, slug = 429, "too-many"


class Unavailable(AppError):
    status, slug = 503, "unavailable"
