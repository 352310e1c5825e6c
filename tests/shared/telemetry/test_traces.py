"""Traces: a child of what the caller sent, or a new one; a bad parent is no parent."""

import pytest

from shared.telemetry.traces import current_trace_id, current_traceparent, span, traceparent_of

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_span_continues_its_parents_trace() -> None:
    with span("a", traceparent=f"00-{TRACE}-b7ad6b7169203331-01"):
        assert current_trace_id() == TRACE
        assert current_traceparent().startswith(f"00-{TRACE}-")
        with span("b"):
            assert current_trace_id() == TRACE
    assert current_trace_id() is None


@pytest.mark.parametrize(
    "parent", [None, "", "x", f"01-{TRACE}-b7ad6b7169203331-01", f"00-{'0' * 32}-b7ad6b7169203331-01", "00-" + "A" * 32]
)
def test_a_parent_that_is_none_starts_a_new_trace(parent: str | None) -> None:
    with span("a", traceparent=parent):
        made = current_trace_id()
    assert made is not None
    assert made not in {TRACE, "0" * 32}


@pytest.mark.parametrize("given", [None, "", "0" * 32, TRACE.upper(), TRACE + "0", TRACE + "\n", "; DROP"])
def test_a_trace_id_of_another_form_is_ignored(given: str | None) -> None:
    assert traceparent_of(given) is None


def test_a_callers_trace_id_becomes_a_parent() -> None:
    assert (traceparent_of(TRACE) or "").startswith(f"00-{TRACE}-")
