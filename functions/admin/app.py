"""admin: companies from creation to seal, do.getupnet.company.*.v1 out; DGII's verdicts in, figures for the platform."""

from fastapi import FastAPI

from functions.admin.handlers import EVENTS, ROUTES
from functions.admin.settings import Settings
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    return create_app("admin", settings, routes=ROUTES, events=EVENTS)
