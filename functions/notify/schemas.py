"""The wire of notify."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MailOut(Shape):
    """`address` is masked and known once the mail was sent; `state` is pending, sent, expired or failed, `reason` why not sent."""

    id: str
    kind: str
    person_id: str
    company: str | None
    address: str | None
    state: str
    reason: str | None
    message_id: str | None
    attempts: int
    asked_at: str
    ended_at: str | None


class MailPage(Shape):
    items: list[MailOut]
    next: str | None
