"""Where a request comes from: what our own proxies appended, never what the caller says."""

import pytest
from fastapi import Request

from shared.http.peer import address_of, network


def request(forwarded: str | None, client: str | None = "10.0.0.1") -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    return Request({"type": "http", "headers": headers, "client": (client, 1) if client else None})


@pytest.mark.parametrize(
    ("forwarded", "hops", "found"),
    [
        ("203.0.113.7", 1, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", 1, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.1.1.1", 2, "203.0.113.7"),
        ("203.0.113.7", 2, "10.0.0.1"),
        (None, 1, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(forwarded: str | None, hops: int, found: str) -> None:
    assert address_of(request(forwarded), hops=hops) == found


def test_without_anybody_there_is_no_address() -> None:
    assert address_of(request(None, client=None), hops=1) == ""


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
