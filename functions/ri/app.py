"""ri: ecf.signed and DGII's acceptance in, the printed representation out at /tenant/ri/{invoice_id} as PDF;
and the month's statement printed for billing."""

from fastapi import FastAPI

from functions.ri.gateway import Printer
from functions.ri.handlers import EVENTS, JOBS, ROUTES
from functions.ri.settings import Settings
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    printer = Printer()
    return create_app(
        "ri", settings, routes=ROUTES, events=EVENTS, jobs=JOBS, outside=printer, alongside=lambda shell: printer.running()
    )
