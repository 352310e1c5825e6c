"""An accepted document becomes a PDF, in whatever order its facts arrive, for its own tenant only."""

import io
import subprocess
import time
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from functions.ri import store
from functions.ri.layout import Paper
from functions.ri.words import LEGENDS, Modalidad
from shared.db.ids import uuid7
from shared.ecf.gate import parse
from shared.ecf.qr import address
from shared.ecf.types import Environment
from shared.ecf.xml import read
from shared.events.catalogue import EcfAcceptedConditionally, EcfRejected
from shared.events.envelope import Envelope
from shared.events.remission import EcfHeld
from shared.identity.permissions import Permission
from tests.data.facts import example, signed
from tests.functions.ri.case import Case, bare, flat
from tests.functions.ri.documents import BOOK, CODE, document_xml, xml_31, xml_32
from tests.house import House


@pytest.fixture
def case(house: House) -> Case:
    return Case(house, uuid7(), uuid7(), xml_31())


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_an_accepted_document_is_drawn_in_the_background_and_handed_out(case: Case) -> None:
    assert case.deliver(case.signed()) == 204
    assert case.deliver(case.outcome()) == 204
    assert case.job() == "done"
    (stored,) = case.rows("SELECT pdf, sha256, template, formato FROM ri.renderings")
    answer = case.get()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == 'attachment; filename="131880738E310000000004.pdf"'
    assert answer.content == stored.pdf
    assert case.get().content == stored.pdf, "what was handed out once stays as it is"


@pytest.mark.usefixtures("poppler")
@pytest.mark.parametrize("xml", [xml_31(), xml_32()], ids=["31", "32"])
@pytest.mark.parametrize("formato", ["a4", "ticket"])
def test_the_qr_leads_to_the_address_of_the_document(house: House, tmp_path: Path, xml: bytes, formato: str) -> None:
    """By another renderer than the linter's."""
    case = Case(house, uuid7(), uuid7(), xml)
    case.accepted()
    (tmp_path / "a.pdf").write_bytes(case.get(formato=formato).content)
    subprocess.run(["pdftoppm", "-r", "200", "-png", "-singlefile", "a.pdf", "a"], cwd=tmp_path, check=True)
    (found,) = zxingcpp.read_barcodes(Image.open(tmp_path / "a.png"))
    assert found.text == address(Environment.TESTECF, read(parse(xml)), CODE)


def test_each_paper_is_kept_for_itself(case: Case) -> None:
    case.accepted()
    ticket = case.get(formato="ticket")
    assert ticket.status_code == 200
    assert case.get(formato="ticket").content == ticket.content
    assert case.get(formato="a4").content == case.get().content != ticket.content
    assert {row.formato for row in case.rows("SELECT formato FROM ri.renderings")} == {"a4", "ticket"}
    assert case.get(formato="letter").status_code == 422


def test_a_long_document_goes_onto_no_ticket(house: House) -> None:
    case = Case(house, uuid7(), uuid7(), xml_31(lines=499))
    case.accepted()
    answer = case.get(formato="ticket")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:roll-too-long")
    assert case.get().status_code == 200


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


@pytest.mark.parametrize("first", ["signed", "outcome"])
def test_a_rejected_document_says_so_and_is_never_drawn(case: Case, first: str) -> None:
    facts = [case.signed(), case.outcome(EcfRejected)]
    for fact in facts if first == "signed" else reversed(facts):
        assert case.deliver(fact) == 204
        if fact is not facts[0]:
            answer = case.get()
            assert (answer.status_code, answer.json()["type"], answer.json()["estado"]) == (
                409,
                "urn:getupnet:rejected-has-no-form",
                "rechazado",
            )
            assert "rechazó" in answer.json()["detail"]
    assert case.get().status_code == 409
    assert case.rows("SELECT 1 FROM ri.renderings") == []
    assert case.rows("SELECT 1 FROM flow.work WHERE function = 'ri'") == []


def test_a_document_of_deferred_sending_is_handed_out_before_acceptance_under_its_legend(house: House) -> None:
    xml = document_xml(32, [BOOK], None, id_doc={"indicador_envio_diferido": 1})
    case = Case(house, uuid7(), uuid7(), xml)
    case.deliver(case.signed())
    assert bare(LEGENDS[Modalidad.ENVIO_DIFERIDO]) in flat(PdfReader(io.BytesIO(case.get().content)))


def held(case: Case, regimen: int) -> Envelope:
    event = example(EcfHeld, invoice_id=case.invoice, modalidad="contingencia", regimen=regimen)
    return signed(case.house.keys["billing"], event, tenant=case.tenant, subject=case.invoice)


@pytest.mark.parametrize("first", ["signed", "held"])
def test_a_document_of_contingency_is_handed_out_before_acceptance_under_its_legend(case: Case, first: str) -> None:
    facts = [case.signed(), held(case, 1)]
    for fact in facts if first == "signed" else reversed(facts):
        assert case.get().status_code in (404, 409, 503)
        assert case.deliver(fact) == 204
    assert bare(LEGENDS[Modalidad.CONTINGENCIA]) in flat(PdfReader(io.BytesIO(case.get().content)))


def test_a_document_held_because_dgii_is_down_is_handed_out_without_a_legend(case: Case) -> None:
    case.deliver(case.signed())
    case.deliver(held(case, 3))
    answer = case.get()
    assert answer.status_code == 200
    assert "modalidad" not in flat(PdfReader(io.BytesIO(answer.content)))


@pytest.mark.parametrize(("regimen", "modalidad"), [(1, Modalidad.CONTINGENCIA), (3, Modalidad.DGII_CAIDA)])
def test_what_was_signed_in_contingency_says_so_at_once(case: Case, regimen: int, modalidad: Modalidad) -> None:
    case.deliver(case.signed(modalidad="contingencia", regimen=regimen))
    assert case.get().status_code == 200
    with case.house.database("ri").transaction(case.tenant) as tx:
        known = store.holding(tx, case.invoice, Paper.A4).signed
    assert known is not None
    assert known.modalidad is modalidad


def test_a_print_with_a_fault_is_held_back_recorded_and_alarmed(
    case: Case, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    printer = case.house.shell("ri").outside
    monkeypatch.setattr(printer, "draw", lambda *asked: (b"", "page 1: sums: row 4"))
    case.deliver(case.signed())
    case.deliver(case.outcome())
    assert case.job() == "done", "drawing it again would find the same"
    assert [record.levelname for record in caplog.records if record.getMessage() == "a print was held back"] == ["CRITICAL"]
    for answer in (case.get(), case.get(formato="ticket"), case.get(formato="ticket")):
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:print-held-back")
        assert "sums" not in answer.text
    held = case.rows("SELECT formato, reason FROM ri.held_back ORDER BY formato")
    assert [(row.formato, row.reason) for row in held] == [(f, "page 1: sums: row 4") for f in ("a4", "ticket")]
    assert case.rows("SELECT 1 FROM ri.renderings") == []


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
