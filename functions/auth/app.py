"""auth: who people and programs are, what they may do for which company, and the tokens that say so."""

import json

from fastapi import FastAPI

from functions.auth.factors import ROUTES as FACTORS
from functions.auth.gateway import Hasher, Keyring
from functions.auth.handlers import EVENTS, JOBS
from functions.auth.handlers import ROUTES as SESSIONS
from functions.auth.members import ROUTES as MEMBERS
from functions.auth.programs import ROUTES as PROGRAMS
from functions.auth.settings import Settings
from functions.auth.staff import ROUTES as STAFF
from functions.auth.support import ROUTES as SUPPORT
from shared.cloud.session import Aws
from shared.http.app import create_app

ROUTES = [*SESSIONS, *FACTORS, *MEMBERS, *PROGRAMS, *STAFF, *SUPPORT]


def build(settings: Settings) -> FastAPI:
    signing, credential = settings.user_signing_key.get_secret_value(), settings.credential_key.get_secret_value()
    keyring = Keyring(signing, credential, Hasher(), Aws.of(settings))
    keyring.must_be_known(json.loads(settings.user_keys))
    return create_app("auth", settings, routes=ROUTES, events=EVENTS, jobs=JOBS, outside=keyring)
