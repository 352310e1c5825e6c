"""client: a P12 in at /tenant/certificates, certificate.registered out; once the company is sealed its keys are destroyed."""

from fastapi import FastAPI

from functions.client.gateway import Vault
from functions.client.handlers import EVENTS, JOBS, ROUTES
from functions.client.settings import Settings
from shared.cloud.session import Aws
from shared.confinement import keep_memory_private
from shared.events.keys import FunctionKey
from shared.http.app import create_app
from shared.signer.client import Signer


def build(settings: Settings) -> FastAPI:
    keep_memory_private()  # a key is in this process from its upload until it is stored
    signer = Signer(settings.sign_url, FunctionKey("client", settings.function_key.get_secret_value()))
    return create_app("client", settings, routes=ROUTES, events=EVENTS, jobs=JOBS, outside=Vault(Aws.of(settings), signer))
