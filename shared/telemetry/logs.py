"""Logs: one JSON object a line with timestamp, level, service, trace_id, tenant_id; control characters escaped, 8 KiB at most."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from shared.telemetry.traces import current_trace_id

tenant_of_this_task: ContextVar[str | None] = ContextVar("tenant_of_this_task", default=None)

_LIMIT = 8192
_LONGEST = 600
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "service": self._service,
            "trace_id": current_trace_id(),
            "tenant_id": tenant_of_this_task.get(),
            "message": record.getMessage(),
        }
        # A span's line is written when the span is over, so it brings its own trace id.
        line |= {k: v for k, v in vars(record).items() if k not in _STANDARD and (k not in line or k == "trace_id")}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        text = _dump(line)
        return text if len(text) <= _LIMIT else _cut(line)


def _dump(line: dict[str, object]) -> str:
    # Escaped to ASCII: no terminal, line splitter or encoder finds anything in it to obey.
    return json.dumps(line, default=str).replace("\x7f", "\\u007f")


def _cut(line: dict[str, object]) -> str:
    """The same line with its texts shortened and without the fields that do not fit."""
    kept: dict[str, object] = {"cut": True}
    for key, value in line.items():
        shortened = value[:_LONGEST] if isinstance(value, str) else value
        if len(_dump(kept | {key: shortened})) <= _LIMIT:
            kept[key] = shortened
    return _dump(kept)


def configure(service: str, level: str) -> None:
    """Send every logger of the process to standard output, one JSON line a record."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "botocore", "urllib3", "fontTools", "weasyprint"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
