"""The symbol is as large as its address needs, and at least of DGII's version."""

import pytest

from functions.ri.stamp import symbol


@pytest.mark.parametrize(("address", "version"), [("https://a", 8), ("https://a?" + "x" * 196, 10), ("https://a?" + "x" * 219, 11)])
def test_the_symbol_is_as_large_as_its_address_needs_and_at_least_version_8(address: str, version: int) -> None:
    assert symbol(address).size == ((17 + 4 * version) * 4,) * 2
