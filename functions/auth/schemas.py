"""The wire of auth."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LogIn(Shape):
    """`company` chooses among a person's companies; without it the first one is meant."""

    email: str = Field(min_length=3, max_length=254)
    password: SecretStr = Field(min_length=1, max_length=256)
    company: str | None = Field(default=None, max_length=36)


class Token(Shape):
    """`tenant` is the one company this token acts for; `companies` are all that the person may choose."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    tenant: str
    scope: str
    companies: list[str]


class InvitationIn(Shape):
    email: str = Field(min_length=3, max_length=254)


class InvitationOut(Shape):
    """The token is shown once; whoever has it sets the password."""

    token: str
    expires_at: str


class Acceptance(Shape):
    token: str = Field(min_length=20, max_length=100)
    password: SecretStr = Field(min_length=12, max_length=256)


class Me(Shape):
    id: str
    email: str
    name: str
    tenant: str
    scope: str
    permissions: list[str]
