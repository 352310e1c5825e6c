"""auth's facts: who came in, who was refused, what people and programs may do."""

from shared.events.event import PREFIX, Event

_SEALED = "audit seals the outbox; nobody acts on it"


class PersonLoggedIn(Event):
    """A person came in; the subject is the session. `methods` are those of RFC 8176, `network` the /24 or /48."""

    type = f"{PREFIX}.person.logged-in.v1"
    emitter = "auth"
    unheard = _SEALED
    person_id: str
    methods: list[str]
    network: str


class LoginRefused(Event):
    """Somebody was refused; the subject is the hash of the address they gave. `failures` counts this network's, in the window."""

    type = f"{PREFIX}.login.refused.v1"
    emitter = "auth"
    unheard = _SEALED
    network: str
    factor: str
    failures: int


class LoginAttacked(Event):
    """More wrong passwords for one account than a forgetful owner types, from many networks; once a window of half an hour.

    The subject is the hash of the address, `failures` are all of the window's, `network` is where the last one came from.
    """

    type = f"{PREFIX}.login.attacked.v1"
    emitter = "auth"
    unheard = _SEALED
    network: str
    failures: int


class SessionEnded(Event):
    """A session is over before its time: `logout`, `revoked`, `reused` (a spent refresh token came back), `password`, `factor`,
    `role`, `support` (the access ended), `suspendida` or `sellada` (the company is)."""

    type = f"{PREFIX}.session.ended.v1"
    emitter = "auth"
    unheard = _SEALED
    person_id: str
    because: str


class FactorChanged(Event):
    """A person's second factor: `enrolled`, `removed`, `recovery-code-used`."""

    type = f"{PREFIX}.factor.changed.v1"
    emitter = "auth"
    unheard = _SEALED
    change: str


class PasswordChanged(Event):
    """A person has a new password: `chosen`, `reset`, `invited`."""

    type = f"{PREFIX}.password.changed.v1"
    emitter = "auth"
    unheard = _SEALED
    because: str


class PersonInvited(Event):
    """A person is to set a first password; the subject is the person, `by` who did it (`platform` for a company's first owner).

    notify asks auth for the link, which is in no event.
    """

    type = f"{PREFIX}.person.invited.v1"
    emitter = "auth"
    company: str
    role: str
    by: str


class PasswordResetAsked(Event):
    """A person forgot the password; the subject is the person. notify asks auth for the link."""

    type = f"{PREFIX}.password.reset-asked.v1"
    emitter = "auth"
    network: str


class GrantChanged(Event):
    """What a person may do for this company: `granted`, `changed`, `ended`; the subject is the person."""

    type = f"{PREFIX}.grant.changed.v1"
    emitter = "auth"
    unheard = _SEALED
    change: str
    role: str
    expires_at: str | None
    by: str


class RoleChanged(Event):
    """A company's own role: `made`, `changed`, `ended`; the subject is its name."""

    type = f"{PREFIX}.role.changed.v1"
    emitter = "auth"
    unheard = _SEALED
    change: str
    permissions: list[str]
    by: str


class KeyChanged(Event):
    """A program's key: `made`, `rotated`, `revoked`; the subject is the key."""

    type = f"{PREFIX}.key.changed.v1"
    emitter = "auth"
    unheard = _SEALED
    change: str
    name: str
    permissions: list[str]
    by: str


class SupportStarted(Event):
    """A person of the platform may read this company's data until `until`; the subject is the access."""

    type = f"{PREFIX}.support.started.v1"
    emitter = "auth"
    unheard = _SEALED
    person_id: str
    reason: str
    until: str


class SupportEnded(Event):
    """The access is over: `expired`, `company` (somebody of the company ended it), `self`, `staff` (no longer of the platform)."""

    type = f"{PREFIX}.support.ended.v1"
    emitter = "auth"
    unheard = _SEALED
    person_id: str
    because: str
    by: str | None
