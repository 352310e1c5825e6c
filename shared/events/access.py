"""What every door says of whom it turned away."""

from shared.events.event import EVERY_DOOR, PREFIX, Event


class AccessRefused(Event):
    """Somebody known was refused (403); the subject is who asked: a person, `key:` a program, or `function:` one of ours.

    `route` is method and template of the path, `code` the reason that the door gave, `named` the other tenant that X-Tenant-ID
    named, where that was the reason. Said once a minute for the same one, route and code.
    """

    type = f"{PREFIX}.access.refused.v1"
    emitter = EVERY_DOOR
    unheard = "audit seals the outbox; nobody acts on it"
    route: str
    code: str
    named: str | None = None
