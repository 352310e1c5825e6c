"""What a check says about a document: one finding, its public code and the verdict DGII would give."""

from dataclasses import dataclass
from enum import StrEnum

from shared.errors import FieldError


class Verdict(StrEnum):
    """What DGII is expected to do with a document that has the finding."""

    REFUSED = "rechazado"
    CONDITIONAL = "aceptado_condicional"
    WARNING = "aviso"


@dataclass(frozen=True)
class Finding:
    """`code` is public and stable (`ECF-nnnn`); `pointer` is the JSON pointer into the caller's body; `detail` is Spanish.

    Where two values differ, `expected` is what was computed, `observed` what was sent, `tolerance` what may lie between amounts.
    """

    code: str
    pointer: str
    detail: str
    verdict: Verdict
    codigo_dgii: str | None = None
    expected: str | None = None
    observed: str | None = None
    tolerance: str | None = None

    @property
    def fault(self) -> FieldError:
        """As a refusal of the body."""
        return FieldError(self.pointer, self.code, self.detail, self.expected, self.observed, self.tolerance)
