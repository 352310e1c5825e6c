"""A batch's lines as they come: what is a row, what is a failed row, what stops the whole."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.billing import ndjson
from functions.billing.ndjson import Row
from tests.functions.billing.batches import ndjson as written

DOCUMENT = {"tipo_ecf": 32}


def read(*given: object) -> list[Row]:
    return list(ndjson.rows(BytesIO(written(*given))))


def codes(row: Row) -> set[tuple[str, str]]:
    return {(error.pointer, error.code) for error in row.errors}


def test_a_row_knows_its_line_its_key_and_the_line_it_refers_to() -> None:
    rows = read({"key": "a", "document": DOCUMENT}, "", {"key": "b", "document": DOCUMENT, "refers_to": "a"})
    assert [(r.line, r.key, r.refers_line, r.errors) for r in rows] == [(1, "a", None, ()), (3, "b", 1, ())]
    assert ndjson.document_of(rows[0].source or "") == DOCUMENT


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", ("", "json-unreadable")),
        ('{"key": "a", "key": "b", "document": {}}', ("", "field-repeated")),
        ("[]", ("", "dict-type")),
        ("null", ("", "dict-type")),
        ({"document": DOCUMENT}, ("/key", "key")),
        ({"key": "", "document": DOCUMENT}, ("/key", "key")),
        ({"key": "x" * 101, "document": DOCUMENT}, ("/key", "key")),
        ({"key": "a\u0000", "document": DOCUMENT}, ("/key", "key")),
        ({"key": "\ud800", "document": DOCUMENT}, ("/key", "key")),
        ({"key": 1, "document": DOCUMENT}, ("/key", "key")),
        ({"key": "a"}, ("/document", "dict-type")),
        ({"key": "a", "document": []}, ("/document", "dict-type")),
        ({"key": "a", "document": DOCUMENT, "refers_to": "a"}, ("/refers_to", "refers-to-unknown")),
        ({"key": "a", "document": DOCUMENT, "refers_to": 1}, ("/refers_to", "key")),
        ({"key": "a", "document": DOCUMENT, "a/b": 1}, ("/a~1b", "extra")),
        ({"key": "a", "document": DOCUMENT, "\ud800": 1}, ("/?", "extra")),
        ({"key": "first", "document": DOCUMENT}, ("/key", "key-repeated")),
        (
            {"key": "a", "document": {"informacion_referencia": {"ncf_modificado": "E3"}}, "refers_to": "first"},
            ("/document/informacion_referencia/ncf_modificado", "extra"),
        ),
    ],
)
def test_a_line_that_cannot_be_worked_says_why_and_the_next_goes_on(line: object, fault: tuple[str, str]) -> None:
    first, wrong, last = read({"key": "first", "document": DOCUMENT}, line, {"key": "last", "document": DOCUMENT})
    assert fault in codes(wrong)
    assert all(error.detail for error in wrong.errors)
    assert (first.errors, last.errors) == ((), ())


def test_a_line_of_bytes_that_are_no_text_is_a_row_too() -> None:
    (row,) = ndjson.rows(BytesIO(b"\xff\xfe\n"))
    assert codes(row) == {("", "json-unreadable")}


def test_a_byte_order_mark_and_foreign_line_ends_do_not_matter() -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"key": "a", "document": DOCUMENT}).encode() + b"\r\n\r\n"
    (row,) = ndjson.rows(BytesIO(body))
    assert (row.line, row.errors) == (1, ())


def test_a_line_over_the_limit_is_passed_over_in_pieces() -> None:
    long = '{"key": "' + "x" * (2 * ndjson.LONGEST_LINE) + '"}'
    wrong, last = read(long, {"key": "last", "document": DOCUMENT})
    assert codes(wrong) == {("", "too-large")}
    assert (last.line, last.errors) == (2, ())


@pytest.mark.parametrize("count", [1, 10_000])
def test_ten_thousand_are_taken(count: int) -> None:
    ndjson.check_length(BytesIO(b"{}\n" * count + b"\n\n"))


def test_one_more_is_too_long_and_none_is_empty() -> None:
    with pytest.raises(ndjson.BatchTooLong):
        ndjson.check_length(BytesIO(b"{}\n" * 10_001))
    for body in (b"", b"\n \n"):
        with pytest.raises(ndjson.BatchEmpty):
            ndjson.check_length(BytesIO(body))


@given(st.binary(max_size=200))
def test_any_bytes_make_rows_and_every_row_has_faults_or_all_it_needs(body: bytes) -> None:
    for row in ndjson.rows(BytesIO(body)):
        assert row.errors or (row.key and row.source)
