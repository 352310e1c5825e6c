"""relay: unsent outbox rows and due work in, events to K_SINK out; dead letters kept and replayed."""

from fastapi import FastAPI

from functions.relay.gateway import subscriptions
from functions.relay.handlers import ROUTES
from functions.relay.settings import Settings
from functions.relay.watch import Watch
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    watch = Watch(
        subscriptions(settings.triggers_path),
        sweep_after=settings.sweep_after_seconds,
        heal_after=settings.heal_after_seconds,
        seal_after=settings.seal_after_seconds,
    )
    return create_app("relay", settings, routes=ROUTES, outside=watch, alongside=watch.running)
