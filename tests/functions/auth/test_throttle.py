"""Ten failures close one account for one network, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.auth.throttle import PASSWORDS, WINDOW, Failures, TooManyFailures, account, check

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "closed"),
    [
        (None, False),
        (Failures(PASSWORDS - 1, NOW), False),
        (Failures(PASSWORDS, NOW), True),
        (Failures(PASSWORDS, NOW - WINDOW + timedelta(seconds=1)), True),
        (Failures(PASSWORDS, NOW - WINDOW), False),
    ],
)
def test_a_pair_is_closed_for_the_rest_of_its_window(failures: Failures | None, closed: bool) -> None:
    if not closed:
        check(failures, NOW, most=PASSWORDS, window=WINDOW)
        return
    with pytest.raises(TooManyFailures) as refusal:
        check(failures, NOW, most=PASSWORDS, window=WINDOW)
    assert 1 <= refusal.value.facts["retry_after"] <= WINDOW.total_seconds()


def test_an_account_is_stored_unreadable_and_spelling_does_not_matter() -> None:
    assert account("Ana@Example.com ") == account("ana@example.com")
    assert "ana" not in account("ana@example.com")
