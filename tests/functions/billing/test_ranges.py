"""Which ranges may be registered, and the words for one that gives no number, as values."""

from datetime import date

import pytest

from functions.billing import ranges
from functions.billing.ranges import Standing
from shared.errors import InvalidInput

TODAY = date(2026, 11, 24)
YESTERDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("held", "refusal"),
    [
        ([], ranges.SequenceMissing),
        ([Standing(False, TODAY, False)], ranges.SequenceExhausted),
        ([Standing(False, YESTERDAY, True)], ranges.SequenceExhausted),
        ([Standing(True, YESTERDAY, False)], ranges.SequenceExpired),
        ([Standing(True, YESTERDAY, True)], ranges.SequenceExpired),
        ([Standing(False, TODAY, False), Standing(True, date(2020, 1, 1), False)], ranges.SequenceExpired),
        ([Standing(True, TODAY, True), Standing(True, YESTERDAY, False)], ranges.SequenceStopped),
    ],
)
def test_no_number_says_why(held: list[Standing], refusal: type[Exception]) -> None:
    assert isinstance(ranges.why_no_number(31, held, TODAY), refusal)


@pytest.mark.parametrize("tipo", [31, 32, 34])
@pytest.mark.parametrize(("expiry", "code"), [("2026-11-23", "past"), ("2026-02-30", "date")])
def test_a_range_that_has_passed_is_refused_with_a_code(tipo: int, expiry: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ranges.check_range(tipo, 1, 9, expiry, today=TODAY)
    assert [(one.pointer, one.code) for one in refusal.value.errors] == [("/vencimiento", code)]


def test_a_range_is_good_on_its_last_day() -> None:
    assert ranges.check_range(31, 1, 9, "2026-11-24", today=TODAY).vencimiento == TODAY
