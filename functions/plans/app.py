"""plans: an accepted document in, its charge and do.getupnet.charge.recorded.v1 out; the fee can be asked before."""

from fastapi import FastAPI

from functions.plans.handlers import EVENTS, ROUTES
from functions.plans.settings import Settings
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    return create_app("plans", settings, routes=ROUTES, events=EVENTS)
