"""Documents inside facts come out as they went in."""

import time

from hypothesis import given
from hypothesis import strategies as st

from shared.events.packed import pack, unpack


@given(st.binary(max_size=2000))
def test_a_packed_document_comes_out_as_it_went_in(xml: bytes) -> None:
    assert unpack(pack(xml)) == xml


def test_the_same_bytes_are_the_same_text_at_any_time() -> None:
    first = pack(b"<ECF/>")
    time.sleep(1.1)
    assert pack(b"<ECF/>") == first
