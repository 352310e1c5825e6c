"""The format of the chain, fixed for ever, and that any touch breaks it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.audit.domain import GENESIS, Fact, Sealed, link, seal, verify

FACT = Fact("an-id", "a-type", "/functions/plans", "s", 1, "00-x-y-01", datetime(2026, 11, 24, 12, tzinfo=UTC), '{"a":"ñ"}')


def chain(length: int) -> list[Sealed]:
    made: list[Sealed] = []
    for n in range(length):
        made.append(seal("t", n + 1, made[-1].hash_curr if made else GENESIS, replace(FACT, id=f"id-{n}")))
    return made


def test_version_one_is_written_as_it_always_was() -> None:
    made = seal("t", 1, GENESIS, FACT)
    assert made.record == (
        '{"data_sha256":"76e14502279b35541eec926ce039cda8e561b779909cc0cafe4ccbd84f3ddaf7","id":"an-id",'
        '"recorded_at":"2026-11-24T12:00:00+00:00","seq":1,"sequence":1,"source":"/functions/plans","subject":"s",'
        '"tenant":"t","trace":"00-x-y-01","type":"a-type","v":1}'
    )
    assert made.hash_curr == (
        "c16e4f323c6bdac6c4fece4ad97f9b51aa91e1b1dc562ecbb6fc96deafea26bd"
        "b51ef4608aa2e137b0e0682c85a4569dccbac614a496c182223560928e0f619c"
    )


def test_parts_are_framed_so_that_no_cut_looks_like_another() -> None:
    assert link("ab", "c") != link("a", "bc")


@given(st.integers(1, 8), st.data())
def test_any_touch_of_any_record_is_found_at_that_record(length: int, data: Any) -> None:
    records = chain(length)
    assert verify(records, seq=length, head=records[-1].hash_curr).broken_at is None
    n = data.draw(st.integers(0, length - 1))
    name = data.draw(st.sampled_from(["record", "hash_prev", "hash_curr"]))
    touched = [*records[:n], replace(records[n], **{name: getattr(records[n], name)[:-1] + "z"}), *records[n + 1 :]]
    assert verify(touched, seq=length, head=records[-1].hash_curr).broken_at == n + 1


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_a_missing_record_is_found(cut: int) -> None:
    records = chain(3)
    assert verify(records[:cut] + records[cut + 1 :], seq=3, head=records[-1].hash_curr).broken_at == cut + 1
