"""JSON as money needs it."""

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.json_body import FieldRepeated, JsonUnreadable, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**38), 10**38) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_whatever_json_can_say_comes_back(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=7))
def test_a_number_keeps_every_digit_that_was_written(number: Decimal) -> None:
    read = parse_json(f"[{number:f}]".encode())[0]
    assert type(read) is Decimal
    assert read.as_tuple() == number.as_tuple()


def test_a_number_is_never_a_float() -> None:
    read = parse_json(b'{"a": 0.1, "b": 1e2, "c": 100}')
    assert read == {"a": Decimal("0.1"), "b": Decimal("1E+2"), "c": 100}
    assert [type(v) for v in read.values()] == [Decimal, Decimal, int]


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b"",
        b"{",
        b"{'a': 1}",
        b"[1,]",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"1" * 41,
        b"-" + b"1" * 5000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_plain_json_is_refused_in_spanish(body: bytes) -> None:
    with pytest.raises(JsonUnreadable) as refusal:
        parse_json(body)
    reason = str(refusal.value.facts["reason"])
    assert reason.endswith(".")
    assert reason.encode("utf-8")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"monto": 1, "monto": 2}', "monto"),
        (b'{"a": 1, "a": 1}', "a"),
        (b'{"x": [{"a": 1, "b": 2, "a": 3}]}', "a"),
        (b'{"a": 1, "\\u0061": 1}', "a"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "?"),
    ],
)
def test_inp_02_a_field_that_is_there_twice_is_named(body: bytes, name: str) -> None:
    with pytest.raises(FieldRepeated) as refusal:
        parse_json(body)
    (fault,) = refusal.value.errors
    assert (refusal.value.status, fault.code) == (422, "field-repeated")
    assert f"«{name}»" in fault.detail


def test_inp_03_the_field_that_is_there_twice_is_found_in_one_walk() -> None:
    body = json.dumps({f"k{n}": n for n in range(100_000)}).encode()[:-1] + b', "k99999": 1}'
    began = time.process_time()
    with pytest.raises(FieldRepeated, match="invalid-input"):
        parse_json(body)
    assert time.process_time() - began < 1.0
