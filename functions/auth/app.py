"""auth: who people and programs are, what they may do for which company, and the tokens that say so."""

import json

from fastapi import FastAPI

from functions.auth.gateway import Hasher, Keyring
from functions.auth.handlers import EVENTS, JOBS, ROUTES
from functions.auth.settings import Settings
from shared.cloud.session import Aws
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    signing, credential = settings.user_signing_key.get_secret_value(), settings.credential_key.get_secret_value()
    keyring = Keyring(signing, credential, Hasher(), Aws.of(settings))
    keyring.must_be_known(json.loads(settings.user_keys))
    return create_app("auth", settings, routes=ROUTES, events=EVENTS, jobs=JOBS, outside=keyring)
