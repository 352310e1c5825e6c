"""The stand-in of DGII: its protocol over HTTP, for all three environments, never in production."""

from datetime import timedelta

from starlette.types import ASGIApp

from functions.sandbox import commercial, handlers, preparation, public
from functions.sandbox.faults import Behaving
from functions.sandbox.reception import Rules
from functions.sandbox.settings import Settings
from functions.sandbox.tokens import Tokens
from functions.sandbox.wire import AnyCasePaths, DgiiRefused, say_refusal
from shared.ecf.schema import ready
from shared.http.app import create_app


def build(settings: Settings) -> ASGIApp:
    rules = Rules(
        strict=settings.sandbox_mode == "strict",
        verdict_delay=timedelta(milliseconds=settings.verdict_delay_ms),
        tokens=Tokens.derived_from(settings.tenant_seal_key.get_secret_value()),
        schema_folder=ready(settings.schema_folder),
    )
    routes = [*handlers.ROUTES, *commercial.ROUTES, *public.ROUTES, *preparation.ROUTES]
    app = create_app("sandbox", settings, routes=routes, outside=rules)
    app.add_exception_handler(DgiiRefused, say_refusal)
    app.add_middleware(AnyCasePaths)
    return Behaving(app, settings.sandbox_admin_key.get_secret_value())
