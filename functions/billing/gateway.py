"""The two functions that billing calls, the warm signer and plans for what a document would cost; and whose schemas judge it."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from shared.errors import AppError
from shared.events.keys import FunctionKey
from shared.identity.callee import Callee
from shared.signer.client import Signer


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


@dataclass(frozen=True)
class Outside:
    """What stands outside of billing; `schema_folder` holds DGII's own schemas, None stands for the built-in ones."""

    signer: Signer
    plans: Plans
    schema_folder: Path | None = None
