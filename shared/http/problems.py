"""AppError to RFC 9457: the one place that knows application/problem+json."""

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from shared.errors import AppError, FieldError, InvalidInput, Malformed, NotAllowed, NotFound, TooLarge, WrongMedia
from shared.http import refusals
from shared.http.routes import BODY_LIMIT
from shared.http.texts import TEXTS
from shared.telemetry.traces import current_trace_id

log = logging.getLogger(__name__)

_FRAMEWORK: dict[int, type[AppError]] = {400: Malformed, 404: NotFound, 413: TooLarge, 415: WrongMedia, 422: InvalidInput}


class MethodNotAllowed(AppError):
    """Said by the framework only: no code of ours raises it."""

    status, slug = 405, "method-not-allowed"


class BodyTooLarge(HTTPException):
    """Said while a body is being read; `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(413)
        self.limit = limit


def problem(error: AppError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to one refusal; facts that are plain values travel beside the standard members."""
    title, detail = TEXTS[error.slug]
    body: dict[str, object] = {
        "type": f"urn:getupnet:{error.slug}",
        "title": title,
        "status": error.status,
        "detail": detail.format(**error.facts) if error.facts else detail,
        "instance": current_trace_id(),
    }
    body |= {name: value for name, value in error.facts.items() if name not in body and isinstance(value, str | int)}
    if error.errors:
        body["errors"] = [fault.told for fault in error.errors]
    extra = dict(headers or {})
    if error.status in (409, 429, 503) and "retry_after" in error.facts:
        extra["Retry-After"] = str(error.facts["retry_after"])
    if error.status == 401:
        extra["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, status_code=error.status, media_type="application/problem+json", headers=extra)


def install(app: FastAPI) -> None:
    """Every error of ours and of the framework leaves as a problem; nothing inside shows outside."""

    @app.exception_handler(AppError)
    async def ours(request: Request, error: AppError) -> JSONResponse:
        if isinstance(error, NotAllowed):
            await run_in_threadpool(refusals.tell, request, error)
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def shape(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(InvalidInput(*(_field_error(e["loc"], e["type"], e.get("ctx", {})) for e in error.errors())))

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error.__cause__, AppError):  # a body that could not be read, which the framework calls 400
            return problem(error.__cause__)
        kind = MethodNotAllowed if error.status_code == 405 else _FRAMEWORK.get(error.status_code, AppError)
        limit = error.limit if isinstance(error, BodyTooLarge) else BODY_LIMIT
        headers = {"Allow": methods} if error.status_code == 405 and (methods := _methods(request)) else error.headers
        return problem(TooLarge(limit=limit) if kind is TooLarge else kind(), headers)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected error", exc_info=error)
        return problem(AppError())


def _methods(request: Request) -> str:
    """All that the table has for the path: the framework names those of one route only."""
    path = request.scope["path"]
    return ", ".join(sorted(r.method for r in request.app.state.routes if compile_path(r.path)[0].match(path)))


_WORDS = {
    "missing": "Este campo es obligatorio.",
    "extra_forbidden": "Este campo no existe. Quítelo o corrija su nombre.",
    "string_type": "Este campo debe ser texto.",
    "int_type": "Este campo debe ser un número entero.",
    "int_parsing": "Este campo debe ser un número entero.",
    "bool_type": "Este campo debe ser true o false.",
    "string_too_short": "Este campo debe tener al menos {min_length} caracteres.",
    "string_too_long": "Este campo admite como máximo {max_length} caracteres.",
    "string_pattern_mismatch": "Este campo no tiene la forma esperada.",
    "json_invalid": "El cuerpo no es JSON válido.",
    "date_from_datetime_parsing": "Este campo debe ser una fecha AAAA-MM-DD.",
    "greater_than_equal": "Este campo debe ser {ge} o más.",
    "less_than_equal": "Este campo debe ser {le} o menos.",
    "enum": "Este campo admite: {expected}.",
    "literal_error": "Este campo admite: {expected}.",
}


def _field_error(location: tuple[int | str, ...], kind: str, context: Mapping[str, object]) -> FieldError:
    where = location[1:] if location and location[0] in ("body", "query", "path", "header") else location
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in where)
    return FieldError(pointer, kind.replace("_", "-"), _WORDS.get(kind, "Este campo no es válido.").format(**context))
