"""auth: a log-in in, a user token out; company.created makes the company's owner."""

from fastapi import FastAPI

from functions.auth.gateway import Hasher, Keyring
from functions.auth.handlers import EVENTS, ROUTES
from functions.auth.settings import Settings
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    keyring = Keyring(settings.user_signing_key.get_secret_value(), Hasher())
    return create_app("auth", settings, routes=ROUTES, events=EVENTS, outside=keyring)
