"""The wire of auth."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

Email = Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
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
