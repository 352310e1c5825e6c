"""notify: invitations, asked resets and companies' troubles in, mails out by SES; GET /admin/mails lists what was sent."""

from fastapi import FastAPI

from functions.notify.gateway import Post
from functions.notify.handlers import EVENTS, JOBS, ROUTES
from functions.notify.settings import Settings
from shared.cloud.session import Aws
from shared.events.keys import FunctionKey
from shared.http.app import create_app
from shared.identity.callee import Callee


def build(settings: Settings) -> FastAPI:
    key = FunctionKey("notify", settings.function_key.get_secret_value())
    post = Post(Callee("auth", settings.auth_url, key), Aws.of(settings), settings.mail_from, settings.portal_url.rstrip("/"))
    return create_app("notify", settings, routes=ROUTES, events=EVENTS, jobs=JOBS, outside=post)
