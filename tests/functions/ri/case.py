"""One invoice of a tenant of its own, the facts about it, and the door to its print."""

import base64
import gzip
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader

from shared.ecf.gate import parse
from shared.ecf.xml import read
from shared.events.catalogue import EcfAccepted, EcfSigned
from shared.events.envelope import Envelope
from shared.identity.permissions import Permission
from tests.data.facts import delivered, example, signed
from tests.functions.ri.documents import CODE
from tests.house import House


@dataclass(frozen=True)
class Case:
    """One invoice of a tenant of its own, and the facts about it."""

    house: House
    tenant: str
    invoice: str
    xml: bytes

    def signed(self, xml: bytes | None = None, intento: int = 1, **more: object) -> Envelope:
        document = read(parse(self.xml))
        event = example(
            EcfSigned,
            invoice_id=self.invoice,
            environment="testecf",
            rnc_emisor=document.rnc_emisor,
            encf=str(document.encf),
            intento=intento,
            codigo_seguridad=CODE,
            ecf=base64.b64encode(gzip.compress(xml or self.xml)).decode(),
            rfce=None,
            **more,
        )
        return signed(self.house.keys["billing"], event, tenant=self.tenant, subject=self.invoice)

    def outcome(self, kind: Any = EcfAccepted, intento: int = 1) -> Envelope:
        event = example(kind, invoice_id=self.invoice, intento=intento)
        return signed(self.house.keys["dgii"], event, tenant=self.tenant, subject=self.invoice)

    def deliver(self, envelope: Envelope) -> int:
        headers, body = delivered(envelope)
        return self.house.client("ri").post("/events", content=body, headers=headers).status_code

    def get(self, tenant: str | None = None, *permissions: Permission, formato: str | None = None) -> Any:
        headers = self.house.token(tenant or self.tenant, *permissions)
        asked = {"formato": formato} if formato else {}
        return self.house.client("ri").get(f"/tenant/ri/{self.invoice}", headers=headers, params=asked)

    def accepted(self) -> None:
        assert self.deliver(self.signed()) == 204
        assert self.deliver(self.outcome()) == 204

    def rows(self, sql: str) -> Any:
        with self.house.database("ri").transaction(self.tenant) as tx:
            return tx.rows(sql)

    def job(self) -> str:
        return str(self.rows("SELECT state FROM flow.work WHERE function = 'ri'")[0].state)


def flat(reader: PdfReader) -> str:
    """All text without blanks: where a line breaks is the layout's business, and kerning looks like a blank to pypdf."""
    return bare("".join(page.extract_text() for page in reader.pages))


def bare(text: str) -> str:
    return "".join(text.split())
