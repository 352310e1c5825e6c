"""auth: who people and programs are, what they may do for which company, and the tokens that say so."""

from fastapi import FastAPI

from functions.auth.factors import ROUTES as FACTORS
from functions.auth.gateway import Hasher, Keyring
from functions.auth.handlers import EVENTS, ROUTES
from functions.auth.members import ROUTES as MEMBERS
from functions.auth.programs import ROUTES as PROGRAMS
from functions.auth.settings import Settings
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    keyring = Keyring(
        settings.user_signing_key.get_secret_value(),
        settings.credential_key.get_secret_value(),
        Hasher(),
        forwarded_hops=settings.forwarded_hops,
    )
    return create_app("auth", settings, routes=[*ROUTES, *FACTORS, *MEMBERS, *PROGRAMS], events=EVENTS, outside=keyring)
