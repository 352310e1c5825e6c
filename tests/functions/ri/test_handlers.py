"""An accepted document becomes a PDF, in whatever order its facts arrive, for its own tenant only."""

import base64
import gzip
import io
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from shared.db.ids import uuid7
from shared.ecf.gate import parse
from shared.ecf.qr import address
from shared.ecf.types import Environment
from shared.ecf.xml import read
from shared.events.catalogue import EcfAccepted, EcfAcceptedConditionally, EcfRejected, EcfSigned
from shared.events.envelope import Envelope
from shared.identity.permissions import Permission
from tests.data.facts import delivered, example, signed
from tests.functions.ri.documents import CODE, xml_31, xml_32
from tests.house import House


@dataclass(frozen=True)
class Case:
    """One invoice of a tenant of its own, and the facts about it."""

    house: House
    tenant: str
    invoice: str
    xml: bytes

    def signed(self, xml: bytes | None = None, intento: int = 1) -> Envelope:
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
        )
        return signed(self.house.keys["billing"], event, tenant=self.tenant, subject=self.invoice)

    def outcome(self, kind: Any = EcfAccepted, intento: int = 1) -> Envelope:
        event = example(kind, invoice_id=self.invoice, intento=intento)
        return signed(self.house.keys["dgii"], event, tenant=self.tenant, subject=self.invoice)

    def deliver(self, envelope: Envelope) -> int:
        headers, body = delivered(envelope)
        return self.house.client("ri").post("/events", content=body, headers=headers).status_code

    def get(self, tenant: str | None = None, *permissions: Permission) -> Any:
        headers = self.house.token(tenant or self.tenant, *permissions)
        return self.house.client("ri").get(f"/tenant/ri/{self.invoice}", headers=headers)

    def rows(self, sql: str) -> Any:
        with self.house.database("ri").transaction(self.tenant) as tx:
            return tx.rows(sql)

    def job(self) -> str:
        return str(self.rows("SELECT state FROM flow.work WHERE function = 'ri'")[0].state)


@pytest.fixture
def case(house: House) -> Case:
    return Case(house, uuid7(), uuid7(), xml_31())


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_an_accepted_document_is_drawn_in_the_background_and_handed_out(case: Case) -> None:
    assert case.deliver(case.signed()) == 204
    assert case.deliver(case.outcome()) == 204
    assert case.job() == "done"
    (stored,) = case.rows("SELECT pdf, sha256, template FROM ri.renderings")
    answer = case.get()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == 'attachment; filename="131880738E310000000004.pdf"'
    assert answer.content == stored.pdf
    assert case.get().content == stored.pdf, "what was handed out once stays as it is"


