"""The event door: `POST /events`, one delivery in, 204, 503, 500 or 422 out, the body of an error at most 512 bytes.

Knative retries 404, 408, 409, 429 and 5xx and takes a 2xx with a body that is no event for a failure (security D-29).
"""

import logging
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from shared.db.engine import Transaction
from shared.errors import AppError, Unavailable
from shared.events.catalogue import WorkDue
from shared.events.envelope import Envelope, EventRefused, open_envelope
from shared.events.event import Event
from shared.flow.inbox import first_time
from shared.http.routes import raw_body
from shared.http.shell import Shell
from shared.http.work import Jobs, run_due
from shared.telemetry.logs import tenant_of_this_task
from shared.telemetry.metrics import EVENTS
from shared.telemetry.traces import span

log = logging.getLogger(__name__)

Handler = Callable[[Shell[Any], Transaction, Any, Envelope], None]
Events = dict[type[Event], Handler]
JOBS_A_WAKE_UP = 200
SECONDS_A_WAKE_UP = 20.0
LONGEST_ANSWER = 512


def event_router(events: Events, jobs: Jobs) -> APIRouter:
    """The door for a function's table of events and table of jobs."""
    made = APIRouter()

    @made.post("/events", include_in_schema=False)
    async def deliver(request: Request) -> Response:
        shell: Shell[Any] = request.app.state.shell
        try:
            body = await raw_body(request)
            envelope, event = open_envelope(request.headers, body, shell.function_keys)
        except AppError as error:
            EVENTS.labels("unknown", "refused").inc()
            log.warning("event refused", extra={"facts": error.facts, "ce_id": request.headers.get("ce-id", "")[:80]})
            return _say(422, error)
        status, failure = await run_in_threadpool(_consume, shell, events, jobs, envelope, event)
        return Response(status_code=204) if failure is None else _say(status, failure)

    return made


def _consume(shell: Shell[Any], events: Events, jobs: Jobs, envelope: Envelope, event: Event) -> tuple[int, AppError | None]:
    tenant_of_this_task.set(envelope.tenant)
    with span(f"{shell.name} {envelope.type}", traceparent=envelope.traceparent, attributes={"subject": envelope.subject}):
        try:
            if isinstance(event, WorkDue):
                run_due(shell, jobs, jobs=JOBS_A_WAKE_UP, seconds=SECONDS_A_WAKE_UP)
                outcome = "done"
            else:
                outcome = _handle(shell, events, envelope, event)
                if jobs and outcome == "done":
                    run_due(shell, jobs, jobs=1, seconds=SECONDS_A_WAKE_UP)
        except Unavailable as error:
            EVENTS.labels(envelope.type, "again").inc()
            return 503, error
        except AppError as error:
            EVENTS.labels(envelope.type, "refused").inc()
            return 422, error
        except Exception:
            log.exception("an event handler failed")
            EVENTS.labels(envelope.type, "failed").inc()
            return 500, AppError()
        EVENTS.labels(envelope.type, outcome).inc()
        return 204, None


def _handle(shell: Shell[Any], events: Events, envelope: Envelope, event: Event) -> str:
    handler = events.get(type(event))
    if handler is None:
        raise EventRefused(reason=f"{shell.name} does not consume {event.type}")
    with shell.transaction(envelope.tenant) as tx:
        if not first_time(tx, shell.name, envelope):
            return "duplicate"
        handler(shell, tx, event, envelope)
    return "done"


def _say(status: int, error: AppError) -> Response:
    said = f"{error.slug} {error.facts.get('reason', '')}".encode("utf-8", "replace")
    return PlainTextResponse(said[:LONGEST_ANSWER], status_code=status)
