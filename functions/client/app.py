"""client: a P12 in at /tenant/certificates, a secret stored and do.getupnet.certificate.registered.v1 out."""

from fastapi import FastAPI

from functions.client.gateway import Vault
from functions.client.handlers import ROUTES
from functions.client.settings import Settings
from shared.cloud.session import Aws
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    return create_app("client", settings, routes=ROUTES, outside=Vault(Aws.of(settings)))