@pytest.mark.parametrize("xml", [xml_31(), xml_32()], ids=["31", "32"])
def test_the_qr_leads_to_the_address_of_the_document(house: House, tmp_path: Path, xml: bytes) -> None:
    case = Case(house, uuid7(), uuid7(), xml)
    case.deliver(case.signed())
    case.deliver(case.outcome())
    (tmp_path / "a.pdf").write_bytes(case.get().content)
    subprocess.run(["pdftoppm", "-r", "200", "-png", "-singlefile", "a.pdf", "a"], cwd=tmp_path, check=True)
    (found,) = zxingcpp.read_barcodes(Image.open(tmp_path / "a.png"), formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text == address(Environment.TESTECF, read(parse(xml)), CODE)


def test_the_signed_bytes_are_the_only_attachment(case: Case) -> None:
    case.deliver(case.signed())
    case.deliver(case.outcome())
    attachments = PdfReader(io.BytesIO(case.get().content)).attachments
    assert dict(attachments) == {"131880738E310000000004.xml": [case.xml]}


def test_a_verdict_that_overtakes_the_document_waits_for_it(case: Case) -> None:
    assert case.deliver(case.outcome(EcfAcceptedConditionally)) == 204
    answer = case.get()
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:getupnet:facts-not-seen")
    assert case.job() == "pending"
    assert case.deliver(case.signed()) == 204
    assert case.get().status_code == 200


def test_the_waiting_drawing_is_done_when_its_time_comes(case: Case) -> None:
    case.deliver(case.outcome())
    case.deliver(case.signed())
    until = time.monotonic() + 20
    other = Case(case.house, uuid7(), uuid7(), case.xml)
    while case.job() != "done" and time.monotonic() < until:
        time.sleep(0.3)
        other.deliver(other.signed(intento=1))
    assert case.job() == "done"
    assert len(case.rows("SELECT 1 FROM ri.renderings")) == 1


def test_before_acceptance_nothing_is_handed_out(case: Case) -> None:
    case.deliver(case.signed())
    answer = case.get()
    assert (answer.status_code, answer.json()["type"], answer.json()["estado"]) == (
        409,
        "urn:getupnet:not-printable-yet",
        "firmado",
    )


def test_a_rejected_document_is_not_asked_about(case: Case) -> None:
    assert case.deliver(case.outcome(EcfRejected)) == 422
    assert case.get().status_code == 404


def test_an_accepted_document_is_never_replaced(case: Case) -> None:
    case.deliver(case.signed())
    case.deliver(case.outcome())
    case.deliver(case.signed(xml_31(name="Otra cosa"), intento=2))
    case.deliver(case.outcome(EcfAcceptedConditionally, intento=2))
    (row,) = case.rows("SELECT estado, xml FROM ri.documents JOIN ri.outcomes USING (tenant_id, invoice_id)")
    assert (row.estado, row.xml) == ("aceptado", case.xml)


def test_another_tenant_and_an_unknown_invoice_are_not_found(case: Case) -> None:
    case.deliver(case.signed())
    case.deliver(case.outcome())
    assert case.get().status_code == 200
    assert case.get(uuid7()).status_code == 404
    assert Case(case.house, case.tenant, uuid7(), b"").get().status_code == 404
    assert Case(case.house, case.tenant, "x", b"").get().status_code == 422


def test_it_takes_the_permission(case: Case) -> None:
    assert case.get(case.tenant, Permission.INVOICES_READ).status_code == 403


def drawn(house: House, xml: bytes) -> PdfReader:
    case = Case(house, uuid7(), uuid7(), xml)
    case.deliver(case.signed())
    case.deliver(case.outcome())
    return PdfReader(io.BytesIO(case.get().content))


def flat(reader: PdfReader) -> str:
    """All text without blanks: where a line breaks is the layout's business, and kerning looks like a blank to pypdf."""
    return bare("".join(page.extract_text() for page in reader.pages))


def bare(text: str) -> str:
    return "".join(text.split())


PRINTED_31 = [
    "Factura de Crédito Fiscal Electrónica",
    "e-NCF: E310000000004",
    "Fecha Vencimiento: 31-12-2028",
    "Ferretería La Prueba",
    "EMPRESA DE PRUEBA SRL",
    "RNC 131880738",
    "Dirección: Av. Primera 1, Ensanche, Santo Domingo de Guzmán (D. M.), Distrito Nacional",
    "Fecha Emisión: 24-11-2026",
    "Razón Social Cliente: COMPRADOR DE PRUEBA SRL",
    "RNC Cliente: 131880681",
    "Servicio de consultoría",
    "12.5 Cemento gris Caja/Cajón 385.7525 858.94 -50.00 4,771.91",
    "E Libro escolar",
    "Subtotal Gravado 5,771.91",
    "Subtotal Exento 1,000.00",
    "Total ITBIS 1,038.94",
    "Total 7,810.85",
    f"Código de Seguridad: {CODE}",
    "Fecha de Firma Digital: 24-11-2026 10:00:00",
    "Página No. 1 de 1",
]


def test_a_credito_fiscal_shows_all_that_must_be_printed(house: House) -> None:
    reader = drawn(house, xml_31())
    said = flat(reader)
    assert [value for value in PRINTED_31 if bare(value) not in said] == [], said
    assert "Recargo" not in said
    assert reader.metadata is not None
    assert reader.metadata.title == "131880738E310000000004"


def test_a_consumo_shows_no_expiry_and_no_column_without_values(house: House) -> None:
    said = flat(drawn(house, xml_32()))
    for value in (
        "Factura de Consumo Electrónica",
        "e-NCF: E320000000004",
        "CONSUMIDOR FINAL",
        "E Libro escolar",
        "Total 1,000.00",
    ):
        assert bare(value) in said, said
    for value in ("Vencimiento", "Unidad de Medida", "Descuento", "Recargo", "PVP", "Grados", "ISC", "RNC Cliente"):
        assert bare(value) not in said, said


def test_heading_and_stamp_stand_on_every_page(house: House) -> None:
    reader = drawn(house, xml_31(lines=60))
    assert len(reader.pages) > 1
    for number, page in enumerate(reader.pages, 1):
        said = bare(page.extract_text())
        for value in ("e-NCF: E310000000004", "RNC 131880738", CODE, f"Página No. {number} de {len(reader.pages)}"):
            assert bare(value) in said, said
    assert ["TotalITBIS" in bare(page.extract_text()) for page in reader.pages] == [False] * (len(reader.pages) - 1) + [True]


@pytest.mark.parametrize(
    "name", ["<img src=http://127.0.0.1:1/x>", "<b>negrita</b>", "<link rel=attachment href=file:///etc/hosts>"]
)
def test_markup_in_a_name_is_printed_as_text(house: House, name: str) -> None:
    reader = drawn(house, xml_31(name=name))
    assert bare(name) in flat(reader)
    assert len(reader.attachments) == 1
