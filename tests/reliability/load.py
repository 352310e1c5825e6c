"""Clients that emit one document after the other while something goes wrong."""

import threading
import time
from collections import Counter
from types import TracebackType
from typing import Self

from shared.db.ids import uuid7
from tests.functions.billing.bodies import FACTURA
from tests.house import House

CLIENTS = 4


class Load:
    """Until the block ends. `acknowledged` holds the e-NCF of each key.

    `again`: a document that was not answered is put aside, as its key may be leased for a while, and asked for again at the end.
    """

    def __init__(self, house: House, tenant: str, *, again: bool = True) -> None:
        self._house, self._tenant, self._again = house, tenant, again
        self.acknowledged, self.statuses = dict[str, str](), Counter[int]()
        self._over = threading.Event()
        self._clients = [threading.Thread(target=self._emit) for _ in range(CLIENTS)]

    def __enter__(self) -> Self:
        self._house.client("billing")
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        for client in self._clients:
            client.join()

    def await_answer(self, *, seconds: float = 30) -> float:
        """How long it takes until the next document is acknowledged."""
        began, before = time.monotonic(), len(self.acknowledged)
        while len(self.acknowledged) == before and time.monotonic() < began + seconds:
            time.sleep(0.02)
        return time.monotonic() - began

    def _emit(self) -> None:
        wanted = list[str]()
        while not self._over.is_set():
            wanted.append(uuid7())
            self._try(wanted[-1])
        while self._again and (left := [key for key in wanted if key not in self.acknowledged]):
            self._try(left[0])
            time.sleep(0.1)

    def _try(self, key: str) -> None:
        answer = self._house.emit(self._tenant, FACTURA, key=key)
        self.statuses[answer.status_code] += 1
        if answer.is_success:
            self.acknowledged[key] = answer.json()["encf"]
