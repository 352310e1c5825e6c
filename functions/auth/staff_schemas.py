"""The wire of auth for people of the platform: staff, and their access to companies."""

from typing import Literal

from pydantic import Field

from functions.auth.schemas import Email, Shape


class StaffIn(Shape):
    email: Email
    name: str = Field(min_length=1, max_length=120)
    role: Literal["platform_admin", "support"]


class StaffChange(Shape):
    role: Literal["platform_admin", "support"]


class SupportIn(Shape):
    """Which company, why (the company reads it), and for how many minutes."""

    company: str = Field(pattern=r"^[0-9a-f-]{36}$")
    reason: str = Field(min_length=10, max_length=500)
    minutes: int = Field(default=60, ge=5, le=240)


class SupportOut(Shape):
    """One access of support: who, since when, why, until when; `because` tells how it ended before or at that time.

    It is `expired`, `company` (ended by the company), `self`, or `staff` (the person left the platform).
    """

    id: str
    person: str
    email: str
    reason: str
    started_at: str
    until: str
    ended_at: str | None
    because: str | None


class SupportPage(Shape):
    items: list[SupportOut]
    next: str | None
