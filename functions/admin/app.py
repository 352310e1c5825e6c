"""admin: POST /admin/companies in, do.getupnet.company.created.v1 out; GET tells when the company is ready."""

from fastapi import FastAPI

from functions.admin.handlers import ROUTES
from functions.admin.settings import Settings
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    return create_app("admin", settings, routes=ROUTES)
