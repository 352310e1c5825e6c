"""Exact decimal arithmetic of documents and the one rounding: half up (Informe Técnico §13)."""

from decimal import ROUND_HALF_UP, Context, Decimal

# 20 digits of price times 18 of quantity, times percentages, over 10,000 lines: nothing is cut before the rounding.
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
ZERO = Decimal(0)
TOO_LARGE = Decimal(10) ** 16
_STEPS = {places: Decimal(1).scaleb(-places) for places in range(5)}


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Half up, away from zero on the tie: 2.665 → 2.67, -2.665 → -2.67."""
    return value.quantize(_STEPS[places], context=EXACT)


def written(value: Decimal, places: int = 2) -> str:
    """A computed amount as it goes into the document: fixed places, no exponent, no minus on zero."""
    exact = rounded(value, places)
    return format(exact if exact else abs(exact), "f")
