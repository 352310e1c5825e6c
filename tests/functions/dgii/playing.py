"""A company whose documents meet a stand-in that misbehaves as asked."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from functions.dgii import handlers
from shared.http.work import run_due
from tests.flows.following import facts_of
from tests.functions.billing.bodies import FACTURA
from tests.house import House, a_rnc


@dataclass(frozen=True)
class Player:
    """`tenant` issues as `rnc`; what is set holds for it alone."""

    house: House
    tenant: str
    rnc: str

    @classmethod
    def create(cls, house: House) -> "Player":
        rnc = a_rnc()
        return cls(house, house.company(rnc), rnc)

    def set(self, name: str, value: str | None = None, **more: object) -> None:
        body = {"environment": "testecf", "rnc": self.rnc, "name": name} | more | ({"value": value} if value is not None else {})
        answer = httpx.post(f"{self.house.address('sandbox')}/sandbox/behaviours", json=body)
        assert answer.status_code == 204, answer.text

    def reset(self) -> None:
        body = {"environment": "testecf", "rnc": self.rnc}
        httpx.post(f"{self.house.address('sandbox')}/sandbox/behaviours/reset", json=body)

    def arrived(self) -> list[dict[str, Any]]:
        query = {"environment": "testecf", "rnc": self.rnc}
        found: list[dict[str, Any]] = httpx.get(f"{self.house.address('sandbox')}/sandbox/documents", params=query).json()
        return found

    def emit(self, body: object = FACTURA) -> dict[str, Any]:
        made: dict[str, Any] = self.house.emit(self.tenant, body).json()
        self.house.settle()
        return made

    def status(self, encf: str) -> dict[str, Any]:
        asked = f"/dgii/ecf/status?encf={encf}"
        found: dict[str, Any] = self.house.client("dgii").get(asked, headers=self.house.token(self.tenant)).json()
        return found

    def work_on(self, encf: str, *estados: str, seconds: float = 20) -> dict[str, Any]:
        """Bring due work forward until the document is in one of these states."""
        shell, until = self.house.shell("dgii"), time.monotonic() + seconds
        while (found := self.status(encf))["estado"] not in estados and time.monotonic() < until:
            with shell.transaction(self.tenant) as tx:
                shell.work.bring_forward(tx, handlers.SUBMISSION, f"{encf}:{found['intento']}", timedelta())
            run_due(shell, handlers.JOBS, jobs=5, seconds=5)
        assert found["estado"] in estados, found
        return found

    def alarms(self) -> list[str]:
        facts = [e for e in facts_of(self.house, self.tenant) if e.type.endswith("submission.alarmed.v1")]
        return [httpx.Response(200, text=e.data).json()["code"] for e in facts]

    def told(self, kind: str) -> int:
        return sum(e.type.endswith(f".{kind}.v1") for e in facts_of(self.house, self.tenant))
