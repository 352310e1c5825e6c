"""The functions that billing calls: the warm signer, plans for what a document would cost, ri for what is printed; and whose
schemas judge a document."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.errors import AppError, Unavailable
from shared.events.keys import FunctionKey
from shared.identity.callee import Callee, CalleeRefused, CalleeUnavailable
from shared.signer.client import Signer

_LONGEST_PRINT = 60.0
"""Seconds; ri may have to start first."""


@dataclass(frozen=True)
class Fee:
    """Amounts in pesos, as plans writes them."""

    plan: str
    base: str
    fee: str


class Plans:
    """Calls `POST /plans/fee`."""

    def __init__(self, url: str, key: FunctionKey) -> None:
        self._callee = Callee("plans", url, key, timeout=3.0)

    def fee(self, monto_total: Decimal, *, tenant: str) -> Fee | None:
        """What a document of that total would cost; None when plans does not say: no emission waits for it."""
        try:
            answer = self._callee.post("/plans/fee", {"monto_total": f"{monto_total:.2f}"}, tenant=tenant, purpose="fee")
        except AppError:
            return None
        return Fee(answer["plan"], answer["base"], answer["fee"])


class StatementNotPrinted(Unavailable):
    """ri does not answer, or not with a print; its figures are at hand all the same."""

    slug = "statement-not-printed"


class Press:
    """Calls `POST /ri/statement`."""

    def __init__(self, url: str, key: FunctionKey) -> None:
        self._callee = Callee("ri", url, key, timeout=_LONGEST_PRINT)

    def statement(self, figures: dict[str, Any], *, tenant: str) -> bytes:
        """The PDF of a month's statement as JSON says it. StatementNotPrinted."""
        try:
            return self._callee.fetch("/ri/statement", figures, tenant=tenant, purpose="statement", media="application/pdf")
        except (CalleeUnavailable, CalleeRefused) as error:
            raise StatementNotPrinted from error


@dataclass(frozen=True)
class Outside:
    """What stands outside of billing; `schema_folder` holds DGII's own schemas, None stands for the built-in ones."""

    signer: Signer
    plans: Plans
    press: Press
    schema_folder: Path | None = None
