"""The wire of auth."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from shared.identity.permissions import Permission

Email = Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$")]
KeyKind = Literal["oauth", "hmac"]
Secret = Annotated[str, StringConstraints(min_length=20, max_length=200)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LogIn(Shape):
    """`company` chooses among a person's companies; without it the first one is meant.

    `cookie` is what a portal asks for: the refresh token then lives in a cookie that no script can read.
    """

    email: str = Field(min_length=3, max_length=254)
    password: SecretStr = Field(min_length=1, max_length=4096)
    company: str | None = Field(default=None, max_length=36)
    cookie: bool = False


class Token(Shape):
    """`tenant` is the one company this token acts for; `companies` are all that the person may choose.

    Of `refresh_token` and `csrf_token` the first is there for programs, the second for portals that asked for a cookie.
    """

    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    tenant: str
    scope: str
    companies: list[str]
    refresh_token: str | None = None
    csrf_token: str | None = None


class Challenge(Shape):
    """A second factor is missing: `verify` it, or `enroll` one first. The challenge is good for five minutes."""

    second_factor: Literal["verify", "enroll"]
    challenge: str
    expires_in: int


class Verification(Shape):
    """Either a code of the app or a recovery code; without a challenge it proves again that the bearer is there (step-up)."""

    challenge: Secret | None = None
    code: str | None = Field(default=None, max_length=10)
    recovery_code: str | None = Field(default=None, max_length=40)
    cookie: bool = False


class EnrolmentIn(Shape):
    """With a challenge from a log-in; or with a token and the password, to have one from now on."""

    challenge: Secret | None = None
    password: SecretStr | None = Field(default=None, max_length=4096)


class Enrolment(Shape):
    """`address` is what the QR holds, `qr` the picture (a data address of an SVG). It counts after its first code is verified."""

    secret: str
    address: str
    qr: str
    recovery_codes: list[str]


class Removal(Shape):
    password: SecretStr = Field(max_length=4096)


class Renewal(Shape):
    """Left empty by a portal, whose cookie speaks."""

    refresh_token: str | None = Field(default=None, max_length=200)


class Switch(Shape):
    company: str = Field(max_length=36)


class SessionOut(Shape):
    id: str
    company: str
    created_at: str
    last_used_at: str
    expires_at: str
    address: str | None
    agent: str | None
    methods: list[str]
    current: bool


class SessionList(Shape):
    items: list[SessionOut]


class PasswordChange(Shape):
    current: SecretStr = Field(max_length=4096)
    new: SecretStr = Field(max_length=4096)


class ForgottenIn(Shape):
    email: str = Field(min_length=3, max_length=254)


class ResetIn(Shape):
    token: Secret
    password: SecretStr = Field(max_length=4096)


class InvitationIn(Shape):
    email: str = Field(min_length=3, max_length=254)


class InvitationOut(Shape):
    """The token is shown once; whoever has it sets the password."""

    token: str
    expires_at: str


class Acceptance(Shape):
    token: str = Field(min_length=20, max_length=100)
    password: SecretStr = Field(max_length=4096)


class CompanyOut(Shape):
    id: str
    razon_social: str
    environment: str
    role: str
    expires_at: str | None


class Me(Shape):
    id: str
    email: str
    name: str
    tenant: str
    scope: str
    permissions: list[str]
    second_factor: bool
    companies: list[CompanyOut]


class MemberIn(Shape):
    """`expires_at` (RFC 3339) is for people from outside, an accountant for example."""

    email: Email
    name: str = Field(min_length=1, max_length=120)
    role: str = Field(max_length=40)
    expires_at: Moment | None = None


class MemberChange(Shape):
    role: str = Field(max_length=40)
    expires_at: Moment | None = None


class MemberOut(Shape):
    """`accepted` is whether the person has set a password."""

    id: str
    email: str
    name: str
    role: str
    expires_at: str | None
    accepted: bool
    second_factor: bool


class MemberPage(Shape):
    items: list[MemberOut]
    next: str | None


class RoleIn(Shape):
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    title: str = Field(min_length=1, max_length=80)
    permissions: list[Permission] = Field(max_length=60)


class RoleOut(Shape):
    name: str
    title: str
    seeded: bool
    permissions: list[str]


class PermissionOut(Shape):
    """`held` is whether the asker has it, and so may give it."""

    name: str
    held: bool


class KeyIn(Shape):
    """A key of a program: what it may do, at most what its maker may, and until when (a year at the most).

    `oauth` is traded for tokens, `hmac` signs each request itself (docs/peers.md).
    """

    name: str = Field(min_length=1, max_length=80)
    kind: KeyKind = "oauth"
    permissions: list[Permission] = Field(min_length=1, max_length=60)
    days: int = Field(default=365, ge=1, le=366)


class Rotation(Shape):
    """For how many hours the old secret goes on beside the new one."""

    overlap_hours: int = Field(default=24, strict=True, ge=0, le=168)


class KeyOut(Shape):
    """`last_used_at` is when it was last traded for a token: of an `hmac` key it is unknown."""

    id: str
    name: str
    kind: KeyKind
    permissions: list[str]
    created_by: str
    created_at: str
    expires_at: str
    last_used_at: str | None
    revoked_at: str | None
    successor: str | None


class NewKey(Shape):
    """`client_id` and `client_secret` for `POST /auth/token`, or to sign with; the secret is shown once."""

    client_id: str
    client_secret: str
    expires_at: str


class KeyPage(Shape):
    items: list[KeyOut]
    next: str | None


class ProgramToken(Shape):
    """RFC 6749 §5.1."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    scope: str


class LinkIn(Shape):
    person_id: str = Field(max_length=36)
    purpose: Literal["invitation", "reset"]
    company: str | None = Field(default=None, max_length=36)


class OwnerOut(Shape):
    person_id: str
    email: str
    name: str
    company_name: str


class OwnerList(Shape):
    items: list[OwnerOut]


class LinkOut(Shape):
    """For one mail: the secret of its link, and whom it greets."""

    token: str
    email: str
    name: str
    company_name: str
    expires_at: str
