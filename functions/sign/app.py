"""sign: an unsigned document of a known company in at /sign/xml, its final bytes out; never a "sign these bytes"."""

from fastapi import FastAPI

from functions.sign.gateway import Outside, Signers
from functions.sign.handlers import EVENTS, ROUTES
from functions.sign.settings import Settings
from shared.cloud.session import Aws
from shared.confinement import keep_memory_private
from shared.ecf.schema import ready
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    keep_memory_private()
    signers = Signers(Aws.of(settings), verify_output=settings.verify_output)
    outside = Outside(signers, ready(settings.schema_folder))
    return create_app("sign", settings, routes=ROUTES, events=EVENTS, outside=outside, alongside=lambda shell: signers.running())
