"""A sealed value opens in its own place and nowhere else (D-13)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from shared.cloud.envelope import EnvelopeSpoilt, Place, seal, unseal
from shared.cloud.session import Aws, CloudUnavailable

AWS = Aws("us-east-1", None, "test", "test")
PLACE = Place("sealed-1", "peers", "auth.api_keys", "sealed", "row-1")


@pytest.fixture(autouse=True)
def cloud() -> Iterator[None]:
    with mock_aws():
        yield


def test_a_value_comes_back_and_no_two_sealings_are_alike() -> None:
    first, second = (seal(AWS, b"secreto", PLACE) for _ in range(2))
    assert unseal(AWS, first, PLACE) == unseal(AWS, second, PLACE) == b"secreto"
    assert first != second
    assert b"secreto" not in first


@pytest.mark.parametrize("other", [{"tenant": "sealed-2"}, {"purpose": "x"}, {"table": "x"}, {"column": "x"}, {"row": "row-2"}])
def test_a_value_that_was_moved_does_not_open(other: dict[str, str]) -> None:
    seal(AWS, b"x", replace(PLACE, tenant="sealed-2"))
    with pytest.raises(EnvelopeSpoilt):
        unseal(AWS, seal(AWS, b"x", PLACE), replace(PLACE, **other))


@pytest.mark.parametrize("at", [0, -1, -20])
def test_a_value_that_was_changed_does_not_open(at: int) -> None:
    spoilt = bytearray(seal(AWS, b"x", PLACE))
    spoilt[at] ^= 1
    with pytest.raises(EnvelopeSpoilt):
        unseal(AWS, bytes(spoilt), PLACE)


def test_without_kms_nothing_is_sealed() -> None:
    with pytest.raises(CloudUnavailable):
        seal(Aws("us-east-1", "http://127.0.0.1:1", "test", "test"), b"x", PLACE)
