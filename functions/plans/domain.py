"""What a document costs. Pure; Decimal, half up, to the cent."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from shared.errors import NotFound

CENT = Decimal("0.01")


class PlanUnknown(NotFound):
    slug = "plan-unknown"


@dataclass(frozen=True)
class Plan:
    """`percentage` is in percent (0.1 means one per mille) of MontoTotal, never less than `minimum` pesos."""

    name: str
    kind: str
    percentage: Decimal
    minimum: Decimal

    def fee(self, monto_total: Decimal) -> Decimal:
        share = (abs(monto_total) * self.percentage / 100).quantize(CENT, ROUND_HALF_UP)
        return max(share, self.minimum.quantize(CENT))
