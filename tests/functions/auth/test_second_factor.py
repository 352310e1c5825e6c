"""Codes: the current half minute and its neighbours, each once; recovery codes however they are typed."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from functions.auth import second_factor
from functions.auth.second_factor import STEP_SECONDS, step_of

SECRET = pyotp.random_base32(32)
NOW = datetime(2026, 5, 1, 12, 0, 15, tzinfo=UTC)
STEP = int(NOW.timestamp()) // STEP_SECONDS


def code(offset: int = 0) -> str:
    return str(pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=offset * STEP_SECONDS)))


@pytest.mark.parametrize(("offset", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_window_is_one_step_to_each_side(offset: int, counts: bool) -> None:
    assert step_of(code(offset), SECRET, NOW, last_step=0) == (STEP + offset if counts else None)


def test_a_step_counts_once_and_none_before_it_after() -> None:
    assert step_of(code(), SECRET, NOW, last_step=STEP) is None
    assert step_of(code(-1), SECRET, NOW, last_step=STEP) is None
    assert step_of(code(1), SECRET, NOW, last_step=STEP) == STEP + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 456", "\u0660" * 6, "-12345"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert step_of(typed, SECRET, NOW, last_step=0) is None


def test_recovery_codes_are_ten_different_ones_and_typing_does_not_matter() -> None:
    codes = second_factor.recovery_codes()
    assert len(set(codes)) == 10
    stored = {second_factor.recovery_hash("u", c) for c in codes}
    assert second_factor.recovery_hash("u", f" {codes[0].upper().replace('-', ' ')} ") in stored
    assert second_factor.recovery_hash("another", codes[0]) not in stored
    assert not any(c in h for c in codes for h in stored)


def test_the_address_names_the_person_and_its_picture_is_an_image() -> None:
    address = second_factor.address(SECRET, "a@b.example")
    assert address.startswith("otpauth://totp/GetUpNet:a%40b.example?secret=" + SECRET)
    assert second_factor.picture(address).startswith("data:image/svg+xml")
