"""Logs: one JSON object a line, whatever is logged."""

import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.telemetry.logs import JsonFormatter, tenant_of_this_task
from shared.telemetry.traces import current_trace_id, span

FORMATTER = JsonFormatter("a-function")


def line(message: str, *args: object, **extra: object) -> str:
    record = logging.getLogger("t").makeRecord("t", logging.WARNING, "f", 1, message, args, None, extra=extra)
    return FORMATTER.format(record)


def read(text: str) -> dict[str, Any]:
    assert "\n" not in text
    assert "\r" not in text
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def test_a_line_says_when_how_grave_who_in_which_trace_and_for_whom() -> None:
    token = tenant_of_this_task.set("a-tenant")
    try:
        with span("a test"):
            said, trace = read(line("hola %s", "señora", key="value")), current_trace_id()
    finally:
        tenant_of_this_task.reset(token)
    assert said["timestamp"].endswith("+00:00")
    assert (said["level"], said["service"], said["trace_id"], said["tenant_id"]) == ("warning", "a-function", trace, "a-tenant")
    assert (said["message"], said["key"]) == ("hola señora", "value")


def test_outside_a_trace_and_a_tenant_the_fields_are_there_and_null() -> None:
    said = read(line("x"))
    assert (said["trace_id"], said["tenant_id"]) == (None, None)


def test_what_a_caller_adds_cannot_replace_who_speaks() -> None:
    said = read(line("x", timestamp="never", level="none", service="other"))
    assert (said["service"], said["level"]) == ("a-function", "warning")
    assert said["timestamp"] != "never"


def test_control_characters_are_escaped() -> None:
    text = line("a\nb\r\x00\x1b[31m\x7f\x85\x9b\u2028c", key="\n{}")
    assert text.isprintable()
    assert read(text)["message"] == "a\nb\r\x00\x1b[31m\x7f\x85\x9b\u2028c"


def test_half_a_surrogate_pair_can_be_written() -> None:
    assert line("\ud800", key="\udfff").encode("utf-8")


def test_an_exception_is_one_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.getLogger("t").makeRecord("t", logging.ERROR, "f", 1, "x", (), sys.exc_info())
    assert "two\nlines" in read(FORMATTER.format(record))["exception"]


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {f"k{n}": "ñ" * 9000 for n in range(20)},
        {"deep": {"list": ["x" * 100] * 1000}},
        {"a": "\n" * 9000},
        {f"k{n}": n for n in range(3000)},
        {"k" * 20000: 1},
    ],
)
def test_a_long_line_is_cut_to_eight_kibibytes_of_valid_json(extra: dict[str, Any]) -> None:
    text = line("m" * 50_000, **extra)
    said = read(text)
    assert len(text.encode()) <= 8192
    assert said["cut"] is True
    assert said["message"].startswith("mmm")
    assert said["service"] == "a-function"


@given(st.text(), st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.lists(st.text())))
def test_anything_is_one_valid_line(message: str, values: dict[str, Any]) -> None:
    read(line("%s", message, values=values))
