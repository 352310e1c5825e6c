"""An ERP as it should be: it retries a document with the same Idempotency-Key until it is answered, and writes down what it saw."""

import json
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.reliability.platform import Company

_TOKEN_SECONDS = 600
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Operation:
    """One document somebody wanted: `answered` is 201 or 202 once it was acknowledged, else the last status (0: no answer)."""

    tenant: str
    key: str
    began: float
    ended: float
    answered: int
    encf: str | None
    tries: int

    @property
    def acknowledged(self) -> bool:
        return self.answered in (201, 202)


class Recorder:
    """The history of all operations: in memory, and one JSON line each in a file."""

    def __init__(self, file: Path) -> None:
        self.operations: list[Operation] = []
        self._file, self._lock = file, threading.Lock()

    def add(self, operation: Operation) -> None:
        with self._lock, self._file.open("a", encoding="utf-8") as out:
            self.operations.append(operation)
            out.write(json.dumps(asdict(operation)) + "\n")


class Erp:
    """Emits for one company. `patience` in seconds is how long one document is retried; 0 is one try and no second look."""

    def __init__(self, url: str, company: Company, recorder: Recorder) -> None:
        self.company, self._recorder = company, recorder
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._bearer, self._renew_at = "", 0.0

    def emit(self, body: dict[str, Any], *, patience: float = 120) -> Operation:
        """One document, as far as `patience` goes."""
        key, began, tries, status, encf = secrets.token_hex(12), time.time(), 0, 0, None
        while tries == 0 or (status not in (201, 202) and time.time() - began < patience):
            time.sleep(_PAUSE_SECONDS if tries else 0)
            tries += 1
            status, encf = self._try(body, key)
        operation = Operation(self.company.tenant, key, began, time.time(), status, encf, tries)
        self._recorder.add(operation)
        return operation

    def _try(self, body: dict[str, Any], key: str) -> tuple[int, str | None]:
        try:
            headers = {"Authorization": f"Bearer {self._token()}", "Idempotency-Key": key}
            answer = self._http.post("/tenant/emit/ecf", json=body, headers=headers)
        except httpx.HTTPError:
            return 0, None
        if answer.status_code in (201, 202):
            return answer.status_code, answer.json()["encf"]
        if answer.status_code not in (401, 409, 429, 500, 502, 503, 504):
            raise AssertionError(f"a good document is refused: {answer.status_code} {answer.text[:300]}")
        return answer.status_code, None

    def _token(self) -> str:
        if time.monotonic() > self._renew_at:
            grant = {"grant_type": "client_credentials"}
            answer = self._http.post("/auth/token", data=grant, auth=self.company.client).raise_for_status()
            self._bearer, self._renew_at = answer.json()["access_token"], time.monotonic() + _TOKEN_SECONDS
        return self._bearer


def a_document(number: int) -> dict[str, Any]:
    """A crédito fiscal, every third one a small consumo, which travels as its summary."""
    item = {"nombre_item": "Libro", "indicador_bien_o_servicio": 1, "cantidad_item": "1", "precio_unitario_item": "500.00"}
    if number % 3 == 2:
        return {
            "tipo_ecf": 32,
            "id_doc": {"tipo_ingresos": "01", "tipo_pago": 1},
            "comprador": {"razon_social_comprador": "CONSUMIDOR FINAL"},
            "items": [item | {"indicador_facturacion": 4}],
        }
    return {
        "tipo_ecf": 31,
        "id_doc": {"tipo_ingresos": "01", "tipo_pago": 1, "indicador_monto_gravado": 0},
        "comprador": {"rnc_comprador": "131880681", "razon_social_comprador": "COMPRADOR DE PRUEBA SRL"},
        "items": [item | {"indicador_facturacion": 1}],
    }
