"""billing: a document in at /tenant/emit/ecf, numbered, signed and do.getupnet.ecf.signed.v1 out; DGII's outcomes come back."""

from fastapi import FastAPI

from functions.billing.gateway import Outside, Plans, Press
from functions.billing.handlers import EVENTS, JOBS, ROUTES
from functions.billing.settings import Settings
from shared.ecf.schema import ready
from shared.events.keys import FunctionKey
from shared.http.app import create_app
from shared.signer.client import Signer


def build(settings: Settings) -> FastAPI:
    key = FunctionKey("billing", settings.function_key.get_secret_value())
    outside = Outside(
        Signer(settings.sign_url, key),
        Plans(settings.plans_url, key),
        Press(settings.ri_url, key),
        ready(settings.schema_folder),
    )
    return create_app("billing", settings, routes=ROUTES, events=EVENTS, jobs=JOBS, outside=outside)
