"""Logs: one JSON object a line with timestamp, level, service, trace_id, tenant_id; control characters escaped, 8 KiB at most."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from shared.telemetry.traces import current_trace_id

tenant_of_this_task: ContextVar[str | None] = ContextVar("tenant_of_this_task", default=None)

_LIMIT = 8192
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
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        text = json.dumps(line, ensure_ascii=False, default=str)
        if len(text) > _LIMIT:
            cut = {key: value[: _LIMIT // 4] if isinstance(value, str) else value for key, value in line.items()}
            text = json.dumps(cut | {"cut": True}, ensure_ascii=False, default=str)[: 2 * _LIMIT]
        return text


def configure(service: str, level: str) -> None:
    """Send every logger of the process to standard output, one JSON line a record."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "botocore", "urllib3", "fontTools", "weasyprint"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
