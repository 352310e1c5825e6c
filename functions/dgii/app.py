"""dgii: signed documents in, what DGII says of them out as facts; doors to try a certificate, send, and ask."""

from datetime import timedelta

from fastapi import FastAPI

from functions.dgii.gateway import Authority, Services
from functions.dgii.handlers import EVENTS, JOBS, ROUTES
from functions.dgii.settings import Settings
from functions.dgii.tokens import Sealed, Tokens
from shared.cache.redis import Cache
from shared.dgii.environments import Hosts
from shared.events.keys import FunctionKey
from shared.http.app import create_app
from shared.signer.client import Signer


def build(settings: Settings) -> FastAPI:
    hosts = Hosts(settings.dgii_ecf_url, settings.dgii_fc_url, settings.dgii_status_url)
    key = FunctionKey("dgii", settings.function_key.get_secret_value())
    authority = Authority(
        services=Services(hosts, settings.dgii_status_key.get_secret_value()),
        signer=Signer(settings.sign_url, key),
        tokens=Tokens(Sealed.of(Cache(settings.redis_url.get_secret_value()), settings.token_key.get_secret_value())),
        quarantine=timedelta(seconds=settings.quarantine_seconds),
    )
    return create_app("dgii", settings, routes=ROUTES, events=EVENTS, jobs=JOBS, outside=authority)
