"""What a company is and when it is ready. Pure."""

from dataclasses import dataclass
from datetime import datetime

from shared.errors import Conflict

CONSUMERS = ("auth", "billing", "plans", "sign")
"""Who must know a company before it can emit; held against the triggers of company.created by a contract test."""


class CompanyExists(Conflict):
    slug = "company-exists"


@dataclass(frozen=True)
class Company:
    id: str
    rnc: str
    environment: str
    razon_social: str
    status: str
    created_at: datetime


def waiting_for(seen: frozenset[str]) -> tuple[str, ...]:
    """The consumers that have not taken the company's creation yet."""
    return tuple(name for name in CONSUMERS if name not in seen)
