"""A client of the public door and nothing else: it does what an ERP and two people would do, and times each step."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from rich.console import Console

from functions.sandbox.authority import Authority
from knative.demo.login import Login, answer_challenge

# Longer than relay takes to heal what was lost (its HEAL_AFTER_SECONDS and the 15 s between its looks).
PATIENCE_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 0.1
P12_PASSWORD = "demostración"
ACCEPTED = ("aceptado", "aceptado_condicional")


class StepFailed(Exception):
    """A step of the demo did not do what it should; the message says which and how."""


@dataclass(frozen=True)
class Step:
    """`cold`: a function had to be started to answer."""

    function: str
    what: str
    ms: int
    cold: bool


@dataclass(frozen=True)
class Company:
    id: str
    rnc: str


@dataclass
class Receipt:
    """One document on its way; `ms` holds what each stage took."""

    name: str
    invoice: dict[str, Any]
    ms: dict[str, int]
    began: float
    fee: str | None = None
    files: dict[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return self.invoice["estado"] in ACCEPTED

    def summary(self) -> dict[str, Any]:
        """Its entry in summary.json."""
        return {
            "tipo": self.invoice["tipo_ecf"],
            "encf": self.invoice["encf"],
            "estado": self.invoice["estado"],
            "monto_total": self.invoice["monto_total"],
            "codigo_seguridad": self.invoice["codigo_seguridad"],
            "track_id": self.invoice["track_id"],
            "qr_url": self.invoice["qr_url"],
            "xml": self.files.get("xml"),
            "pdf": self.files.get("pdf"),
            "rfce": self.files.get("rfce"),
            "fee": self.fee,
            "ms": self.ms,
        }


class Driver:
    """Talks to `url`; `cold_starts` tells which functions were started so far, and when."""

    def __init__(self, url: str, cold_starts: Callable[[], dict[str, list[float]]], console: Console) -> None:
        self._http = httpx.Client(base_url=url, timeout=PATIENCE_SECONDS, trust_env=False)
        self._cold_starts, self._console = cold_starts, console
        self.token = ""
        self.steps: list[Step] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.close()

    @staticmethod
    def new_password() -> str:
        return secrets.token_urlsafe(18)

    def call(self, function: str, what: str, method: str, path: str, *, expect: int, **request: Any) -> httpx.Response:
        """One timed request; StepFailed with the problem's own words unless the status is `expect`."""
        starts, began = self._started(function), time.perf_counter()
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= request.pop("headers", {})
        answer = self._http.request(method, path, headers=headers, **request)
        ms = round((time.perf_counter() - began) * 1000)
        step = Step(function, what, ms, self._started(function) > starts)
        self.steps.append(step)
        if answer.status_code != expect:
            raise StepFailed(f"{what}: {method} {path} → {answer.status_code} {answer.text[:400]}")
        self._console.print(f"[green]✓[/] {what} [dim]({function}, {ms} ms{', en frío' if step.cold else ''})[/]")
        return answer

    def _started(self, function: str) -> int:
        return len(self._cold_starts().get(function, []))

    def open_company(self, admin: Login) -> Company:
        """From the platform admin's log-in to an owner who is logged in, with a certificate and two ranges."""
        owner, password, rnc = f"duena-{secrets.token_hex(4)}@empresa.example", self.new_password(), a_rnc()
        self._log_in("El administrador de la plataforma inicia sesión", admin.email, admin.password, admin.codes())
        body = {
            "rnc": rnc,
            "environment": "testecf",
            "razon_social": "COMERCIAL DEMOSTRACIÓN SRL",
            "nombre_comercial": "Demostración",
            "direccion": "Calle El Conde 101",
            "municipio": "010100",
            "provincia": "010000",
            "telefono": "809-555-0100",
            "correo": "facturas@empresa.example",
            "owner": {"email": owner, "name": "Dueña de Prueba"},
        }
        made = self.call("admin", "Crea la empresa", "POST", "/admin/companies", expect=201, json=body).json()
        self._until_ready(made["id"])
        invited = self.call("auth", "Invita a la dueña", "POST", "/auth/invitations", expect=201, json={"email": owner})
        self.token = ""
        acceptance = {"token": invited.json()["token"], "password": password}
        self.call("auth", "La dueña fija su contraseña", "POST", "/auth/invitations/accept", expect=204, json=acceptance)
        self._log_in("La dueña inicia sesión", owner, password)
        self._upload_certificate()
        for tipo in (31, 32):
            wanted = {"tipo_ecf": tipo, "desde": 1, "hasta": 10_000, "vencimiento": "2028-12-31"}
            self.call("billing", f"Registra la secuencia de e-CF {tipo}", "POST", "/tenant/sequences", expect=201, json=wanted)
        return Company(made["id"], rnc)

    def _log_in(self, what: str, email: str, password: str, codes: Iterator[str] | None = None) -> None:
        self.token = ""
        answer = self.call("auth", what, "POST", "/auth/login", expect=200, json={"email": email, "password": password}).json()
        self.token = answer["access_token"] if codes is None else self._second_factor(answer["challenge"], codes)

    def _second_factor(self, challenge: str, codes: Iterator[str]) -> str:
        answer = answer_challenge(self._http, challenge, codes)
        if answer.status_code != 200:
            raise StepFailed(f"segundo factor → {answer.status_code} {answer.text[:400]}")
        self._console.print("[green]✓[/] Segundo factor [dim](auth)[/]")
        return str(answer.json()["access_token"])

    def _until_ready(self, company_id: str) -> None:
        for state in self._poll(f"/admin/companies/{company_id}", "la empresa no queda lista"):
            if state["ready"]:
                return

    def _upload_certificate(self) -> None:
        leaf = Authority.create().issue()
        self.call(
            "client",
            "Carga el certificado de firma (P12)",
            "POST",
            "/tenant/certificates",
            expect=201,
            files={"p12": ("prueba.p12", leaf.p12(P12_PASSWORD), "application/x-pkcs12")},
            data={"password": P12_PASSWORD},
        )

    @staticmethod
    def receipts() -> list[tuple[str, dict[str, Any]]]:
        """A 31, a 32 of 300,000 DOP and a 32 of 500 DOP, which travels as RFCE."""
        buyer = {"rnc_comprador": "131880681", "razon_social_comprador": "COMPRADOR DE PRUEBA SRL"}
        service = {"indicador_bien_o_servicio": 2, "indicador_facturacion": 1, "cantidad_item": "1"}
        id_doc = {"tipo_ingresos": "01", "tipo_pago": 1}
        return [
            (
                "Factura de crédito fiscal (31)",
                {
                    "tipo_ecf": 31,
                    "id_doc": id_doc | {"indicador_monto_gravado": 0},
                    "comprador": buyer,
                    "items": [
                        service | {"nombre_item": "Servicio de consultoría", "precio_unitario_item": "15000.00"},
                        service | {"nombre_item": "Soporte técnico", "cantidad_item": "3", "precio_unitario_item": "1250.00"},
                    ],
                },
            ),
            (
                "Factura de consumo de 300,000 (32)",
                {
                    "tipo_ecf": 32,
                    "id_doc": id_doc,
                    "comprador": buyer,
                    "items": [
                        service | {"nombre_item": "Equipo exento", "indicador_facturacion": 4, "precio_unitario_item": "300000.00"}
                    ],
                },
            ),
            (
                "Factura de consumo de 500 (32, viaja como RFCE)",
                {
                    "tipo_ecf": 32,
                    "id_doc": id_doc,
                    "comprador": {"razon_social_comprador": "CONSUMIDOR FINAL"},
                    "items": [service | {"nombre_item": "Libro", "indicador_facturacion": 4, "precio_unitario_item": "500.00"}],
                },
            ),
        ]

    def emit(self, name: str, body: dict[str, Any]) -> Receipt:
        """Emit one document; the facts that sign needs may still be on their way, so a 503 is asked again."""
        began, key = time.perf_counter(), secrets.token_hex(16)
        until = began + PATIENCE_SECONDS
        while True:
            try:
                headers = {"Idempotency-Key": key}
                answer = self.call("billing", f"Emite: {name}", "POST", "/tenant/emit/ecf", expect=201, json=body, headers=headers)
                break
            except StepFailed:
                last = self.steps[-1]
                if time.perf_counter() > until or last.what != f"Emite: {name}":
                    raise
                time.sleep(LOOK_AGAIN_SECONDS)
        return Receipt(name, answer.json(), {"emit": self.steps[-1].ms}, began)

    def await_verdict(self, receipt: Receipt) -> None:
        """Ask until DGII has spoken."""
        path = f"/tenant/invoices/{receipt.invoice['id']}"
        for invoice in self._poll(path, f"la DGII no responde sobre {receipt.invoice['encf']}"):
            receipt.invoice = invoice
            if invoice["estado"] in (*ACCEPTED, "rechazado"):
                break
        receipt.ms["verdict"] = round((time.perf_counter() - receipt.began) * 1000)
        mark = "[green]✓[/]" if receipt.accepted else "[red]✗[/]"
        self._console.print(f"{mark} {receipt.invoice['encf']} {receipt.invoice['estado']} [dim]({receipt.ms['verdict']} ms)[/]")
        if not receipt.accepted:
            raise StepFailed(f"{receipt.invoice['encf']}: {receipt.invoice['mensajes']}")

    def collect(self, receipt: Receipt, out: Path) -> None:
        """Fetch the signed XML, the summary, the printed form and the charge."""
        invoice, name = receipt.invoice, f"{receipt.invoice['rnc_emisor']}{receipt.invoice['encf']}"
        self._save(receipt, "xml", f"/tenant/invoices/{invoice['id']}/xml", out / f"{name}.xml")
        if invoice["track_id"] is None:
            self._save(receipt, "rfce", f"/tenant/invoices/{invoice['id']}/rfce", out / "rfce" / f"{name}.xml")
        self._save(receipt, "pdf", f"/tenant/ri/{invoice['id']}", out / f"{name}.pdf")
        receipt.ms["printed"] = round((time.perf_counter() - receipt.began) * 1000)
        for charges in self._poll(f"/tenant/plans/charges?invoice_id={invoice['id']}", "el cargo no aparece"):
            if charges["items"]:
                receipt.fee = charges["items"][0]["fee"]
                break
        receipt.ms["charged"] = round((time.perf_counter() - receipt.began) * 1000)

    def _save(self, receipt: Receipt, kind: str, path: str, file: Path) -> None:
        until = time.perf_counter() + PATIENCE_SECONDS
        while (answer := self._get(path)).status_code in (404, 409, 503) and time.perf_counter() < until:
            time.sleep(LOOK_AGAIN_SECONDS)
        if answer.status_code != 200:
            raise StepFailed(f"{path} → {answer.status_code} {answer.text[:300]}")
        file.write_bytes(answer.content)
        receipt.files[kind] = os.fspath(file.relative_to(file.parents[1] if kind == "rfce" else file.parent))

    def audit(self) -> dict[str, Any]:
        """The chain once everything is sealed."""
        for verdict in self._poll("/audit/verify", "la auditoría no se sella"):
            if verdict["pending"] == 0 and verdict["records"] > 0:
                return verdict
        raise StepFailed("la auditoría no se sella")

    def _get(self, path: str) -> httpx.Response:
        return self._http.get(path, headers={"Authorization": f"Bearer {self.token}"})

    def _poll(self, path: str, complaint: str) -> Iterator[dict[str, Any]]:
        until = time.perf_counter() + PATIENCE_SECONDS
        while time.perf_counter() < until:
            answer = self._get(path)
            if answer.status_code == 200:
                yield answer.json()
            elif answer.status_code != 503:
                raise StepFailed(f"{path} → {answer.status_code} {answer.text[:300]}")
            time.sleep(LOOK_AGAIN_SECONDS)
        raise StepFailed(complaint)


def a_rnc() -> str:
    """An invented RNC with a right check digit."""
    eight = f"1{secrets.randbelow(10_000_000):07d}"
    rest = sum(int(d) * w for d, w in zip(eight, (7, 9, 8, 6, 5, 4, 3, 2), strict=True)) % 11
    return eight + str({0: 2, 1: 1}.get(rest, 11 - rest))
