"""Check digits of the two taxpayer numbers: RNC (9 digits) and cédula (11 digits).

A wrong digit is only a warning: real numbers exist that fail (registered before the check was kept).
"""

_WEIGHTS = (7, 9, 8, 6, 5, 4, 3, 2)


def plausible(number: str) -> bool:
    """Whether the check digit of a 9- or 11-digit number fits; False for anything else."""
    if not (number.isascii() and number.isdigit()):
        return False
    if len(number) == 9:
        return number[8] == _rnc_digit(number[:8])
    return len(number) == 11 and _luhn(number)


def _rnc_digit(first_eight: str) -> str:
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_eight, strict=True)) % 11
    return str({0: 2, 1: 1}.get(rest, 11 - rest))


def _luhn(number: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
