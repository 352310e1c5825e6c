"""sign signs what it has convinced itself of, for whom it knows, and always the same way."""

import base64
import json
from typing import Any

import pytest

from shared.db.ids import uuid7
from shared.ecf.signature import verify
from shared.events.catalogue import CertificateRegistered
from shared.identity.tokens import issue_service_token
from tests.data.documents import invoice
from tests.data.facts import delivered, example, signed
from tests.house import House, a_rnc

SEED = b"<SemillaModel>\n  <valor>abc=</valor>\n  <fecha>2026-11-24T12:00:00-04:00</fecha>\n</SemillaModel>"


class Company:
    """A tenant with ranges 1 to 1000 of 31 and 32 and one certificate."""

    def __init__(self, house: House) -> None:
        self.house, self.rnc = house, a_rnc()
        self.tenant = house.company(self.rnc)
        listed = house.client("client").get("/tenant/certificates", headers=house.token(self.tenant)).json()
        self.certificate = listed["items"][0]["id"]

    def sign(self, content: bytes, *, caller: str = "billing", **given: Any) -> Any:
        body = self.body(content, **given)
        return self.post(body, body, caller=caller, purpose=given.get("purpose", "ecf"))

    def body(self, content: bytes, **given: Any) -> bytes:
        sent = {"purpose": "ecf", "certificate_id": self.certificate, "xml": base64.b64encode(content).decode()}
        return json.dumps(sent | given).encode()

    def post(
        self, body: bytes, signed_body: bytes, *, caller: str = "billing", tenant: str | None = None, purpose: str = "ecf"
    ) -> Any:
        token = issue_service_token(
            self.house.keys[caller], audience="sign", tenant=tenant or self.tenant, purpose=purpose, body=signed_body
        )
        headers = {"authorization": "Bearer " + token, "content-type": "application/json"}
        return self.house.client("sign").post("/sign/xml", content=body, headers=headers)

    def document(self, encf: str = "E310000000001", **given: str) -> bytes:
        return invoice(encf, **({"rnc": self.rnc, "vencimiento": "31-12-2028"} | given))


@pytest.fixture(scope="module")
def company(house: House) -> Company:
    return Company(house)


def refused(answer: Any, words: str) -> None:
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:signing-refused"), answer.text
    assert words in answer.json()["detail"]


def test_a_document_of_the_company_is_signed_and_verifies(company: Company) -> None:
    answer = company.sign(company.document())
    assert answer.status_code == 200, answer.text
    verified = verify(base64.b64decode(answer.json()["xml"]), at=None)
    assert verified.codigo_seguridad == answer.json()["codigo_seguridad"]
    assert answer.json()["rfce"] is None


def test_the_same_bytes_get_the_same_signature(company: Company) -> None:
    xml = company.document("E310000000002")
    first, again = company.sign(xml).json(), company.sign(xml).json()
    assert first == again
    assert company.sign(company.document("E310000000003")).json()["xml"] != first["xml"]


def test_a_small_consumo_brings_its_summary_with_the_code_of_the_whole(company: Company) -> None:
    answer = company.sign(company.document("E320000000001", buyer="")).json()
    summary = verify(base64.b64decode(answer["rfce"]), at=None)
    assert summary.root.findtext("Encabezado/CodigoSeguridadeCF") == answer["codigo_seguridad"]
    whole = verify(base64.b64decode(answer["xml"]), at=None)
    assert summary.codigo_seguridad != whole.codigo_seguridad == answer["codigo_seguridad"]


def test_another_companys_rnc_is_refused(company: Company) -> None:
    refused(company.sign(company.document(rnc=a_rnc())), "RNC")


def test_an_expiry_that_is_not_the_ranges_is_refused(company: Company) -> None:
    refused(company.sign(company.document(vencimiento="31-12-2029")), "rango")


