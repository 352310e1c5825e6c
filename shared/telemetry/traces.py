"""Traces: one W3C trace from the caller's request through every event and job of an emission.

Spans are made by OpenTelemetry and leave as JSON log lines, so one `grep` of a trace id shows the whole story.
"""

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Tracer

log = logging.getLogger("spans")

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_service = "unknown"


def configure(service: str) -> None:
    """Name this process in its spans."""
    global _service
    _service = service


@cache
def _tracer() -> "Tracer":
    # 80 ms of imports that a readiness probe must not wait for.
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

    class LogExporter(SpanExporter):
        def export(self, spans: Sequence["ReadableSpan"]) -> SpanExportResult:
            for span in spans:
                log.info("span", extra=_describe(span))
            return SpanExportResult.SUCCESS

    provider = TracerProvider(resource=Resource({"service.name": _service}))
    provider.add_span_processor(SimpleSpanProcessor(LogExporter()))
    return provider.get_tracer("getupnet")


def _describe(span: "ReadableSpan") -> dict[str, object]:
    context, start, end = span.get_span_context(), span.start_time or 0, span.end_time or 0
    return {
        "span": span.name,
        "trace_id": f"{context.trace_id:032x}" if context else None,
        "span_id": f"{context.span_id:016x}" if context else None,
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "ms": round((end - start) / 1e6, 3),
        "attributes": json.loads(json.dumps(dict(span.attributes or {}), default=str)),
    }


@contextmanager
def span(name: str, *, traceparent: str | None = None, attributes: Mapping[str, str | int] | None = None) -> Iterator[None]:
    """One span; a child of `traceparent` if that is well-formed, else of the current span, else a new trace."""
    from opentelemetry import trace

    parent = None
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if match:
        remote = trace.SpanContext(int(match[1], 16), int(match[2], 16), is_remote=True, trace_flags=trace.TraceFlags(1))
        parent = trace.set_span_in_context(trace.NonRecordingSpan(remote))
    with _tracer().start_as_current_span(name, context=parent, attributes=dict(attributes or {})):
        yield


def current_traceparent() -> str:
    """The traceparent that children of this moment carry; a fresh one outside any span."""
    from opentelemetry import trace

    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


def current_trace_id() -> str | None:
    """32 hexadecimal digits, or None outside any span."""
    from opentelemetry import trace

    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def traceparent_of(trace_id: str | None) -> str | None:
    """A caller's `X-Trace-ID` (32 hexadecimal digits) as a parent; None if it is anything else."""
    if trace_id is None or not _TRACE_ID.fullmatch(trace_id) or int(trace_id, 16) == 0:
        return None
    return f"00-{trace_id}-{os.urandom(8).hex()}-01"
