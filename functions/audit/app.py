"""audit: unsealed outbox rows in, one SHA-512 chain a tenant out; /audit/verify recomputes it."""

from fastapi import FastAPI

from functions.audit.handlers import JOBS, ROUTES
from functions.audit.settings import Settings
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    return create_app("audit", settings, routes=ROUTES, jobs=JOBS)