def test_a_number_that_no_known_range_holds_is_not_signed_yet(company: Company) -> None:
    """Its range may be on its way, which sign cannot tell from a number that was made up."""
    answer = company.sign(company.document("E310000001001"))
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:getupnet:facts-not-seen")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<TipoPago>1</TipoPago>", b""),
        (b"<TipoPago>1</TipoPago>", b"<TipoPago>9</TipoPago>"),
        (b"<Version>1.0</Version>", b"<Version>1.0</Version><Otro>x</Otro>"),
        (b"<MontoTotal>1180.00</MontoTotal>", b"<MontoTotal>1,180.00</MontoTotal>"),
    ],
)
def test_a_document_that_the_schema_refuses_is_refused(company: Company, old: bytes, new: bytes) -> None:
    xml = company.document()
    assert old in xml
    assert company.sign(xml.replace(old, new)).status_code in {409, 422}


@pytest.mark.parametrize("xml", [b"x", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><ECF>&b;</ECF>", b"\x00", b"<ECF/>"])
def test_what_is_no_document_is_refused(company: Company, xml: bytes) -> None:
    answer = company.sign(xml)
    assert 400 <= answer.status_code < 500, answer.text


def test_a_certificate_that_was_not_in_force_is_refused(house: House, company: Company) -> None:
    old = uuid7()
    fact = example(CertificateRegistered, certificate_id=old, not_after="2026-01-02T00:00:00+00:00")
    headers, body = delivered(signed(house.keys["client"], fact, tenant=company.tenant))
    assert house.client("sign").post("/events", content=body, headers=headers).status_code == 204
    refused(company.sign(company.document(), certificate_id=old), "certificado")
    refused(company.sign(SEED, certificate_id=old, purpose="semilla", caller="dgii"), "certificado")


def test_facts_that_were_not_seen_mean_again(house: House, company: Company) -> None:
    other = Company(house)
    for answer in (
        company.sign(company.document(), certificate_id=uuid7()),
        company.sign(company.document(), certificate_id=other.certificate),
        other.post(*[other.body(company.document())] * 2, tenant=uuid7()),
    ):
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:getupnet:facts-not-seen")


@pytest.mark.parametrize("change", [{"purpose": "bytes"}, {"certificate_id": "x"}, {"xml": "no base64!"}, {"more": 1}])
def test_a_request_of_another_shape_is_refused(company: Company, change: dict[str, Any]) -> None:
    assert company.sign(company.document(), **change).status_code == 422


@pytest.mark.parametrize("caller", ["plans", "admin", "client", "sign", "relay"])
def test_a_function_that_has_no_business_here_is_refused(company: Company, caller: str) -> None:
    answer = company.sign(company.document(), caller=caller)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:getupnet:token-refused")


def test_a_touched_body_a_persons_token_and_no_token_are_refused(house: House, company: Company) -> None:
    body = company.body(company.document())
    assert company.post(body, body).status_code == 200
    assert company.post(body + b" ", body).status_code == 401
    client = house.client("sign")
    assert client.post("/sign/xml", content=body, headers=house.token(company.tenant)).status_code == 401
    assert client.post("/sign/xml", content=body).status_code == 401


def test_a_seed_is_signed_and_anything_else_in_its_place_is_refused(company: Company) -> None:
    answer = company.sign(SEED, purpose="semilla", caller="dgii")
    assert answer.status_code == 200, answer.text
    assert b"<valor>abc=</valor>" in base64.b64decode(answer.json()["xml"])
    refused(company.sign(company.document(), purpose="semilla", caller="dgii"), "semilla")
    refused(company.sign(SEED.replace(b"</SemillaModel>", b"<x>1</x></SemillaModel>"), purpose="semilla", caller="dgii"), "semilla")


def test_every_signature_is_written_down(house: House, company: Company) -> None:
    company.sign(company.document("E310000000009"))
    with house.database("sign").transaction(company.tenant) as tx:
        rows = tx.rows("SELECT caller, purpose FROM sign.signatures WHERE encf = 'E310000000009'")
    assert [(r.caller, r.purpose) for r in rows] == [("billing", "ecf")]
