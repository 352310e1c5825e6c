"""Ten failures close one account for one network, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.auth.throttle import PASSWORDS, WINDOW, Failures, TooManyFailures, account, check, network

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


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", "unknown"),
        ("nowhere", "unknown"),
    ],
)
def test_neighbours_share_a_network(address: str, found: str) -> None:
    assert network(address) == found


def test_an_account_is_stored_unreadable_and_spelling_does_not_matter() -> None:
    assert account("Ana@Example.com ") == account("ana@example.com")
    assert "ana" not in account("ana@example.com")
